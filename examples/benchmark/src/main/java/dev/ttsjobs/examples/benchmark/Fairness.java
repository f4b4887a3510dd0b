package dev.ttsjobs.examples.benchmark;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.SpeechJobs;
import dev.ttsjobs.examples.voice.OfflineVoiceServer;
import dev.ttsjobs.examples.voice.VoiceLedger;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.queue.jdbc.JdbcJobQueue;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How long a learner's small job waits behind another owner's import of many thousand phrases that a worker in another
 * process is busy with: from commit to its first call, and to its last.
 */
@Command(name = "fairness", description = "A small job behind a huge import: from commit to its first and last call.")
final class Fairness extends Measure {

    private static final Duration LATENCY = Duration.ofMillis(300);

    @Option(names = "--import", defaultValue = "100000", description = "Phrases before it. Default: ${DEFAULT-VALUE}")
    private int imported;

    @Option(names = "--phrases", defaultValue = "20", description = "Of a small job. Default: ${DEFAULT-VALUE}")
    private int phrases;

    @Option(names = "--jobs", defaultValue = "20", description = "One after the other. Default: ${DEFAULT-VALUE}")
    private int count;

    @Option(names = "--rpm", defaultValue = "3000", description = "Calls a minute. Default: ${DEFAULT-VALUE}")
    private int requestsPerMinute;

    private final Bench.Supply benches;

    Fairness(Bench.Supply benches) {
        this.benches = benches;
    }

    @Override
    void measure(PrintWriter out) throws Exception {
        try (Bench bench = benches.open();
                OfflineVoiceServer provider = Bench.provider(LATENCY)) {
            String url = bench.newDatabase();
            try (HikariDataSource source = bench.connect(url, 3);
                    JdbcJobQueue queue = JdbcJobQueue.open(source)) {
                SpeechJobs jobs = SpeechJobs.builder(queue).build();
                jobs.submit(Bench.deck("import", imported));
                bench.startWorker(url, provider.baseUrl(), requestsPerMinute);
                Bench.await(
                        Duration.ofSeconds(30),
                        "the import to be under way",
                        () -> provider.ledger().calls() > 100);
                List<Double> first = new ArrayList<>();
                List<Double> last = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                    String series = "learner " + i;
                    JobId id =
                            jobs.submit(Bench.deck("learner", series, phrases)).id();
                    Instant committed = Instant.now();
                    Bench.awaitEnd(jobs, id);
                    List<Instant> calls = calls(provider.ledger(), series);
                    first.add(seconds(committed, calls.get(0)));
                    last.add(seconds(committed, calls.get(calls.size() - 1)));
                }
                report(out, "first call", first);
                report(out, "last call", last);
            } finally {
                bench.stopProcesses();
            }
        }
    }

    private void report(PrintWriter out, String what, List<Double> seconds) {
        Figures figures = new Figures(what, seconds);
        out.printf(
                Locale.ROOT,
                "%d phrases behind %d, commit to %s, %d jobs: p50 %.3f s, worst %.3f s%n",
                phrases,
                imported,
                what,
                count,
                figures.median(),
                figures.quantile(1));
    }

    /** When each sentence of the series was called for, the earliest first. */
    private List<Instant> calls(VoiceLedger ledger, String series) {
        return IntStream.range(0, phrases)
                .mapToObj(i -> ledger.firstCallFor(Bench.text(series, i)).orElseThrow())
                .sorted()
                .toList();
    }

    private static double seconds(Instant from, Instant to) {
        return Duration.between(from, to).toNanos() / 1e9;
    }
}
