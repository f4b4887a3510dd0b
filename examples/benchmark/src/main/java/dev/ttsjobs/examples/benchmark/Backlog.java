package dev.ttsjobs.examples.benchmark;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.SpeechJobs;
import dev.ttsjobs.queue.ClipQueue.Outcome;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import dev.ttsjobs.queue.Lease;
import dev.ttsjobs.queue.jdbc.JdbcJobQueue;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What a long queue costs: accepting it, and claiming from it, against a short one. What was claimed goes back at once. */
@Command(name = "backlog", description = "Submitting many phrases, and claims with many waiting against few.")
final class Backlog extends Measure {

    private static final int FEW = 1_000;
    private static final int GROUP = 32;

    @Option(names = "--waiting", defaultValue = "200000", description = "Default: ${DEFAULT-VALUE}")
    private int waiting;

    @Option(names = "--phrases", defaultValue = "100000", description = "In one job. Default: ${DEFAULT-VALUE}")
    private int phrases;

    @Option(names = "--claims", defaultValue = "500", description = "Default: ${DEFAULT-VALUE}")
    private int claims;

    private final Bench.Supply benches;

    Backlog(Bench.Supply benches) {
        this.benches = benches;
    }

    @Override
    void measure(PrintWriter out) throws Exception {
        try (Bench bench = benches.open();
                HikariDataSource source = bench.connect(bench.newDatabase(), 3);
                JdbcJobQueue queue = JdbcJobQueue.open(source)) {
            SpeechJobs jobs = SpeechJobs.builder(queue).build();
            jobs.submit(Bench.deck("few", FEW));
            // The first claims of a process are slow whatever the queue's length.
            claimMillis(queue);
            Figures few = new Figures("claims with " + FEW + " waiting, ms", claimMillis(queue));
            List<Double> rates = new ArrayList<>();
            for (int there = FEW; there < waiting; there += phrases) {
                long start = System.nanoTime();
                jobs.submit(Bench.deck("many " + there, phrases));
                rates.add(phrases / ((System.nanoTime() - start) / 1e9));
            }
            out.println(new Figures("submit of " + phrases + ", phrases/s", rates).line());
            out.printf(Locale.ROOT, "heap after all is collected: %,d KB%n", heapKilobytes());
            Figures many = new Figures("claims with " + waiting + " waiting, ms", claimMillis(queue));
            for (Figures figures : List.of(few, many)) {
                out.printf(
                        Locale.ROOT,
                        "%s: p50 %.2f, p99 %.2f, worst %.2f%n",
                        figures.name(),
                        figures.median(),
                        figures.quantile(0.99),
                        figures.quantile(1));
            }
            out.printf(
                    Locale.ROOT,
                    "many / few: p50 %.2f, p99 %.2f%n",
                    many.median() / few.median(),
                    many.quantile(0.99) / few.quantile(0.99));
        }
    }

    private List<Double> claimMillis(JdbcJobQueue queue) {
        WorkerId worker = new WorkerId(UUID.randomUUID());
        queue.beat(worker, Duration.ofHours(1));
        List<Double> millis = new ArrayList<>();
        for (int i = 0; i < claims; i++) {
            long start = System.nanoTime();
            List<Lease> leases = queue.claim(worker, GROUP);
            millis.add((System.nanoTime() - start) / 1e6);
            if (leases.size() < GROUP) {
                throw new IllegalStateException("only " + leases.size() + " clips were there to be claimed");
            }
            queue.settle(leases.stream().<Outcome>map(Outcome.Released::new).toList());
        }
        queue.leave(worker);
        return millis;
    }

    private static long heapKilobytes() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return (runtime.totalMemory() - runtime.freeMemory()) / 1024;
    }
}
