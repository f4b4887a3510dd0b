package dev.ttsjobs.queue.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;
import org.jdbi.v3.core.ConnectionFactory;

/**
 * Connections of a pool that a host has made for its own ends, set up as the queue needs them and given back as they were.
 * Thread-safe.
 */
final class HostConnections implements ConnectionFactory {

    /**
     * How long an answer is waited for where the host's pool would wait for ever, as drivers do by default: a network that
     * fails in silence would hold the queue's threads. Well under a lease.
     */
    static final Duration PATIENCE = Duration.ofSeconds(12);

    private final DataSource source;
    private final Set<Connection> limited = ConcurrentHashMap.newKeySet();
    /** Those that would wait for a commit when they came. */
    private final Set<Connection> manual = ConcurrentHashMap.newKeySet();

    private volatile boolean remote;

    HostConnections(DataSource source) {
        this.source = source;
    }

    /** The database is another process, whose answers may never come. */
    void areRemote() {
        remote = true;
    }

    @Override
    public Connection openConnection() throws SQLException {
        Connection connection = source.getConnection();
        try {
            if (!connection.getAutoCommit()) {
                // Some hosts set their pools so; the transactions here are begun and ended by the queue itself.
                connection.setAutoCommit(true);
                manual.add(connection);
            }
            if (remote && limit(connection)) {
                limited.add(connection);
            }
            return connection;
        } catch (SQLException | RuntimeException e) {
            giveBack(connection, e);
            throw e;
        }
    }

    /** Nobody else would: with each broken one that is kept, the host's pool has one less. */
    private void giveBack(Connection connection, Exception cause) {
        try {
            closeConnection(connection);
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    /** Limits the wait for each answer where nobody else does; says whether it did. */
    static boolean limit(Connection connection) throws SQLException {
        if (connection.getNetworkTimeout() != 0) {
            return false;
        }
        connection.setNetworkTimeout(Runnable::run, (int) PATIENCE.toMillis());
        return true;
    }

    @Override
    public void closeConnection(Connection connection) throws SQLException {
        boolean unlimited = limited.remove(connection);
        boolean waits = manual.remove(connection);
        try (connection) {
            if ((unlimited || waits) && !connection.isClosed()) {
                if (waits) {
                    connection.setAutoCommit(false);
                }
                if (unlimited) {
                    connection.setNetworkTimeout(Runnable::run, 0);
                }
            }
        }
    }
}
