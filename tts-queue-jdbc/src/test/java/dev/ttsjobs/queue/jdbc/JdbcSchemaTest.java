package dev.ttsjobs.queue.jdbc;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.contract.Jobs;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a queue finds its database, and what it says when it does not. */
class JdbcSchemaTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource
    void theTablesAreMadeOnceByManyAtTheSameMoment(TestDatabase database) throws Exception {
        try (HikariDataSource source = database.open(4)) {
            List<Callable<Boolean>> tasks = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                tasks.add(() -> {
                    JdbcSchema.apply(source, "deep_");
                    return true;
                });
            }
            Together.call(tasks);
            JdbcSchema.verify(source, "deep_");
            try (JdbcJobQueue queue =
                    JdbcJobQueue.builder(source).prefix("deep_").build()) {
                queue.submit(Jobs.of("alice").say("Hello").build());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void theScriptMakesTheTablesFromNothing(TestDatabase database) throws SQLException {
        try (HikariDataSource source = database.open(1)) {
            String script = JdbcSchema.script(database.name().toLowerCase(Locale.ROOT), "tts_");
            for (String statement : script.split(";\n")) {
                execute(source, statement);
            }
            try (JdbcJobQueue queue = JdbcJobQueue.builder(source).build()) {
                queue.submit(Jobs.of("alice").say("Hello").build());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void missingAndStrangeTablesAreToldApart(TestDatabase database) throws SQLException {
        try (HikariDataSource source = database.open(1)) {
            assertTrue(message(() -> JdbcJobQueue.builder(source).build()).contains("are not there: call"));
            JdbcSchema.apply(source, "tts_");
            execute(source, "UPDATE tts_schema SET version = 99");
            assertTrue(message(() -> JdbcJobQueue.builder(source).build()).contains("newer than this library"));
            assertTrue(message(() -> JdbcJobQueue.open(source)).contains("newer than this library"));
            execute(source, "UPDATE tts_schema SET version = 0");
            assertTrue(message(() -> JdbcJobQueue.builder(source).build()).contains("are of version 0"));
            // What an interrupted migration has left is gone on with.
            JdbcJobQueue.open(source).close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Tts_", "1a", "a-b", "a;drop table x", "a\"", "abcdefghijabcdefghijabcdefghij_x"})
    void aPrefixIsAPlainName(String prefix) {
        assertThrows(IllegalArgumentException.class, () -> JdbcSchema.script("sqlite", prefix));
    }

    @Test
    void thereIsAScriptForKnownDatabasesOnly() {
        assertThrows(IllegalArgumentException.class, () -> JdbcSchema.script("oracle", "tts_"));
    }

    @Test
    void anUnknownDatabaseIsNamedAndRefused() {
        DatabaseMetaData about = (DatabaseMetaData) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {DatabaseMetaData.class},
                (proxy, method, arguments) -> method.getName().equals("getDatabaseProductName") ? "Quux DB" : null);
        Connection connection = (Connection) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Connection.class},
                (proxy, method, arguments) -> method.getName().equals("getMetaData") ? about : null);
        DataSource source = (DataSource) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {DataSource.class},
                (proxy, method, arguments) -> method.getName().equals("getConnection") ? connection : null);
        assertTrue(message(() -> JdbcJobQueue.open(source)).contains("Quux DB"));
    }

    @Test
    void anH2FileThatBuffersItsCommitsIsRefused() {
        JdbcDataSource source = new JdbcDataSource();
        source.setURL("jdbc:h2:file:" + folder.resolve("lossy"));
        assertTrue(message(() -> JdbcJobQueue.open(source)).contains(";WRITE_DELAY=0"));
        try (HikariDataSource safe = QueueDataSources.open("jdbc:h2:file:" + folder.resolve("safe"), 1)) {
            JdbcJobQueue.open(safe).close();
        }
    }

    @Test
    void aDatabaseThatCannotBeReachedIsNamedWithoutItsPassword() {
        for (String url : List.of(
                "postgresql://user:s3cr3t@127.0.0.1:1/name?connectTimeout=1",
                "jdbc:nosuchdriver://u:s3cr3t@host/name?password=s3cr3t",
                "postgresql://user:s3cr3t^x@host/name",
                "s3cr3t")) {
            QueueException refused = assertThrows(QueueException.class, () -> QueueDataSources.open(url, 1));
            for (Throwable each = refused; each != null; each = each.getCause()) {
                assertFalse(String.valueOf(each.getMessage()).contains("s3cr3t"), each::toString);
            }
        }
    }

    @Test
    void aWrongPasswordIsRefusedWithoutShowingIt() throws SQLException {
        String url = "jdbc:h2:mem:guarded;DB_CLOSE_DELAY=-1";
        DriverManager.getConnection(url, "sa", "right").close();
        QueueException refused = assertThrows(
                QueueException.class, () -> QueueDataSources.open(url + ";USER=sa;PASSWORD=s3cr3t", 1));
        assertTrue(refused.getMessage().contains("Wrong user name or password"), refused::getMessage);
        assertFalse(refused.getMessage().contains("s3cr3t"), refused::getMessage);
    }

    @Test
    void aLocalFileIsMadeWithItsFolder() {
        Path file = folder.resolve("a/b/queue.db");
        try (HikariDataSource source = QueueDataSources.sqlite(file)) {
            JdbcJobQueue.open(source).close();
        }
        assertTrue(file.toFile().isFile());
    }

    private static String message(org.junit.jupiter.api.function.Executable what) {
        return assertThrows(QueueException.class, what).getMessage();
    }

    private static void execute(DataSource source, String sql) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
