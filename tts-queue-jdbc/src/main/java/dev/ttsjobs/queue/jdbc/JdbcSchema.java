package dev.ttsjobs.queue.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import javax.sql.DataSource;

/**
 * The queue's tables: applied, checked, or printed for a migration tool of the host's. Versions only ever add to each
 * other. Stateless, thread-safe.
 */
public final class JdbcSchema {

    /** What table names begin with unless another prefix is chosen. */
    public static final String DEFAULT_PREFIX = "tts_";

    /** MariaDB and MySQL: duplicate key name, and duplicate column name. */
    private static final Set<Integer> IS_THERE = Set.of(1061, 1060);

    /** SQLite, which has no number for it. */
    private static final String COLUMN_IS_THERE = "duplicate column name";

    private static final int NEWEST = 5;
    private static final Pattern PREFIX = Pattern.compile("[a-z_][a-z0-9_]{0,30}");

    /** Threads of one process wait for each other here: H2 commits at each CREATE, which lets go of the row they lock. */
    private static final ReentrantLock ONE_AT_A_TIME = new ReentrantLock();

    private JdbcSchema() {}

    /**
     * Brings the tables to the newest version; does nothing when they are there. Several processes may do so at once.
     *
     * @throws QueueException when the database cannot be used, or its tables are newer than this library
     */
    public static void apply(DataSource source, String prefix) {
        requirePrefix(prefix);
        ONE_AT_A_TIME.lock();
        try (Connection connection = source.getConnection()) {
            Dialect dialect = Dialect.of(connection);
            boolean autoCommit = connection.getAutoCommit();
            connection.setAutoCommit(true);
            if (dialect == Dialect.SQLITE) {
                // Readers and the writer then do not wait for each other; the mode is kept in the file.
                execute(connection, "PRAGMA journal_mode = WAL");
            }
            connection.setAutoCommit(false);
            patiently(connection, dialect, () -> bringUpToDate(connection, dialect, prefix));
            connection.setAutoCommit(autoCommit);
        } catch (SQLException e) {
            throw new QueueException("the queue's tables could not be made: " + e.getMessage(), e);
        } finally {
            ONE_AT_A_TIME.unlock();
        }
    }

    /** What is large takes its time to change, and others that are at it are waited for, however soon the pool gives up. */
    private static void patiently(Connection connection, Dialect dialect, Step step) throws SQLException {
        if (!dialect.isServer()) {
            step.take();
            return;
        }
        int patience = connection.getNetworkTimeout();
        connection.setNetworkTimeout(Runnable::run, 0);
        step.take();
        // Where it fails, the pool looks at the connection before anybody else has it.
        connection.setNetworkTimeout(Runnable::run, patience);
    }

    private static void bringUpToDate(Connection connection, Dialect dialect, String prefix) throws SQLException {
        int[] reached = {NEWEST};
        alone(connection, dialect, prefix, () -> {
            int version = version(connection, prefix);
            requireKnown(version);
            if (dialect == Dialect.POSTGRESQL && version > 0) {
                reached[0] = version;
            } else {
                for (int next = version + 1; next <= NEWEST; next++) {
                    for (String statement : statements(dialect, prefix, next)) {
                        define(connection, dialect, statement);
                    }
                    execute(connection, raise(prefix, next));
                }
            }
        });
        for (int next = reached[0] + 1; next <= NEWEST; next++) {
            // Each is committed by itself: workers may be at it, and would wait in a circle with whoever locks one
            // table
            // after another. What is cut short is gone on with.
            for (String statement : statements(dialect, prefix, next)) {
                alone(connection, dialect, prefix, () -> define(connection, dialect, statement));
            }
            String raise = raise(prefix, next);
            alone(connection, dialect, prefix, () -> execute(connection, raise));
        }
    }

    private static String raise(String prefix, int version) {
        return "UPDATE " + prefix + "schema SET version = " + version + " WHERE version < " + version;
    }

    /** What is done to the tables in a transaction of its own. */
    @FunctionalInterface
    private interface Step {
        void take() throws SQLException;
    }

    private static void alone(Connection connection, Dialect dialect, String prefix, Step step) throws SQLException {
        try {
            lock(connection, dialect, prefix);
            step.take();
            connection.commit();
        } catch (SQLException | RuntimeException e) {
            try {
                connection.rollback();
            } catch (SQLException broken) {
                e.addSuppressed(broken);
            }
            throw e;
        } finally {
            unlock(connection, dialect, prefix);
        }
    }

