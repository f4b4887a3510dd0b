package dev.ttsjobs.examples.benchmark;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.SpeechJobs;
import dev.ttsjobs.event.JobListener;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.openai.OpenAiSpeechSynthesizer;
import dev.ttsjobs.queue.jdbc.JdbcJobQueue;
import dev.ttsjobs.storage.local.LocalAudioStorage;
import dev.ttsjobs.time.Sleeper;
import dev.ttsjobs.worker.SpeechWorker;
import java.io.PrintWriter;
import java.net.URI;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What the database does for a clip while a worker goes as fast as it can, for a worker with nothing to do, and for a deck
 * whose audio is there already.
 */
@Command(name = "cost", description = "Statements and log a clip; statements when idle; a deck that is all there.")
final class Cost extends Measure {

    @Option(names = "--clips", defaultValue = "5000", description = "Default: ${DEFAULT-VALUE}")
    private int clips;

    @Option(names = "--idle-seconds", defaultValue = "30", description = "Default: ${DEFAULT-VALUE}")
    private int idleSeconds;

    @Option(
            names = "--decks",
            defaultValue = "50",
            description = "Decks of 200 that are all there. Default: ${DEFAULT-VALUE}")
    private int decks;

    private final Bench.Supply benches;

    Cost(Bench.Supply benches) {
        this.benches = benches;
    }

    /** Counts the ends of jobs. */
    private static final class Ends implements JobListener {
        private volatile CountDownLatch next = new CountDownLatch(1);

        @Override
        public void jobEnded(JobId job) {
            next.countDown();
        }
    }

    @Override
    void measure(PrintWriter out) throws Exception {
        try (Bench bench = benches.open();
                HikariDataSource pool = bench.connect(bench.newDatabase(), 3);
                OpenAiSpeechSynthesizer synthesizer = OpenAiSpeechSynthesizer.builder()
                        .baseUrl(bench.startProvider())
                        .build();
                LocalAudioStorage storage = LocalAudioStorage.open(
                        bench.folder().resolve("audio"), URI.create("https://example.org/audio"))) {
            Counted counted = new Counted(pool);
            try (JdbcJobQueue queue = JdbcJobQueue.open(counted.source())) {
                SpeechJobs jobs = SpeechJobs.builder(queue).build();
                Ends ends = new Ends();
                try (SpeechWorker worker = SpeechWorker.builder(queue, storage, synthesizer)
                        .limit(RateLimit.UNLIMITED)
                        .listener(ends)
                        .build()) {
                    worker.start();
                    run(jobs, ends, "warm");
                    atFullSpeed(out, jobs, ends, counted, pool);
                    idle(out, counted);
                    allThere(out, jobs);
                }
            } finally {
                bench.stopProcesses();
            }
        }
    }

    private JobId run(SpeechJobs jobs, Ends ends, String series) throws InterruptedException {
        ends.next = new CountDownLatch(1);
        JobId id = jobs.submit(Bench.deck(series, clips)).id();
        if (!ends.next.await(Bench.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException("not ended: " + jobs.find(id));
        }
        return id;
    }

    private void atFullSpeed(PrintWriter out, SpeechJobs jobs, Ends ends, Counted counted, DataSource source)
            throws Exception {
        long statements = counted.statements();
        long commits = counted.commits();
        long log = log(source);
        run(jobs, ends, "hot");
        out.printf(
                Locale.ROOT,
                "a clip, submit included: %.3f statements, %.3f commits, %,d bytes of write-ahead log%n",
                (counted.statements() - statements) / (double) clips,
                (counted.commits() - commits) / (double) clips,
                (log(source) - log) / clips);
    }

    private void idle(PrintWriter out, Counted counted) throws InterruptedException {
        // What the last clips leave to be done is done by then.
        Sleeper.system().sleep(Duration.ofSeconds(2));
        long statements = counted.statements();
        Sleeper.system().sleep(Duration.ofSeconds(idleSeconds));
        out.printf(
                Locale.ROOT,
                "idle: %.2f statements a second%n",
                (counted.statements() - statements) / (double) idleSeconds);
    }

    private void allThere(PrintWriter out, SpeechJobs jobs) {
        List<Double> millis = new ArrayList<>();
        for (int i = 0; i < decks; i++) {
            long start = System.nanoTime();
            JobId id = jobs.submit(Bench.deck("hot", 200)).id();
            JobStatus status = jobs.find(id).orElseThrow().status();
            millis.add((System.nanoTime() - start) / 1e6);
            if (status != JobStatus.COMPLETED) {
                throw new IllegalStateException("not completed by the submit: " + status);
            }
        }
        Figures figures = new Figures("deck of 200 that is all there, ms", millis);
        out.printf(
                Locale.ROOT,
                "%s: p50 %.1f, p99 %.1f, worst %.1f%n",
                figures.name(),
                figures.median(),
                figures.quantile(0.99),
                figures.quantile(1));
    }

    private static long log(DataSource source) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_current_wal_lsn() - '0/0'")) {
            row.next();
            return row.getLong(1);
        }
    }
}
