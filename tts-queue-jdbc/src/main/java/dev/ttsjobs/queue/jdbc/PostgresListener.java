package dev.ttsjobs.queue.jdbc;

import dev.ttsjobs.time.Sleeper;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears of new work from other processes, on a connection of its own. When the connection breaks it is opened anew, and
 * everybody is woken once, for what may have been missed.
 */
final class PostgresListener implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(PostgresListener.class);
    /** Between two questions whether the connection still lives; also how long closing may take. */
    private static final int PATIENCE_MILLIS = 2_000;

    private static final int QUIET_ROUNDS_BEFORE_PING = 30;
    /** Something may have been missed: no payload is spelled like this. */
    private static final String ANYTHING = "?";

    private static final Duration REST = Duration.ofSeconds(2);

    private final DataSource source;
    private final String channel;
    private final Consumer<String> heard;
    private final Sleeper sleeper;
    private volatile boolean closed;

    PostgresListener(DataSource source, String channel, Consumer<String> heard, Sleeper sleeper) {
        this.source = source;
        this.channel = channel;
        this.heard = heard;
        this.sleeper = sleeper;
    }

    void start() {
        Thread thread = new Thread(this::run, "tts-queue-listen");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        while (!closed) {
            try (Connection connection = source.getConnection()) {
                boolean limited = HostConnections.limit(connection);
                listen(connection);
                if (limited) {
                    connection.setNetworkTimeout(Runnable::run, 0);
                }
            } catch (SQLException | RuntimeException | Error e) {
                if (!closed) {
                    log.warn("not listening for new work at the moment; workers look by themselves: {}", e.toString());
                    rest();
                }
            }
        }
    }

    private void listen(Connection connection) throws SQLException {
        // In a transaction that is never committed nothing would be heard.
        connection.setAutoCommit(true);
        try (Statement statement = connection.createStatement()) {
            statement.execute("LISTEN " + channel);
            heard.accept(ANYTHING);
            PGConnection postgres = connection.unwrap(PGConnection.class);
            int quiet = 0;
            while (!closed) {
                PGNotification[] calls = postgres.getNotifications(PATIENCE_MILLIS);
                if (calls != null && calls.length > 0) {
                    quiet = 0;
                    Arrays.stream(calls)
                            .map(PGNotification::getParameter)
                            .distinct()
                            .forEach(heard);
                } else if (++quiet == QUIET_ROUNDS_BEFORE_PING) {
                    // A connection whose other end is gone stays silent for ever unless it is spoken to.
                    quiet = 0;
                    statement.execute("SELECT 1");
                }
            }
            statement.execute("UNLISTEN " + channel);
        }
    }

    private void rest() {
        try {
            sleeper.sleep(REST);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closed = true;
        }
    }

    @Override
    public void close() {
        closed = true;
    }
}