    /** One process at a time: the row of the version is what they wait for. */
    private static void lock(Connection connection, Dialect dialect, String prefix) throws SQLException {
        if (dialect == Dialect.POSTGRESQL) {
            // What whoever is waited for has made is to be seen, whatever level the host has chosen.
            execute(connection, Database.SEE_WHAT_IS_COMMITTED);
            // Two that create the same table at the same moment collide in the catalogue even with IF NOT EXISTS.
            execute(connection, "SELECT pg_advisory_xact_lock(hashtext('" + prefix + "schema'))");
        }
        if (dialect.isInnoDb()) {
            // Each CREATE commits, which lets go of rows; a lock by name is kept until it is given back.
            while (!isTaken(connection, "SELECT GET_LOCK(" + lockName(prefix) + ", 60)")) {
                // Whoever has it may be at a large table.
            }
        }
        execute(
                connection,
                dialect.define("CREATE TABLE IF NOT EXISTS " + prefix + "schema (version INTEGER NOT NULL)"));
        execute(
                connection,
                "INSERT INTO " + prefix + "schema (version) SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM " + prefix
                        + "schema)");
        execute(connection, "UPDATE " + prefix + "schema SET version = version");
    }

    private static boolean isTaken(Connection connection, String lock) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(lock)) {
            boolean taken = row.next() && row.getInt(1) == 1;
            if (row.wasNull()) {
                throw new SQLException("the database could not tell whether somebody else is at the tables");
            }
            return taken;
        }
    }

    private static void unlock(Connection connection, Dialect dialect, String prefix) throws SQLException {
        if (dialect.isInnoDb()) {
            execute(connection, "SELECT RELEASE_LOCK(" + lockName(prefix) + ")");
        }
    }

    private static String lockName(String prefix) {
        return "CONCAT('tts-jobs ', MD5(CONCAT(DATABASE(), ' ', '" + prefix + "')))";
    }

    private static void define(Connection connection, Dialect dialect, String sql) throws SQLException {
        try {
            execute(connection, sql);
        } catch (SQLException e) {
            boolean isThere = dialect.isInnoDb() && IS_THERE.contains(e.getErrorCode())
                    || dialect == Dialect.SQLITE
                            && String.valueOf(e.getMessage()).contains(COLUMN_IS_THERE);
            if (!isThere) {
                throw e;
            }
        }
    }

    /**
     * Throws when the tables are not of this version.
     *
     * @throws QueueException with a sentence that says what to do
     */
    static void verify(DataSource source, String prefix) {
        requirePrefix(prefix);
        try (Connection connection = source.getConnection()) {
            Dialect.of(connection);
            int version;
            try {
                version = version(connection, prefix);
            } catch (SQLException e) {
                throw new QueueException(
                        "the queue's tables are not there: call JdbcSchema.apply, or build the queue with migrate()",
                        e);
            }
            requireKnown(version);
            if (version < NEWEST) {
                throw new QueueException(
                        "the queue's tables are of version " + version + ", and this library needs " + NEWEST
                                + ": call JdbcSchema.apply, or build the queue with migrate()",
                        null);
            }
        } catch (SQLException e) {
            throw new QueueException("the queue's database cannot be reached: " + e.getMessage(), e);
        }
    }

    /**
     * The statements that make the tables from nothing, for a migration tool of the host's.
     *
     * @param database {@code postgresql}, {@code sqlite}, {@code h2}, {@code mariadb} or {@code mysql}
     * @throws IllegalArgumentException when the database is none of these, or the prefix is no plain name
     */
    public static String script(String database, String prefix) {
        requirePrefix(prefix);
        Dialect dialect = Arrays.stream(Dialect.values())
                .filter(each -> each.resourceName().equals(database))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException("the queue runs on postgresql, sqlite, h2, mariadb and mysql"));
        StringBuilder script = new StringBuilder();
        script.append(dialect.define("CREATE TABLE " + prefix + "schema (version INTEGER NOT NULL)"))
                .append(";\n");
        script.append("INSERT INTO ")
                .append(prefix)
                .append("schema (version) VALUES (")
                .append(NEWEST)
                .append(");\n");
        for (int version = 1; version <= NEWEST; version++) {
            statements(dialect, prefix, version)
                    .forEach(sql -> script.append('\n').append(sql).append(";\n"));
        }
        return script.toString();
    }

    /** The statements that lead from the version before to this one. */
    static List<String> statements(Dialect dialect, String prefix, int version) {
        String sql = Sql.resource("schema-" + version + ".sql").replaceAll("(?m)^--.*\n", "");
        return Arrays.stream(dialect.resolve(sql, prefix).split(";"))
                .map(String::trim)
                .filter(statement -> !statement.isEmpty())
                .map(dialect::define)
                .toList();
    }

    private static int version(Connection connection, String prefix) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT version FROM " + prefix + "schema")) {
            return row.next() ? row.getInt(1) : 0;
        }
    }

    private static void requireKnown(int version) {
        if (version > NEWEST) {
            throw new QueueException(
                    "the queue's tables are of version " + version
                            + ", which is newer than this library knows: update it",
                    null);
        }
    }

    static void requirePrefix(String prefix) {
        if (!PREFIX.matcher(prefix).matches()) {
            throw new IllegalArgumentException(
                    "a table prefix is 1 to 31 of a-z, 0-9 and _, not beginning with a digit");
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
