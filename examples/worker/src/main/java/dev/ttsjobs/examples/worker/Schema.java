package dev.ttsjobs.examples.worker;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.Set;
import javax.sql.DataSource;

/**
 * The example's own tables, beside those of the queue in one database. Servers and workers that start at the same moment
 * wait for each other here. A migration tool would do the same, and take a quarter of the time that a start may take.
 */
final class Schema {

    /** Scripts are numbered from 1 and never changed once released: what is new goes into the next. */
    private static final int NEWEST = 4;

    private static final long LOCK = 0x7474732d6a6f6273L;

    private static final String MARIA_LOCK = "CONCAT('tts-server ', MD5(DATABASE()))";

    /** Any text, compared letter by letter, whatever the server's own default is. */
    private static final String MARIA_TEXT = " DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";

    private Schema() {}

    /** Brings the tables to the newest version. */
    static void apply(DataSource source) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            boolean maria =
                    Set.of("MariaDB", "MySQL").contains(connection.getMetaData().getDatabaseProductName());
            connection.setAutoCommit(false);
            try {
                if (maria) {
                    // Each CREATE commits there, which lets go of the row that the others wait for.
                    statement.execute("SELECT GET_LOCK(" + MARIA_LOCK + ", 60)");
                }
                for (int next = lockedVersion(connection, statement) + 1; next <= NEWEST; next++) {
                    for (String sql : script(next).split(";\\s*\n")) {
                        statement.execute(maria && sql.contains("CREATE TABLE") ? sql + MARIA_TEXT : sql);
                    }
                    statement.execute("UPDATE server_schema SET version = " + next);
                }
                connection.commit();
            } catch (SQLException | RuntimeException e) {
                connection.rollback();
                throw e;
            } finally {
                if (maria) {
                    statement.execute("SELECT RELEASE_LOCK(" + MARIA_LOCK + ")");
                }
                connection.setAutoCommit(true);
            }
        }
    }

    private static int lockedVersion(Connection connection, Statement statement) throws SQLException {
        if (connection.getMetaData().getDatabaseProductName().equals("PostgreSQL")) {
            // Two that create one table at the same moment collide there even with IF NOT EXISTS.
            statement.execute("SELECT pg_advisory_xact_lock(" + LOCK + ")");
        }
        statement.execute("CREATE TABLE IF NOT EXISTS server_schema (version INTEGER NOT NULL)");
        statement.execute(
                "INSERT INTO server_schema (version) SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM server_schema)");
        // The row of the version is what the others wait for.
        statement.execute("UPDATE server_schema SET version = version");
        try (ResultSet row = statement.executeQuery("SELECT version FROM server_schema")) {
            return row.next() ? row.getInt(1) : 0;
        }
    }

    private static String script(int version) {
        String name = "/db/server-" + version + ".sql";
        try (InputStream in = Objects.requireNonNull(Schema.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).replaceAll("(?m)^--.*\n", "");
        } catch (IOException e) {
            throw new IllegalStateException("what is in the jar can be read", e);
        }
    }
}
