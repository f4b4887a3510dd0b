package dev.ttsjobs.time;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;

/**
 * A clock, a ticker and a sleeper that move only when told: sleeping moves the time on instead of waiting. For tests.
 * Thread-safe.
 */
public final class ManualTime implements InstantSource, Ticker, Sleeper {

    private final Instant start;
    private long nanos;

    /** Starts at the given instant. */
    public ManualTime(Instant start) {
        this.start = Objects.requireNonNull(start, "start");
    }

    /** Starts at 2026-01-01T00:00:00Z. */
    public ManualTime() {
        this(Instant.parse("2026-01-01T00:00:00Z"));
    }

    /**
     * Moves the time on.
     *
     * @throws IllegalArgumentException when the duration is negative
     */
    public synchronized void advance(Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("time only moves on: " + duration);
        }
        nanos = Math.addExact(nanos, duration.toNanos());
    }

    /** Moves the time on to the given instant; does nothing when that is past. */
    public synchronized void advanceTo(Instant instant) {
        Duration ahead = Duration.between(instant(), instant);
        if (!ahead.isNegative()) {
            advance(ahead);
        }
    }

    @Override
    public synchronized Instant instant() {
        return start.plusNanos(nanos);
    }

    @Override
    public synchronized long nanos() {
        return nanos;
    }

    @Override
    public void sleep(Duration duration) {
        if (!duration.isNegative()) {
            advance(duration);
        }
    }
}
