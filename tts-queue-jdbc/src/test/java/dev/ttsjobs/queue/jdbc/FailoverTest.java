package dev.ttsjobs.queue.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.contract.Jobs;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import dev.ttsjobs.queue.JobStore;
import dev.ttsjobs.queue.JobStore.Submission;
import dev.ttsjobs.time.ManualTime;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A database that refuses: as a standby does, or for one row alone. */
class FailoverTest {

    @Test
    void aConnectionToADatabaseThatBecameReadOnlyIsNotUsedAgain() throws SQLException {
        try (HikariDataSource source = TestDatabase.POSTGRESQL.open(1);
                JdbcJobQueue queue = JdbcJobQueue.open(source)) {
            try (Connection connection = source.getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY");
            }
            Submission job = Jobs.of("ann").say("a").build();
            assertThrows(QueueException.class, () -> queue.submit(job));
            assertEquals(job.id(), queue.submit(job).id());
        }
    }

    /** Slots may be forgotten by a server that crashes; what somebody was told to be paused may not. */
    @Test
    void aPauseIsOnDiskWhenItIsAnswered() throws SQLException {
        try (HikariDataSource source = TestDatabase.POSTGRESQL.open(2);
                JdbcJobQueue queue = JdbcJobQueue.open(source);
                Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            // As servers are that are not started for tests.
            statement.execute("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = on',"
                    + " current_database()); END $$");
            source.getHikariPoolMXBean().softEvictConnections();
            int onDisk = 0;
            for (int i = 0; i < 10; i++) {
                // What comes after it, to wake workers, is nothing that anybody was told.
                queue.limiter("acme", RateLimit.UNLIMITED).pause(JobStore.byHand("acme", "invoice " + i));
                try (ResultSet row =
                        statement.executeQuery("SELECT pg_current_wal_flush_lsn() >= pg_current_wal_insert_lsn()")) {
                    assertTrue(row.next());
                    onDisk += row.getBoolean(1) ? 1 : 0;
                }
                queue.resume("acme");
            }
            assertTrue(onDisk >= 8, onDisk + " of 10; the server itself may write something now and then");
        }
    }

    /** A process that is frozen in a transaction holds its locks for that long, and not until it thaws. */
    @ParameterizedTest
    @CsvSource({
        "POSTGRESQL, SELECT setting FROM pg_settings WHERE name = 'idle_in_transaction_session_timeout', 10000",
        "MARIADB, SELECT @@SESSION.idle_transaction_timeout, 10"
    })
    void whoStandsStillInATransactionIsThrownOut(TestDatabase database, String question, long answer)
            throws SQLException {
        try (HikariDataSource source = database.open(1);
                Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(question)) {
            assertTrue(row.next());
            assertEquals(answer, row.getLong(1));
        }
    }

    /** Whichever of them comes first. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aDeadWorkerWhoseClipsCannotBeTakenBackKeepsNobodyElseFromIt(int stuck) throws SQLException {
        ManualTime time = new ManualTime();
        List<WorkerId> workers = List.of(new WorkerId(new UUID(0, 1)), new WorkerId(new UUID(0, 2)));
        try (HikariDataSource source = TestDatabase.SQLITE.open(1);
                JdbcJobQueue queue =
                        JdbcJobQueue.builder(source).migrate().clock(time).build()) {
            queue.submit(Jobs.of("ann").say("a", "b").build());
            for (WorkerId worker : workers) {
                queue.beat(worker, Duration.ofSeconds(20));
                assertEquals(1, queue.claim(worker, 1).size());
            }
            try (Connection connection = source.getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE TRIGGER stuck BEFORE UPDATE ON tts_clip_state WHEN OLD.worker = '"
                        + workers.get(stuck) + "' BEGIN SELECT RAISE(ABORT, 'it is stuck'); END");
            }
            time.advance(Duration.ofMinutes(1));
            assertEquals(0, queue.rescue(Duration.ofSeconds(10)));
            time.advance(Duration.ofSeconds(10));
            assertThrows(QueueException.class, () -> queue.rescue(Duration.ofSeconds(10)));
            assertEquals(1, queue.depth().queued());
            assertEquals(1, queue.depth().leased());
        }
    }
}
