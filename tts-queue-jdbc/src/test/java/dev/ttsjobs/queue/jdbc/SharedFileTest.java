package dev.ttsjobs.queue.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariDataSource;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.h2.tools.Shell;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database in a file that another process has open. */
class SharedFileTest {

    private static final Duration PATIENCE = Duration.ofMillis(300);

    @TempDir
    private Path folder;

    /** H2 lets one process have it. */
    @Test
    void aSecondProcessOfH2IsToldInOneSentenceWhatToDo() throws Exception {
        String url = "jdbc:h2:file:" + folder.resolve("queue") + ";WRITE_DELAY=0";
        Path h2 = Path.of(
                Shell.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        h2.toString(),
                        Shell.class.getName(),
                        "-url",
                        url)
                .redirectErrorStream(true)
                .start();
        try {
            awaitOpen(other);
            String message = assertThrows(QueueException.class, () -> QueueDataSources.open(url, 1, PATIENCE))
                    .getMessage();
            assertTrue(message.contains("open in another process"), message);
            assertTrue(message.contains("stop the other one, or use PostgreSQL"), message);
            assertFalse(message.contains("90020") || message.contains("\n"), message);
        } finally {
            other.getOutputStream().close();
            assertTrue(other.waitFor(20, TimeUnit.SECONDS));
        }
        QueueDataSources.open(url, 1).close();
    }

    private static void awaitOpen(Process shell) throws Exception {
        BufferedReader said = new BufferedReader(new InputStreamReader(shell.getInputStream(), StandardCharsets.UTF_8));
        String line = said.readLine();
        while (line != null && !line.startsWith("Welcome")) {
            line = said.readLine();
        }
        assertNotNull(line, "H2's shell did not open the file");
    }

    /** SQLite lets any number of them; they take turns at writing. */
    @Test
    void severalOfSqliteShareTheFile() throws SQLException {
        Path file = folder.resolve("queue.db");
        try (HikariDataSource one = QueueDataSources.sqlite(file);
                HikariDataSource other = QueueDataSources.sqlite(file);
                JdbcJobQueue first = JdbcJobQueue.open(one);
                JdbcJobQueue second = JdbcJobQueue.open(other);
                Connection connection = one.getConnection();
                Statement statement = connection.createStatement()) {
            assertEquals(first.depth(), second.depth());
            statement.execute("BEGIN IMMEDIATE");
            assertEquals(0, second.depth().queued(), "readers do not wait for who writes");
            statement.execute("ROLLBACK");
        }
    }
}
