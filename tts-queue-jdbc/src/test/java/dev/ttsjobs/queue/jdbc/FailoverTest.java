package dev.ttsjobs.queue.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.contract.Jobs;
import dev.ttsjobs.queue.JobStore.Submission;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A server that became a standby while connections to it stayed open. */
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
                queue.pause("acme", "invoice " + i);
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
}
