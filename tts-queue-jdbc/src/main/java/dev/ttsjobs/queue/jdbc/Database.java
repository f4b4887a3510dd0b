package dev.ttsjobs.queue.jdbc;

import dev.ttsjobs.failure.TtsException;
import dev.ttsjobs.time.Sleeper;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Handles;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jspecify.annotations.Nullable;

/** Connections, transactions and the time of one database. Thread-safe; never holds a connection while it asks for one. */
final class Database {

    private static final int TRIES = 8;
    private static final Duration REST = Duration.ofMillis(20);

    private final Jdbi jdbi;
    private final Dialect dialect;
    private final @Nullable InstantSource givenClock;
    private final Sleeper sleeper;
    private final String beginWriting;
    private final ReentrantLock writer = new ReentrantLock();
    private volatile Duration offset = Duration.ZERO;

    Database(DataSource source, String prefix, @Nullable InstantSource clock, Sleeper sleeper) {
        this.jdbi = Jdbi.create(() -> {
            Connection connection = source.getConnection();
            if (!connection.getAutoCommit()) {
                // Some hosts set their pools so; the transactions here are begun and ended by the queue itself.
                connection.setAutoCommit(true);
            }
            return connection;
        });
        this.givenClock = clock;
        this.sleeper = sleeper;
        this.dialect = read(handle -> {
            try {
                return Dialect.of(handle.getConnection());
            } catch (SQLException e) {
                throw new QueueException("the database could not be asked what it is", e);
            }
        });
        this.beginWriting = "DELETE FROM " + prefix + "schema WHERE 0";
        configure(jdbi);
        sampleTime();
    }

    private void configure(Jdbi each) {
        each.registerArrayType(Long.class, "bigint");
        each.registerArrayType(String.class, "varchar");
        each.registerArrayType(Double.class, "float8");
        SqlStatements statements = each.getConfig(SqlStatements.class);
        statements.setUnusedBindingAllowed(true);
        if (dialect.patience() > 0) {
            statements.setQueryTimeout(dialect.patience());
        }
    }

    Dialect dialect() {
        return dialect;
    }

    /** The database's time: this machine's clock, put right by what the database last said. */
    Instant now() {
        Instant instant = givenClock != null
                ? givenClock.instant()
                : InstantSource.system().instant().plus(offset);
        return instant.truncatedTo(ChronoUnit.MICROS);
    }

    /** Asks the database for the time again. */
    void sampleTime() {
        if (givenClock == null && dialect.hasItsOwnTime()) {
            InstantSource here = InstantSource.system();
            offset = read(handle -> {
                Instant asked = here.instant();
                Instant there = Micros.toInstant(Dialect.micros(handle));
                Instant middle =
                        asked.plus(Duration.between(asked, here.instant()).dividedBy(2));
                return Duration.between(middle, there);
            });
        }
    }

    /** What is done with a connection. */
    @FunctionalInterface
    interface Work<T> {
        T with(Handle handle);
    }

    /** Reads without a transaction. */
    <T> T read(Work<T> work) {
        return attempt(() -> jdbi.withHandle(work::with));
    }

    /** Does something in a transaction of its own; tried again after a deadlock or a collision. */
    <T> T write(Work<T> work) {
        if (!dialect.hasOneWriter()) {
            return attempt(() -> jdbi.inTransaction(work::with));
        }
        writer.lock();
        try {
            return attempt(() -> jdbi.inTransaction(handle -> {
                // Whoever begins as a reader and then writes is refused when somebody else wrote meanwhile.
                handle.execute(beginWriting);
                return work.with(handle);
            }));
        } finally {
            writer.unlock();
        }
    }

    /**
     * Does something in the host's transaction, and leaves the connection as it was. What fails leaves nothing behind in
     * that transaction, which the host may then go on with.
     */
    <T> T join(Connection connection, Work<T> work) {
        requireTransaction(connection);
        Jdbi hosts = Jdbi.create(connection);
        configure(hosts);
        hosts.getConfig(Handles.class).setForceEndTransactions(false);
        return attempt(() -> fromSavepoint(connection, () -> hosts.withHandle(work::with)));
    }

    private static <T> T fromSavepoint(Connection connection, Supplier<T> work) {
        try {
            Savepoint before = connection.setSavepoint();
            T result;
            try {
                result = work.get();
            } catch (RuntimeException e) {
                rollBack(connection, before, e);
                throw e;
            }
            connection.releaseSavepoint(before);
            return result;
        } catch (SQLException e) {
            throw new QueueException("the host's transaction cannot be used: " + e.getMessage(), e);
        }
    }

    private static void rollBack(Connection connection, Savepoint before, RuntimeException cause) {
        try {
            connection.rollback(before);
        } catch (SQLException e) {
            // The transaction is gone as a whole, so there is nothing to try again in.
            throw new QueueException("the host's transaction was rolled back: " + cause.getMessage(), cause);
        }
    }

    private static void requireTransaction(Connection connection) {
        try {
            if (connection.getAutoCommit()) {
                throw new IllegalStateException(
                        "the connection is in auto-commit mode: begin a transaction (setAutoCommit(false)) first");
            }
        } catch (SQLException e) {
            throw new QueueException("the given connection cannot be used", e);
        }
    }

    private <T> T attempt(Supplier<T> work) {
        for (int attempt = 1; ; attempt++) {
            try {
                return work.get();
            } catch (JdbiException e) {
                if (attempt == TRIES || !isCollision(e)) {
                    throw translated(e);
                }
                rest(attempt);
            }
        }
    }

    private void rest(int attempt) {
        try {
            sleeper.sleep(REST.multipliedBy(attempt));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new QueueException("interrupted while waiting for another transaction", e);
        }
    }

    /** Deadlocks, serialization failures, busy databases, and two that insert the same row at the same moment. */
    private static boolean isCollision(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                String state = String.valueOf(sql.getSQLState());
                String message = String.valueOf(sql.getMessage());
                return state.startsWith("40")
                        || state.equals("HYT00")
                        || state.startsWith("23505")
                        || message.contains("SQLITE_BUSY")
                        || message.contains("SQLITE_LOCKED")
                        || message.contains("SQLITE_CONSTRAINT_UNIQUE")
                        || message.contains("SQLITE_CONSTRAINT_PRIMARYKEY");
            }
        }
        return false;
    }

    private static TtsException translated(JdbiException thrown) {
        Throwable cause = thrown;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return new QueueException("the queue's database failed: " + cause.getMessage(), thrown);
    }
}
