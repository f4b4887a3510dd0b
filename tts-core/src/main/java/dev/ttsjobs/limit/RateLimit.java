package dev.ttsjobs.limit;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How fast an account may be called. Immutable and thread-safe.
 *
 * @param requestsPerMinute requests a minute, evenly spaced; more than 0; {@link Double#POSITIVE_INFINITY} for no limit
 * @param mostPerMinute to how many requests a minute the provider's own word may raise that; as many as
 *     {@code requestsPerMinute} by default
 * @param tokensPerMinute tokens a minute, on a clock of their own; null for no limit
 * @param burst how many requests may follow each other at once after a rest; 1 by default
 * @param probeInterval how often a paused account is tried with one call
 */
public record RateLimit(
        double requestsPerMinute,
        double mostPerMinute,
        @Nullable Double tokensPerMinute,
        int burst,
        Duration probeInterval) {

    /** No limit beside what the provider says. */
    public static final RateLimit UNLIMITED = perMinute(Double.POSITIVE_INFINITY);

    /** @throws IllegalArgumentException when a number is not positive, or the most is less than the rate to begin with */
    public RateLimit {
        Objects.requireNonNull(probeInterval, "probeInterval");
        if (!(requestsPerMinute > 0)
                || (tokensPerMinute != null && !(tokensPerMinute > 0))
                || burst < 1
                || probeInterval.isNegative()
                || probeInterval.isZero()) {
            throw new IllegalArgumentException("limits, burst and probe interval must be positive");
        }
        if (!(mostPerMinute >= requestsPerMinute)) {
            throw new IllegalArgumentException("the most requests a minute are no fewer than those to begin with");
        }
    }

    /** So many requests a minute, evenly spaced: 120 means one every 500 ms. Probes every minute. */
    public static RateLimit perMinute(double requests) {
        return new RateLimit(requests, requests, null, 1, Duration.ofMinutes(1));
    }

    /**
     * This limit to begin with. Where the headers of the provider's answers name a higher one, the rate rises towards it, by a
     * tenth every 10 s while nothing is refused and calls are left over; a lower one is kept to at once, with or without this.
     *
     * @param requests the rate that is never passed, whatever the headers say
     */
    public RateLimit withMostPerMinute(double requests) {
        return new RateLimit(requestsPerMinute, requests, tokensPerMinute, burst, probeInterval);
    }

    public RateLimit withTokensPerMinute(@Nullable Double tokens) {
        return new RateLimit(requestsPerMinute, mostPerMinute, tokens, burst, probeInterval);
    }

    public RateLimit withBurst(int burst) {
        return new RateLimit(requestsPerMinute, mostPerMinute, tokensPerMinute, burst, probeInterval);
    }

    public RateLimit withProbeInterval(Duration interval) {
        return new RateLimit(requestsPerMinute, mostPerMinute, tokensPerMinute, burst, interval);
    }
}
