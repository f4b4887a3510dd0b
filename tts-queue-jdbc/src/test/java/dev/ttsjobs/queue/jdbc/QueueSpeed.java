package dev.ttsjobs.queue.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.contract.Jobs;
import dev.ttsjobs.queue.ClipQueue.Outcome;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import dev.ttsjobs.queue.Lease;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.UUID;

/**
 * Measures claim, begin and settle in groups of 32 by one thread, with everything forced to disk. Run by hand:
 * {@code QueueSpeed postgresql|h2|sqlite [clips]}.
 */
final class QueueSpeed {

    private static final int GROUP = 32;

    private QueueSpeed() {}

    public static void main(String[] arguments) throws Exception {
        int clips = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 20_000;
        Path folder = Files.createTempDirectory("queue-speed");
        switch (arguments[0]) {
            case "postgresql" -> {
                try (EmbeddedPostgres server = EmbeddedPostgres.builder()
                                .setServerConfig("fsync", "on")
                                .setServerConfig("synchronous_commit", "on")
                                .start();
                        HikariDataSource source = QueueDataSources.open(
                                "jdbc:postgresql://localhost:" + server.getPort() + "/postgres?user=postgres", 3)) {
                    measure(source, clips, true);
                }
            }
            case "h2" -> {
                try (HikariDataSource source = QueueDataSources.open("jdbc:h2:file:" + folder.resolve("queue"), 3)) {
                    measure(source, clips, false);
                }
            }
            case "sqlite" -> {
                try (HikariDataSource source = QueueDataSources.sqlite(folder.resolve("queue.db"))) {
                    measure(source, clips, false);
                }
            }
            default -> throw new IllegalArgumentException("postgresql, h2 or sqlite");
        }
    }

    private static void measure(HikariDataSource source, int clips, boolean withLog) throws Exception {
        try (JdbcJobQueue queue = JdbcJobQueue.open(source)) {
            WorkerId worker = new WorkerId(UUID.randomUUID());
            queue.beat(worker, Duration.ofHours(1));
            long start = System.nanoTime();
            submit(queue, clips / 4, "warm");
            submit(queue, clips, "hot");
            say("submit: %,.0f phrases/s", (clips + clips / 4.0) / seconds(start));
            drain(queue, worker, clips / 4);
            long log = withLog ? log(source) : 0;
            start = System.nanoTime();
            drain(queue, worker, clips);
            say("claim, begin, settle: %,.0f clips/s", clips / seconds(start));
            if (withLog) {
                say("write-ahead log: %,d bytes a clip", (log(source) - log) / clips);
            }
        }
    }

    private static void submit(JdbcJobQueue queue, int clips, String prefix) {
        for (int done = 0; done < clips; done += 500) {
            Jobs.Builder job = Jobs.of("owner " + done % 3);
            for (int i = done; i < Math.min(clips, done + 500); i++) {
                job.say(prefix + " " + i);
            }
            queue.submit(job.build());
        }
    }

    private static void drain(JdbcJobQueue queue, WorkerId worker, int clips) {
        long[] spent = new long[3];
        for (int done = 0; done < clips; ) {
            long start = System.nanoTime();
            List<Lease> leases = queue.claim(worker, Math.min(GROUP, clips - done));
            long claimed = System.nanoTime();
            queue.begin(leases);
            long begun = System.nanoTime();
            queue.settle(leases.stream()
                    .<Outcome>map(lease -> new Outcome.Made(lease, Jobs.facts(1000), true))
                    .toList());
            spent[0] += claimed - start;
            spent[1] += begun - claimed;
            spent[2] += System.nanoTime() - begun;
            done += leases.size();
        }
        say(
                "a clip takes %,d us to claim, %,d us to begin, %,d us to settle",
                spent[0] / clips / 1000, spent[1] / clips / 1000, spent[2] / clips / 1000);
    }

    private static long log(HikariDataSource source) throws Exception {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_current_wal_lsn() - '0/0'")) {
            row.next();
            return row.getLong(1);
        }
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }

    private static void say(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }
}
