package dev.ttsjobs.queue.jdbc;

import dev.ttsjobs.queue.ClipQueue.Signal;
import dev.ttsjobs.time.Sleeper;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Who is woken by what: this process by signals, others through the database where it can tell them. Thread-safe. */
final class Wakes implements AutoCloseable {

    /** What other processes are told of. */
    private static final String WORK = "";

    private static final String EVENT = "event";

    private final DataSource source;
    private final String channel;
    private final Sleeper sleeper;
    private final boolean tells;
    private final Signals work = new Signals();
    private final Signals events = new Signals();

    private @Nullable PostgresListener listener;

    Wakes(DataSource source, Dialect dialect, String prefix, Sleeper sleeper) {
        this.source = source;
        this.channel = prefix + "work";
        this.sleeper = sleeper;
        this.tells = dialect == Dialect.POSTGRESQL;
    }

    /** Wakes the workers of this process, after a commit. */
    void forWork() {
        work.wake();
    }

    /** Wakes those of this process who deliver events, after a commit. */
    void forEvents() {
        events.wake();
    }

    /** Wakes the workers of other processes when the transaction commits. */
    void othersForWork(Handle handle) {
        tell(handle, WORK);
    }

    /** Wakes those of other processes who deliver events when the transaction commits. */
    void othersForEvents(Handle handle) {
        tell(handle, EVENT);
    }

    private void tell(Handle handle, String what) {
        if (tells) {
            handle.createQuery("SELECT CAST(pg_notify(:channel, :what) AS VARCHAR)")
                    .bind("channel", channel)
                    .bind("what", what)
                    .mapTo(String.class)
                    .one();
        }
    }

    Signal onWork(Runnable wake) {
        return listen(work, wake);
    }

    Signal onEvent(Runnable wake) {
        return listen(events, wake);
    }

    private synchronized Signal listen(Signals sleepers, Runnable wake) {
        sleepers.add(wake);
        if (listener == null && tells) {
            listener = new PostgresListener(source, channel, this::heard, sleeper);
            listener.start();
        }
        return () -> {
            sleepers.remove(wake);
            stopListening(false);
        };
    }

    private void heard(String what) {
        if (!what.equals(EVENT)) {
            work.wake();
        }
        if (!what.equals(WORK)) {
            events.wake();
        }
    }

    private synchronized void stopListening(boolean always) {
        if (listener != null && (always || (work.isEmpty() && events.isEmpty()))) {
            listener.close();
            listener = null;
        }
    }

    @Override
    public void close() {
        stopListening(true);
    }
}
