package dev.ttsjobs.examples.voice;

import java.time.Duration;

/** An allowance that refills evenly: the token bucket, which is GCRA seen from the other side. */
final class Meter {

    /**
     * What became of one taking.
     *
     * @param allowed whether there was enough
     * @param remaining how much is left, whole units
     * @param retryAfter how long until the same taking would be allowed, if nothing else is taken
     * @param reset how long until the allowance is full again
     */
    record Reading(boolean allowed, long remaining, Duration retryAfter, Duration reset) {}

    private final int perMinute;
    private final double capacity;
    private final VoiceClock clock;
    private double level;
    private long read;

    Meter(int perMinute, double capacity, VoiceClock clock) {
        this.perMinute = perMinute;
        this.capacity = capacity;
        this.clock = clock;
        this.level = capacity;
        this.read = clock.nanos();
    }

    int perMinute() {
        return perMinute;
    }

    /** Takes some of the allowance. What is not allowed is taken all the same, down to owing one full allowance. */
    synchronized Reading take(double amount) {
        long now = clock.nanos();
        level = Math.min(capacity, level + (now - read) * perSecond() / 1e9);
        read = now;
        // A hair's breadth below is rounding, not a call too many.
        boolean allowed = level >= amount - 1e-6;
        level = Math.max(-capacity, level - amount);
        return new Reading(
                allowed,
                (long) Math.max(0, Math.floor(level + 1e-6)),
                allowed ? Duration.ZERO : seconds((Math.min(amount, capacity) - level) / perSecond()),
                seconds((capacity - level) / perSecond()));
    }

    private double perSecond() {
        return perMinute / 60.0;
    }

    private static Duration seconds(double seconds) {
        return Duration.ofNanos((long) Math.ceil(Math.max(0, seconds) * 1e9));
    }
}
