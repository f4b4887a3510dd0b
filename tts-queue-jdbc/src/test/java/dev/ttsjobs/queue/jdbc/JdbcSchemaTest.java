package dev.ttsjobs.queue.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.contract.Jobs;
import dev.ttsjobs.contract.RealTime;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.queue.JobStore.JobQuery;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

    /** With a job in them, which is there afterwards. */
    @ParameterizedTest
    @EnumSource
    void tablesOfEachFormerVersionAreBroughtUpToDate(TestDatabase database) throws SQLException {
        for (int former = 1; former <= 3; former++) {
            try (HikariDataSource source = database.open(2)) {
                makeTables(source, former);
                execute(
                        source,
                        "INSERT INTO tts_job (id, owner, reference, priority, attributes, fingerprint, status, total,"
                                + " processed, failed, made, characters, billed_characters, clips, billed_clips,"
                                + " created_at, completed_at, version) VALUES ('0193b6a0-0000-7000-8000-000000000001',"
                                + " 'alice', 'deck', 1, '{}', 'f', 2, 1, 1, 0, 1, 5, 5, 1, 1, 1, 2, 3)");
                try (JdbcJobQueue queue = JdbcJobQueue.open(source)) {
                    JobQuery query = new JobQuery("alice", JobStatus.COMPLETED, "deck", null, 5);
                    assertEquals(1, queue.list(query).size());
                    queue.submit(Jobs.of("alice").say("Hello").build());
                }
                JdbcSchema.verify(source, "tts_");
            }
        }
    }

    /** On PostgreSQL, where what changes a table waits for all who have locked a row of it. */
    @Test
    void tablesAreBroughtUpToDateUnderWorkersThatGoOn() throws Exception {
        try (HikariDataSource source = TestDatabase.POSTGRESQL.open(3);
                Connection worker = source.getConnection();
                Statement work = worker.createStatement()) {
            makeTables(source, 2);
            worker.setAutoCommit(false);
            work.execute("SELECT number FROM tts_job ORDER BY number FOR UPDATE");
            CompletableFuture<Void> applied = CompletableFuture.runAsync(() -> JdbcSchema.apply(source, "tts_"));
            RealTime.await(Duration.ofSeconds(30), () -> isAnybodyWaiting(source));
            work.execute("UPDATE tts_job SET version = version + 1");
            worker.commit();
            applied.get(30, TimeUnit.SECONDS);
            JdbcSchema.verify(source, "tts_");
        }
    }

    /** A large table takes its time to change; here it is another process that is at them for so long. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "POSTGRESQL | SELECT pg_advisory_lock(hashtext('tts_schema')) | SELECT pg_sleep(1.5)"
                        + " | SELECT pg_advisory_unlock_all()",
                "MARIADB | SELECT GET_LOCK(CONCAT('tts-jobs ', MD5(CONCAT(DATABASE(), ' ', 'tts_'))), 0)"
                        + " | SELECT SLEEP(1.5) | SELECT RELEASE_ALL_LOCKS()"
            })
    void areAppliedForLongerThanThePoolHasPatience(TestDatabase database, String lock, String wait, String unlock)
            throws Exception {
        try (HikariDataSource source = database.open(2)) {
            AtomicReference<Connection> used = new AtomicReference<>();
            List<Integer> patience = new ArrayList<>();
            try (Connection other = source.getConnection();
                    Statement statement = other.createStatement()) {
                statement.execute(lock);
                DataSource impatient = TappedDataSource.of(source, (method, call) -> {
                    Object answer = call.make();
                    if (answer instanceof Connection connection) {
                        connection.setNetworkTimeout(Runnable::run, 500);
                        used.set(connection);
                    } else if (method.equals("setNetworkTimeout")) {
                        patience.add(used.get().getNetworkTimeout());
                    }
                    return answer;
                });
                CompletableFuture<Void> applied = CompletableFuture.runAsync(() -> JdbcSchema.apply(impatient, "tts_"));
                statement.execute(wait);
                assertFalse(applied.isDone());
                statement.execute(unlock);
                applied.get(30, TimeUnit.SECONDS);
            }
            assertEquals(List.of(0, 500), patience);
            JdbcSchema.verify(source, "tts_");
        }
    }

    private static boolean isAnybodyWaiting(DataSource source) {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT COUNT(*) FROM pg_stat_activity"
                        + " WHERE datname = current_database() AND wait_event_type = 'Lock'")) {
            return row.next() && row.getInt(1) > 0;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private static void makeTables(DataSource source, int version) throws SQLException {
        execute(source, "CREATE TABLE tts_schema (version INTEGER NOT NULL)");
        execute(source, "INSERT INTO tts_schema (version) VALUES (" + version + ")");
        Dialect dialect;
        try (Connection connection = source.getConnection()) {
            dialect = Dialect.of(connection);
        }
        for (int each = 1; each <= version; each++) {
            for (String statement : JdbcSchema.statements(dialect, "tts_", each)) {
                execute(source, statement);
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

    @ParameterizedTest
    @CsvSource({
        "5.5.5-10.5.23-MariaDB-log, MariaDB 10.6",
        "10.5.29-MariaDB, MariaDB 10.6",
        "8.0.0-dmr, MySQL 8.0.1",
        "5.7.44-log, MySQL 8.0.1",
        "mystery, MySQL 8.0.1"
    })
    void aServerThatIsTooOldIsRefusedWithWhatIsNeeded(String version, String needed) {
        String refused = message(() -> JdbcJobQueue.open(mariaOrMySql(version, true)));
        assertTrue(refused.contains(needed + " or newer") && refused.contains(version), refused);
    }

    @ParameterizedTest
    @CsvSource({
        "10.6.0-MariaDB, MARIADB",
        "5.5.5-10.6.18-MariaDB, MARIADB",
        "11.8.2-MariaDB-ubu2404, MARIADB",
        "8.0.1, MYSQL",
        "9.4.0, MYSQL"
    })
    void whichOfTheTwoItIsIsAskedOfTheServer(String version, Dialect expected) throws SQLException {
        assertEquals(expected, Dialect.of(mariaOrMySql(version, true).getConnection()));
        assertTrue(message(() -> Dialect.of(mariaOrMySql(version, false).getConnection()))
                .contains("or newer"));
    }

    /** By a driver that calls both MySQL. */
    private DataSource mariaOrMySql(String version, boolean skipsLocked) {
        DatabaseMetaData about = fake(DatabaseMetaData.class, method -> "MySQL");
        ResultSet row = fake(ResultSet.class, method -> method.equals("next") ? true : version);
        Statement statement = fake(Statement.class, method -> switch (method) {
            case "executeQuery" -> row;
            case "execute" -> {
                if (!skipsLocked) {
                    throw new SQLException("You have an error in your SQL syntax");
                }
                yield true;
            }
            default -> null;
        });
        Connection connection = fake(Connection.class, method -> switch (method) {
            case "getMetaData" -> about;
            case "createStatement" -> statement;
            default -> null;
        });
        return fake(DataSource.class, method -> connection);
    }

    private interface Answers {
        Object to(String method) throws SQLException;
    }

    private static <T> T fake(Class<T> type, Answers answers) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> answers.to(method.getName())));
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
                "mysql://user:s3cr3t^x@host/name",
                "jdbc:mariadb:nonsense?user=u&password=s3cr3t",
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
    void aDriverThatLacksIsNamed() {
        String mysql = message(() -> QueueDataSources.open("jdbc:mysql://host/name", 1));
        assertTrue(mysql.contains("add com.mysql:mysql-connector-j"), mysql);
        String oracle = message(() -> QueueDataSources.open("jdbc:oracle:thin:@host", 1));
        assertTrue(oracle.contains("the queue knows PostgreSQL"), oracle);
    }

    @Test
    void aWrongPasswordIsRefusedWithoutShowingIt() throws SQLException {
        String url = "jdbc:h2:mem:guarded;DB_CLOSE_DELAY=-1";
        DriverManager.getConnection(url, "sa", "right").close();
        QueueException refused =
                assertThrows(QueueException.class, () -> QueueDataSources.open(url + ";USER=sa;PASSWORD=s3cr3t", 1));
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
