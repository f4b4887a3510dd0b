package dev.ttsjobs.queue.jdbc;

import dev.ttsjobs.failure.TtsException;
import dev.ttsjobs.time.Sleeper;
import dev.ttsjobs.time.Ticker;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Handles;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.cache.internal.DefaultJdbiCacheBuilder;
import org.jdbi.v3.core.statement.ColonPrefixSqlParser;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;
import org.jspecify.annotations.Nullable;

/** Connections, transactions and the time of one database. Thread-safe; never holds a connection while it asks for one. */
final class Database {

    private static final int TRIES = 8;
    private static final Duration REST = Duration.ofMillis(20);

    /** Error numbers of MariaDB and MySQL. */
    private static final int DUPLICATE_KEY = 1062;

    private static final int LOCK_WAIT_TIMEOUT = 1205;

    private static final int PARSED_STATEMENTS = 50;

    private static final int FIRST_QUESTIONS = 8;

    /** Of one transaction: other ways would leave the level behind, and behind a pooler with somebody else. */
    static final String SEE_WHAT_IS_COMMITTED = "SET TRANSACTION ISOLATION LEVEL READ COMMITTED";

    private final Jdbi jdbi;
    private final Dialect dialect;
    private final @Nullable InstantSource givenClock;
    private final Sleeper sleeper;
    private final String beginWriting;
    /** Whether transactions would see, unless they say otherwise, no more than what was there when they began. */
    private final boolean seesThePast;

    private final ReentrantLock writer = new ReentrantLock();
    private final ReentrantLock aside = new ReentrantLock(true);
    private final InstantSource here;
    private final ServerTime server;

    /**
     * @param clock the time, instead of the database's; or null
     * @param machine what this machine takes for the time; or null for its own clocks
     */
    Database(
            DataSource source,
            String prefix,
            @Nullable InstantSource clock,
            @Nullable InstantSource machine,
            Sleeper sleeper) {
        HostConnections connections = new HostConnections(source);
        this.jdbi = Jdbi.create(connections);
        this.givenClock = clock;
        this.sleeper = sleeper;
        this.dialect = askWhatItIs(jdbi);
        if (dialect.isServer()) {
            connections.areRemote();
        }
        this.seesThePast = (dialect == Dialect.POSTGRESQL || dialect == Dialect.H2)
                && level() != Connection.TRANSACTION_READ_COMMITTED;
        this.here = machine != null ? machine : dialect.hasItsOwnTime() ? steady() : InstantSource.system();
        this.server = new ServerTime(here);
        this.beginWriting = "DELETE FROM " + prefix + "schema WHERE 0";
        configure(jdbi);
        // The first answers of a process are slow, and so tell little.
        for (int i = 0; i < FIRST_QUESTIONS && hasItsOwnTime() && !server.isGood(); i++) {
            sampleTime();
        }
    }

    /** A clock that nobody sets, for what only has to tell how long ago the database was asked. */
    private static InstantSource steady() {
        Ticker ticker = Ticker.system();
        Instant start = InstantSource.system().instant();
        long then = ticker.nanos();
        return () -> start.plusNanos(ticker.nanos() - then);
    }

    private static Dialect askWhatItIs(Jdbi jdbi) {
        try {
            return jdbi.withHandle(handle -> Dialect.of(handle.getConnection()));
        } catch (JdbiException e) {
            throw translated(e);
        } catch (SQLException e) {
            throw new QueueException("the database could not be asked what it is: " + e.getMessage(), e);
        }
    }

    private int level() {
        return read(handle -> {
            try {
                return handle.getConnection().getTransactionIsolation();
            } catch (SQLException e) {
                throw new QueueException("the database could not be asked for its isolation: " + e.getMessage(), e);
            }
        });
    }

    private void configure(Jdbi each) {
        each.registerArrayType(Long.class, "bigint");
        each.registerArrayType(String.class, "varchar");
        each.registerArrayType(Double.class, "float8");
        SqlStatements statements = each.getConfig(SqlStatements.class);
        statements.setUnusedBindingAllowed(true);
        if (dialect.isInnoDb()) {
            // Lists are spelled out in statements there: few of those come again, and they may be long.
            statements.setSqlParser(
                    new ColonPrefixSqlParser(DefaultJdbiCacheBuilder.builder().maxSize(PARSED_STATEMENTS)));
        }
        if (dialect.patience() > 0) {
            statements.setQueryTimeout(dialect.patience());
        }
    }

    Dialect dialect() {
        return dialect;
    }

    /** The database's time: this machine's clock, put right by what the database last said. */
    Instant now() {
        Instant instant = givenClock != null ? givenClock.instant() : server.now();
        return instant.truncatedTo(ChronoUnit.MICROS);
    }

    /** Asks the database for the time again. */
    void sampleTime() {
        if (hasItsOwnTime()) {
            read(handle -> hearing(() -> dialect.micros(handle), Micros::toInstant));
        }
    }

    /** Asks something of the database with which it also says its time. */
    <T> T hearing(Supplier<T> question, Function<T, Instant> time) {
        Instant asked = here.instant();
        T answer = question.get();
        if (hasItsOwnTime()) {
            server.heard(asked, time.apply(answer));
        }
        return answer;
    }

