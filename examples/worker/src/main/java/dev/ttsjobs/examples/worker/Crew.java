package dev.ttsjobs.examples.worker;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which processes make audio on this database. Each signs in with a row of its own, says every 15 s that it lives and how
 * much it does, and signs off; one that says nothing for 45 s counts as gone. The queue itself needs none of this: it is for
 * people to see. Thread-safe.
 */
public final class Crew {

    private static final Logger log = LoggerFactory.getLogger(Crew.class);
    private static final Duration BEAT = Duration.ofSeconds(15);
    private static final Duration SILENCE = BEAT.multipliedBy(3);
    private static final Duration FORGOTTEN = Duration.ofDays(1);

    private final Jdbi jdbi;
    private final InstantSource clock;

    /** @param clock the database's, so that machines need not agree on the time */
    Crew(DataSource source, InstantSource clock) {
        this.jdbi = Jdbi.create(source);
        this.clock = clock;
    }

    /** What a process is, beside a worker. */
    public enum Kind {
        SERVER,
        WORKER
    }

    /**
     * A process that makes audio.
     *
     * @param id made anew at each start
     * @param kind what it is beside a worker
     * @param host the name of its machine and the number of its process
     * @param startedAt since when
     * @param seenAt when it last said that it lives
     * @param calling how many calls it had under way then
     * @param callsLastMinute how many it had begun in the minute before
     */
    public record Member(
            String id, Kind kind, String host, Instant startedAt, Instant seenAt, int calling, int callsLastMinute) {}

    /** How much a process does. */
    record Load(int calling, int callsLastMinute) {}

    /** Those who are alive, the longest at work first. */
    public List<Member> alive() {
        return jdbi.withHandle(handle -> handle.createQuery("SELECT id, kind, host, started_at, seen_at, calling,"
                        + " calls_last_minute FROM crew WHERE seen_at > :since ORDER BY started_at, id")
                .bind("since", clock.instant().minus(SILENCE).toEpochMilli())
                .map((row, context) -> new Member(
                        row.getString(1),
                        Kind.valueOf(row.getString(2)),
                        row.getString(3),
                        Instant.ofEpochMilli(row.getLong(4)),
                        Instant.ofEpochMilli(row.getLong(5)),
                        row.getInt(6),
                        row.getInt(7)))
                .list());
    }

    /** Signs in, in the background, until it is closed. */
    Membership join(Kind kind, Supplier<Load> load) {
        return new Membership(kind, load);
    }

    /** A process's place among the crew. */
    final class Membership implements AutoCloseable {

        private final String id = UUID.randomUUID().toString();
        private final Kind kind;
        private final Supplier<Load> load;
        private final Instant startedAt = clock.instant();
        private final ScheduledExecutorService beats = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "tts-crew");
            thread.setDaemon(true);
            return thread;
        });

        private Membership(Kind kind, Supplier<Load> load) {
            this.kind = kind;
            this.load = load;
            beats.scheduleWithFixedDelay(this::beat, 0, BEAT.toMillis(), TimeUnit.MILLISECONDS);
        }

        void beat() {
            try {
                Load now = load.get();
                jdbi.useHandle(handle -> {
                    if (!update(handle, now)) {
                        insert(handle, now);
                    }
                });
            } catch (RuntimeException | Error e) {
                // The worker says so too, and the next beat may do.
                log.debug("this process could not say that it lives: {}", e.toString());
            }
        }

        private boolean update(Handle handle, Load now) {
            return handle.createUpdate("UPDATE crew SET seen_at = :now, calling = :calling,"
                                    + " calls_last_minute = :calls WHERE id = :id")
                            .bind("now", clock.instant().toEpochMilli())
                            .bind("calling", now.calling)
                            .bind("calls", now.callsLastMinute)
                            .bind("id", id)
                            .execute()
                    > 0;
        }

        private void insert(Handle handle, Load now) {
            handle.createUpdate("DELETE FROM crew WHERE seen_at < :before")
                    .bind("before", clock.instant().minus(FORGOTTEN).toEpochMilli())
                    .execute();
            handle.createUpdate("INSERT INTO crew (id, kind, host, started_at, seen_at, calling, calls_last_minute)"
                            + " VALUES (:id, :kind, :host, :started, :now, :calling, :calls)")
                    .bind("id", id)
                    .bind("kind", kind.name())
                    .bind("host", host())
                    .bind("started", startedAt.toEpochMilli())
                    .bind("now", clock.instant().toEpochMilli())
                    .bind("calling", now.calling)
                    .bind("calls", now.callsLastMinute)
                    .execute();
        }

        /** Asked for in the background: a broken name service takes its time. */
        private static String host() {
            String machine;
            try {
                machine = InetAddress.getLocalHost().getHostName();
            } catch (UnknownHostException e) {
                machine = "unknown";
            }
            String host = machine + "/" + ProcessHandle.current().pid();
            return host.substring(Math.max(0, host.length() - 200));
        }

        @Override
        public void close() {
            beats.shutdown();
            try {
                beats.awaitTermination(2, TimeUnit.SECONDS);
                jdbi.useHandle(handle -> handle.execute("DELETE FROM crew WHERE id = ?", id));
            } catch (RuntimeException e) {
                log.debug("this process could not sign off: {}", e.toString());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
