package dev.ttsjobs.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ttsjobs.contract.RateLimiterContract;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.speech.ProviderHints;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class InProcessRateLimiterTest extends RateLimiterContract {

    private static final Failure DOWN = Failure.of(FailureKind.OUTAGE, "unavailable", "down");

    @Override
    protected RateLimiter limiter(RateLimit limit) {
        return RateLimiter.inProcess(limit, time);
    }

    @Test
    void aProbeCountsAgainstTheLimit() {
        RateLimiter limiter = limiter(RateLimit.perMinute(60));
        limiter.pause(DOWN);
        time.advance(Duration.ofSeconds(5));
        Instant probe = limiter.reserve(List.of(1)).slots().get(0);
        limiter.succeeded(ProviderHints.NONE);
        Instant next = limiter.reserve(List.of(1)).slots().get(0);
        assertEquals(1, Duration.between(probe, next).toSeconds());
    }

    @Test
    void aProbeWaitsForTheLimitAndForTheProvider() {
        RateLimiter limiter = limiter(RateLimit.perMinute(1));
        Instant first = limiter.reserve(List.of(1)).slots().get(0);
        limiter.pause(DOWN);
        time.advance(Duration.ofSeconds(5));
        Instant probe = limiter.reserve(List.of(1)).slots().get(0);
        assertEquals(60, Duration.between(first, probe).toSeconds());
        limiter.slowDown(Duration.ofMinutes(5));
        Instant wanted = time.instant().plus(Duration.ofMinutes(5));
        time.advanceTo(limiter.pause().orElseThrow().probeAt());
        assertEquals(wanted, limiter.reserve(List.of(1)).slots().get(0));
    }
}