    private boolean hasItsOwnTime() {
        return givenClock == null && dialect.hasItsOwnTime();
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
            return attempt(() -> inTransaction(work));
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
     * Does what writes by one statement only, where there is one that does it all: it is its own transaction, and nobody
     * waits for a commit to be sent and answered. Elsewhere like {@link #write}.
     */
    <T> T writeAtOnce(Work<T> work) {
        return dialect == Dialect.POSTGRESQL ? attempt(() -> jdbi.withHandle(work::with)) : write(work);
    }

    /**
     * What goes on beside the work itself, one thing at a time, so that it all needs one connection: the heart beats and
     * looks for the dead, the old is pruned, and events are delivered.
     */
    <T> T aside(Supplier<T> work) {
        aside.lock();
        try {
            return work.get();
        } finally {
            aside.unlock();
        }
    }

    /** What others have committed is to be seen once their locks were waited for, whatever level the host has chosen. */
    private <T> T inTransaction(Work<T> work) {
        if (dialect.isInnoDb() || (seesThePast && dialect == Dialect.H2)) {
            // InnoDB's own level locks what is not there, too.
            return jdbi.inTransaction(TransactionIsolationLevel.READ_COMMITTED, work::with);
        }
        return jdbi.inTransaction(handle -> {
            if (seesThePast) {
                handle.execute(SEE_WHAT_IS_COMMITTED);
            }
            return work.with(handle);
        });
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
        return attempt(
                dialect.isInnoDb() ? Database::isDuplicate : this::isCollision,
                () -> fromSavepoint(connection, () -> hosts.withHandle(work::with)));
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

    private void requireTransaction(Connection connection) {
        try {
            if (connection.getAutoCommit()) {
                throw new IllegalStateException(
                        "the connection is in auto-commit mode: begin a transaction (setAutoCommit(false)) first");
            }
            if (dialect.isInnoDb() && connection.getTransactionIsolation() != Connection.TRANSACTION_READ_COMMITTED) {
                throw new IllegalStateException(
                        "on MariaDB and MySQL a job joins a transaction of the level READ COMMITTED only, since the"
                                + " others hide what was committed meanwhile: call"
                                + " setTransactionIsolation(TRANSACTION_READ_COMMITTED) before it begins");
            }
        } catch (SQLException e) {
            throw new QueueException("the given connection cannot be used", e);
        }
    }

    private <T> T attempt(Supplier<T> work) {
        return attempt(this::isCollision, work);
    }

    private <T> T attempt(Predicate<Throwable> again, Supplier<T> work) {
        for (int attempt = 1; ; attempt++) {
            try {
                return work.get();
            } catch (JdbiException e) {
                if (attempt == TRIES || !again.test(e)) {
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

    /** Says that somebody came between, and that the transaction is to be done anew. */
    static final class Collision extends JdbiException {

        private static final long serialVersionUID = 1L;

        Collision(String what) {
            super(what, new SQLException(what, "40001"));
        }
    }

    /** Deadlocks, serialization failures, busy databases, and two that insert the same row at the same moment. */
    private boolean isCollision(Throwable thrown) {
        SQLException sql = sqlException(thrown);
        if (sql == null) {
            return false;
        }
        String state = String.valueOf(sql.getSQLState());
        if (thrown instanceof Refusals.Refused) {
            // A row that the host finds there already is still there the next moment.
            return state.startsWith("40");
        }
        String message = String.valueOf(sql.getMessage());
        return state.startsWith("40")
                || state.equals("HYT00")
                || state.startsWith("23505")
                || (dialect.isInnoDb() && (isDuplicate(sql) || sql.getErrorCode() == LOCK_WAIT_TIMEOUT))
                || message.contains("SQLITE_BUSY")
                || message.contains("SQLITE_LOCKED")
                || message.contains("SQLITE_CONSTRAINT_UNIQUE")
                || message.contains("SQLITE_CONSTRAINT_PRIMARYKEY");
    }

    /** On MariaDB and MySQL: what leaves the transaction alive when a row of the same key was inserted meanwhile. */
    private static boolean isDuplicate(Throwable thrown) {
        SQLException sql = sqlException(thrown);
        return sql != null && sql.getErrorCode() == DUPLICATE_KEY;
    }

    /**
     * Whether the host's hook has made the transaction fail: it threw, or it caught what its own statement threw, after which
     * PostgreSQL takes no other.
     */
    static boolean isRefused(QueueException thrown) {
        SQLException sql = sqlException(thrown);
        return thrown.getCause() instanceof Refusals.Refused || (sql != null && "25P02".equals(sql.getSQLState()));
    }

    private static @Nullable SQLException sqlException(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                return sql;
            }
        }
        return null;
    }

    private static TtsException translated(JdbiException thrown) {
        if (thrown instanceof Refusals.Refused || thrown instanceof Unreadable) {
            return new QueueException(String.valueOf(thrown.getMessage()), thrown);
        }
        Throwable cause = thrown;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return new QueueException("the queue's database failed: " + cause.getMessage(), thrown);
    }
}
