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
}
