package dev.ttsjobs.examples.server;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts by key, within a time that begins with the first of each. It is in the database, so that all servers count together
 * and a start forgets nothing. What is over is deleted once a minute; there is no more room for a flood of made-up keys than
 * the slow hash that each of them costs leaves time for. Thread-safe.
 */
final class Tally {

    private static final Logger log = LoggerFactory.getLogger(Tally.class);
    private static final Duration BETWEEN_PRUNINGS = Duration.ofMinutes(1);
    private static final int MOST_TRIES = 100;

    private final Jdbi jdbi;
    private final InstantSource clock;
    private final AtomicLong prunedAt = new AtomicLong(Long.MIN_VALUE);

    /** @param clock the database's, so that servers need not agree on the time */
    Tally(Jdbi jdbi, InstantSource clock) {
        this.jdbi = jdbi;
        this.clock = clock;
    }

    private record Row(int times, long endsAt) {}

    /**
     * Counts a key once more, unless it was counted that often already.
     *
     * @return empty when it was counted; otherwise how long it takes until it may be
     */
    Optional<Duration> add(String key, int most, Duration window) {
        String id = id(key);
        prune();
        for (; ; ) {
            long now = clock.millis();
            long end = now + window.toMillis();
            // Each statement for itself: of two servers the second one waits for the first, and then sees what it did.
            if (execute(
                            "UPDATE tallies SET times = times + 1 WHERE id = ? AND ends_at > ? AND times < ?",
                            id,
                            now,
                            most)
                    || execute(
                            "UPDATE tallies SET times = 1, ends_at = ? WHERE id = ? AND ends_at <= ?", end, id, now)) {
                return Optional.empty();
            }
            Optional<Row> row = find(id);
            if (row.isEmpty()) {
                if (insert(id, end)) {
                    return Optional.empty();
                }
            } else if (row.get().times >= most && row.get().endsAt > now) {
                return Optional.of(Duration.ofMillis(row.get().endsAt - now));
            }
            // Otherwise another server has been there between two statements: its row can be counted in.
        }
    }

    void takeBack(String key) {
        execute(
                "UPDATE tallies SET times = times - 1 WHERE id = ? AND ends_at > ? AND times > 0",
                id(key),
                clock.millis());
    }

    /** Keeps a key for a while, or for longer. */
    void keep(String key, Duration window) {
        String id = id(key);
        long end = clock.instant().plus(window).toEpochMilli();
        // A key that is kept every few minutes is not written each time.
        long soon = end - window.dividedBy(10).toMillis();
        if (find(id).filter(row -> row.endsAt >= soon).isEmpty()
                && !execute("UPDATE tallies SET ends_at = ? WHERE id = ?", end, id)) {
            insert(id, end);
        }
    }

    boolean has(String key) {
        return find(id(key)).filter(row -> row.endsAt > clock.millis()).isPresent();
    }

    private boolean execute(String sql, Object... values) {
        for (int tries = 1; ; tries++) {
            try {
                return jdbi.withHandle(handle -> handle.execute(sql, values)) > 0;
            } catch (JdbiException e) {
                if (tries == MOST_TRIES || !isCollision(e)) {
                    throw e;
                }
            }
        }
    }

    /**
     * Of two at once the second one is refused where reads are repeatable by default (PostgreSQL), or where both waited for
     * each other; it did nothing, and may try again. Each time one of them gets through.
     */
    private static boolean isCollision(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql
                    && String.valueOf(sql.getSQLState()).startsWith("40")) {
                return true;
            }
        }
        return false;
    }

    private Optional<Row> find(String id) {
        return jdbi.withHandle(handle -> handle.createQuery("SELECT times, ends_at FROM tallies WHERE id = :id")
                .bind("id", id)
                .map((rows, context) -> new Row(rows.getInt("times"), rows.getLong("ends_at")))
                .findOne());
    }

    /** @return false when somebody else was quicker by a moment */
    private boolean insert(String id, long end) {
        try {
            return execute("INSERT INTO tallies (id, times, ends_at) VALUES (?, 1, ?)", id, end);
        } catch (JdbiException e) {
            if (find(id).isPresent()) {
                return false;
            }
            throw e;
        }
    }

    private void prune() {
        long now = clock.millis();
        long before = prunedAt.get();
        if (before < now - BETWEEN_PRUNINGS.toMillis() && prunedAt.compareAndSet(before, now)) {
            try {
                execute("DELETE FROM tallies WHERE ends_at <= ?", now);
            } catch (JdbiException e) {
                // Another server may be at it; the next look may do.
                log.debug("what is over was not deleted: {}", e.toString());
            }
        }
    }

    /** Of one length whatever somebody typed, and no list of addresses for whoever reads the table. */
    private static String id(String key) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
