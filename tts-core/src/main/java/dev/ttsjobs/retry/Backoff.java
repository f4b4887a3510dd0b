package dev.ttsjobs.retry;

import java.time.Duration;

/** How long to rest before an attempt is repeated: a pure function. Implementations are immutable and thread-safe. */
@FunctionalInterface
public interface Backoff {

    /**
     * The rest after the given attempt.
     *
     * @param attempt which attempt failed, starting at 1
     * @param random a random number, at least 0 and below 1
     */
    Duration delay(int attempt, double random);

    /**
     * Full jitter: somewhere between a tenth of and the whole of {@code base × 2^(attempt-1)}, which grows no further than
     * {@code max}. The tenth keeps a retry from following at once.
     *
     * @throws IllegalArgumentException when a duration is not positive or max is below base
     */
    static Backoff fullJitter(Duration base, Duration max) {
        if (base.isNegative() || base.isZero() || max.compareTo(base) < 0) {
            throw new IllegalArgumentException("base must be positive, and max at least base");
        }
        return (attempt, random) -> {
            double ceiling = Math.min(max.toNanos(), base.toNanos() * Math.pow(2, Math.max(0, attempt - 1)));
            return Duration.ofNanos((long) (ceiling * (0.1 + 0.9 * random)));
        };
    }
}
