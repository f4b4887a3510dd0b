package dev.ttsjobs.examples.benchmark;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.SpeechJobs;
import dev.ttsjobs.examples.voice.OfflineVoiceServer;
import dev.ttsjobs.examples.voice.VoiceLedger;
import dev.ttsjobs.queue.jdbc.JdbcJobQueue;
import dev.ttsjobs.time.Sleeper;
import java.io.PrintWriter;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * From the moment the host's commit has returned to the moment the provider has read the request, with an idle worker in
 * another process. Both ends read the clock of this machine.
 */
@Command(name = "first-byte", description = "From commit to the provider, PostgreSQL, worker in another process.")
final class FirstByte extends Measure {

    @Option(names = "--jobs", defaultValue = "500", description = "Default: ${DEFAULT-VALUE}")
    private int count;

    @Option(names = "--warm-up", defaultValue = "200", description = "Jobs before. Default: ${DEFAULT-VALUE}")
    private int warmUp;

    private final Bench.Supply benches;

    FirstByte(Bench.Supply benches) {
        this.benches = benches;
    }

    @Override
    void measure(PrintWriter out) throws Exception {
        try (Bench bench = benches.open();
                OfflineVoiceServer provider = Bench.provider(Duration.ZERO)) {
            String url = bench.newDatabase();
            try (HikariDataSource source = bench.connect(url, 3);
                    JdbcJobQueue queue = JdbcJobQueue.open(source)) {
                bench.startWorker(url, provider.baseUrl(), 60_000);
                SpeechJobs jobs = SpeechJobs.builder(queue).build();
                List<Double> millis = new ArrayList<>();
                Random random = new Random(1);
                for (int i = -warmUp; i < count; i++) {
                    // Not in step with anything that ticks in the worker.
                    Sleeper.system().sleep(Duration.ofMillis(20 + random.nextInt(40)));
                    double took = once(jobs, source, provider.ledger(), i);
                    if (i >= 0) {
                        millis.add(took);
                    }
                }
                Figures figures = new Figures("commit to provider, ms", millis);
                out.printf(
                        Locale.ROOT,
                        "commit to provider, %d jobs: p50 %.2f ms, p90 %.2f ms, p99 %.2f ms, worst %.2f ms%n",
                        count,
                        figures.median(),
                        figures.quantile(0.9),
                        figures.quantile(0.99),
                        figures.quantile(1));
            } finally {
                bench.stopProcesses();
            }
        }
    }

    private static double once(SpeechJobs jobs, HikariDataSource source, VoiceLedger ledger, int number)
            throws Exception {
        ledger.clear();
        Instant committed;
        try (Connection connection = source.getConnection()) {
            connection.setAutoCommit(false);
            jobs.submit(Bench.deck("job " + number, 1), connection);
            connection.commit();
            committed = Instant.now();
            connection.setAutoCommit(true);
        }
        Bench.await(Duration.ofSeconds(30), "the call", () -> ledger.calls() > 0);
        Instant called = ledger.entries().get(0).at();
        return Duration.between(committed, called).toNanos() / 1e6;
    }
}
