package dev.ttsjobs.examples.benchmark;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** One command a figure: {@code java -jar examples/benchmark/target/tts-benchmark.jar makespan}. */
@Command(
        name = "benchmark",
        mixinStandardHelpOptions = true,
        description = "Measures TTS Jobs; each figure is one command.")
public final class Benchmark {

    private Benchmark() {}

    /** Runs one figure; see {@code --help}. */
    public static void main(String[] arguments) {
        System.exit(commandLine(Bench::open).execute(arguments));
    }

    static CommandLine commandLine(Bench.Supply benches) {
        return new CommandLine(new Benchmark())
                .addSubcommand(new Makespan(benches))
                .addSubcommand(new FirstByte(benches))
                .addSubcommand(new Throughput(benches))
                .addSubcommand(new Backlog(benches))
                .addSubcommand(new Fairness(benches))
                .addSubcommand(new Cancellation(benches))
                .addSubcommand(new Cost(benches))
                .addSubcommand(new ServerStart())
                .addSubcommand(new Jmh());
    }

    /** JMH, for the parts that are arithmetic. */
    @Command(name = "jmh", description = "The pure parts under JMH; what follows is for JMH, as -f 1 -wi 3 -i 5.")
    static final class Jmh implements Callable<Integer> {

        @Parameters(arity = "0..*")
        private String[] arguments = {};

        @Override
        public Integer call() throws Exception {
            org.openjdk.jmh.Main.main(arguments);
            return 0;
        }
    }
}
