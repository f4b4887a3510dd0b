package dev.ttsjobs.retry;

import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * Whether and when a failed clip is tried again: a pure function of its failure, its attempts and a random number.
 * Immutable and thread-safe.
 *
 * @param maxAttempts how many attempts a clip has, over all workers and restarts; 5 by default
 * @param backoff the rest between attempts; full jitter from 1 s to 2 min by default
 */
public record RetryPolicy(int maxAttempts, Backoff backoff) {

    /** Five attempts, full jitter from 1 s to 2 min. */
    public static final RetryPolicy STANDARD =
            new RetryPolicy(5, Backoff.fullJitter(Duration.ofSeconds(1), Duration.ofMinutes(2)));

    public RetryPolicy {
        Objects.requireNonNull(backoff, "backoff");
        if (maxAttempts < 1) {
            throw new IllegalArgumentException("maxAttempts must be at least 1");
        }
    }

    /**
     * Whether a job that has ended with something lacking is tried again by itself: only what failed for reasons that may
     * pass ({@link FailureKind#retryable}), in the same job. A rejected text is never tried again so. Immutable and
     * thread-safe.
     *
     * @param most how many times; 0 for never
     * @param firstPause how long after the first end; after each later one four times as long as before, up to a day
     */
    public record Rounds(int most, Duration firstPause) {

        private static final Duration LONGEST = Duration.ofDays(1);

        /** Never by itself. */
        public static final Rounds NONE = new Rounds(0, Duration.ofMinutes(15));

        /** @throws IllegalArgumentException when the number is negative, or the pause not from 1 s to a day */
        public Rounds {
            if (most < 0 || firstPause.compareTo(Duration.ofSeconds(1)) < 0 || firstPause.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException("rounds are 0 or more, and their first pause is 1 s to 1 day");
            }
        }

        /** So many times, 15 minutes, an hour, 4 hours, 16 hours and then a day after each end. */
        public static Rounds of(int most) {
            return new Rounds(most, NONE.firstPause);
        }

        /** The pause before the next round; empty when it was the last. */
        public Optional<Duration> pauseAfter(int done) {
            if (done >= most) {
                return Optional.empty();
            }
            Duration pause = firstPause.multipliedBy(1L << Math.min(2 * done, 20));
            return Optional.of(pause.compareTo(LONGEST) < 0 ? pause : LONGEST);
        }
    }

    public RetryPolicy withMaxAttempts(int attempts) {
        return new RetryPolicy(attempts, backoff);
    }

    public RetryPolicy withBackoff(Backoff other) {
        return new RetryPolicy(maxAttempts, other);
    }

    /**
     * How long the clip rests before it is tried again; empty when it is given up. A longer wait that the provider asked
     * for is kept; a shorter one does not shorten the rest.
     *
     * @param attempts the attempts on record, this one included
     * @param random a random number, at least 0 and below 1
     */
    public Optional<Duration> restAfter(Failure failure, int attempts, double random) {
        if (!failure.kind().retryable() || (failure.kind().costsAttempt() && attempts >= maxAttempts)) {
            return Optional.empty();
        }
        if (failure.kind() == FailureKind.RATE_LIMITED || failure.kind().pausesAccount()) {
            // The account waits, not the clip.
            return Optional.of(Duration.ZERO);
        }
        Duration rest = backoff.delay(Math.max(1, attempts), random);
        Duration asked = failure.retryAfter();
        return Optional.of(asked != null && asked.compareTo(rest) > 0 ? asked : rest);
    }

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
}
