package dev.ttsjobs.queue.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.contract.Jobs;
import dev.ttsjobs.queue.ClipQueue.Outcome;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import dev.ttsjobs.queue.Lease;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** PostgreSQL, which plans by what it takes a table for: a long queue is worked off as a short one is. */
class LongQueueTest {

    private static final int FEW = 400;
    private static final int MANY = 20_000;
    private static final int GROUP = 32;

    /** For a round; about a dozen rows a clip are read. */
    private static final long MOST_ROWS = 1_500;

    private final WorkerId worker = new WorkerId(UUID.randomUUID());

    @Test
    void whatIsReadDoesNotGrowWithTheQueueThoughNothingIsKnownOfIt() throws SQLException {
        try (HikariDataSource source = TestDatabase.POSTGRESQL.open(1);
                HikariDataSource others = new HikariDataSource(copy(source));
                JdbcJobQueue queue = JdbcJobQueue.open(source);
                JdbcJobQueue elsewhere = JdbcJobQueue.open(others)) {
            leaveUnknown(source);
            queue.beat(worker, Duration.ofHours(1));
            submit(queue, "few", FEW);
            for (int i = 0; i < 12; i++) {
                // Often enough that its plans are kept: a short queue is best read as a whole.
                round(queue, Outcome.Released::new);
            }
            submit(elsewhere, "many", MANY);
            // What was read for that is on record then.
            rowsRead(others);
            // From this one it hears of the others.
            round(queue, Outcome.Released::new);
            assertReadsFew(source, queue, "with plans from when it was short");
            source.getHikariPoolMXBean().softEvictConnections();
            assertReadsFew(source, queue, "on a new connection");
        }
    }

    private static HikariDataSource copy(HikariDataSource source) {
        HikariDataSource copy = new HikariDataSource();
        copy.setJdbcUrl(source.getJdbcUrl());
        copy.setMaximumPoolSize(1);
        return copy;
    }

    /** As it is until the database comes to look, which takes it a minute or more. */
    private static void leaveUnknown(HikariDataSource source) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            for (String table : List.of("clip", "clip_state", "clip_part", "audio", "job", "phrase", "side")) {
                statement.execute("ALTER TABLE tts_" + table + " SET (autovacuum_enabled = off)");
            }
        }
    }

    private static void submit(JdbcJobQueue queue, String prefix, int phrases) {
        Jobs.Builder job = Jobs.of("alice");
        for (int i = 0; i < phrases; i++) {
            job.say(prefix + " " + i);
        }
        queue.submit(job.build());
    }

    private void round(JdbcJobQueue queue, Function<Lease, Outcome> end) {
        List<Lease> leases = queue.claim(worker, GROUP);
        assertEquals(GROUP, leases.size());
        assertEquals(GROUP, queue.begin(leases).size());
        queue.settle(leases.stream().map(end).toList());
    }

    private void assertReadsFew(HikariDataSource source, JdbcJobQueue queue, String when) throws SQLException {
        for (int i = 0; i < 3; i++) {
            long before = rowsRead(source);
            round(queue, lease -> new Outcome.Made(lease, Jobs.facts(1000), true));
            long made = rowsRead(source) - before;
            assertTrue(made < MOST_ROWS, () -> made + " rows were read for clips that were made " + when);
            round(queue, Outcome.Released::new);
            long released = rowsRead(source) - before - made;
            assertTrue(released < MOST_ROWS, () -> released + " rows were read for clips that went back " + when);
        }
    }

    private static long rowsRead(HikariDataSource source) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_stat_force_next_flush()");
            try (ResultSet row = statement.executeQuery(
                    "SELECT SUM(seq_tup_read + COALESCE(idx_tup_fetch, 0)) FROM pg_stat_user_tables")) {
                row.next();
                return row.getLong(1);
            }
        }
    }
}
