package dev.ttsjobs.queue.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.contract.Jobs;
import dev.ttsjobs.queue.Submission;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

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
}
