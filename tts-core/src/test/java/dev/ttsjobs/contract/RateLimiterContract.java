package dev.ttsjobs.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.limit.RateLimiter;
import dev.ttsjobs.limit.RateLimiter.Reservation;
import dev.ttsjobs.speech.ProviderHints;
import dev.ttsjobs.time.ManualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What every {@link RateLimiter} holds to. */
public abstract class RateLimiterContract {

    private static final Failure QUOTA = Failure.of(FailureKind.QUOTA_EXHAUSTED, "insufficient_quota", "no credit");
    private static final Failure OUTAGE = Failure.of(FailureKind.OUTAGE, "unreachable", "connection refused");

    protected final ManualTime time = new ManualTime();

    /** A fresh limiter that takes its time from {@link #time}. */
    protected abstract RateLimiter limiter(RateLimit limit) throws Exception;

    @Test
    void slotsAreEvenlySpacedAndTheFirstIsNow() throws Exception {
        RateLimiter limiter = limiter(RateLimit.perMinute(120));
        Instant start = time.instant();
        List<Instant> slots = limiter.reserve(List.of(1, 1, 1)).slots();
        assertEquals(start, slots.get(0));
        for (int i = 1; i < 3; i++) {
            Duration gap = Duration.between(slots.get(i - 1), slots.get(i));
            assertTrue(gap.toMillis() >= 500 && gap.toMillis() <= 510, "gap " + gap);
        }
        Duration next = Duration.between(
                slots.get(2), limiter.reserve(List.of(1)).slots().get(0));
        assertTrue(next.toMillis() >= 500 && next.toMillis() <= 510, "gap " + next);
    }

    @Test
    void aRestGivesNoCreditBeyondTheBurst() throws Exception {
        RateLimiter limiter = limiter(RateLimit.perMinute(60).withBurst(3));
        limiter.reserve(List.of(1));
        time.advance(Duration.ofHours(1));
        List<Instant> slots = limiter.reserve(List.of(1, 1, 1, 1, 1)).slots();
        Instant now = time.instant();
        assertEquals(List.of(now, now, now), slots.subList(0, 3));
        assertTrue(slots.get(3).isAfter(now.plusMillis(990)));
        assertTrue(slots.get(4).isAfter(now.plusMillis(1990)));
    }

    @Test
    void noMinuteHoldsMoreThanTheLimit() throws Exception {
        RateLimiter limiter = limiter(RateLimit.perMinute(100));
        List<Instant> sent = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            sent.addAll(limiter.reserve(Collections.nCopies(1 + i % 5, 1)).slots());
            if (i % 7 == 0) {
                time.advance(Duration.ofSeconds(i % 3));
            }
        }
        for (int i = 0; i + 100 < sent.size(); i++) {
            assertTrue(Duration.between(sent.get(i), sent.get(i + 100)).toMillis() >= 60_000);
        }
    }

    @Test
    void tokensHaveAClockOfTheirOwn() throws Exception {
        RateLimiter limiter = limiter(RateLimit.perMinute(6000).withTokensPerMinute(600.0));
        List<Instant> slots = limiter.reserve(List.of(100, 100, 1)).slots();
        assertTrue(Duration.between(slots.get(0), slots.get(1)).toMillis() >= 10_000);
        assertTrue(Duration.between(slots.get(1), slots.get(2)).toMillis() >= 10_000);
    }

    @Test
    void theClockOfTokensRunsWhereRequestsHaveNoLimit() throws Exception {
        RateLimiter limiter = limiter(RateLimit.UNLIMITED.withTokensPerMinute(600.0));
        List<Instant> slots = limiter.reserve(List.of(100, 1)).slots();
        assertTrue(Duration.between(slots.get(0), slots.get(1)).toMillis() >= 10_000);
        limiter.succeeded(new ProviderHints(500L, 499L, null, null, null));
        time.advance(Duration.ofMinutes(1));
        slots = limiter.reserve(List.of(100, 1)).slots();
        assertTrue(Duration.between(slots.get(0), slots.get(1)).toMillis() <= 10_200, "and no slower than it should");
    }

    @Test
    void aCostBeyondTheMinuteIsAdmittedAndPaidOff() throws Exception {
        RateLimiter limiter = limiter(RateLimit.perMinute(6000).withTokensPerMinute(60.0));
        assertEquals(List.of(time.instant()), limiter.reserve(List.of(600)).slots());
        assertTrue(limiter.reserve(List.of(1))
                .slots()
                .get(0)
                .isAfter(time.instant().plus(Duration.ofMinutes(10))));
    }

    @Test
    void withoutALimitEverySlotIsNow() throws Exception {
        RateLimiter limiter = limiter(RateLimit.UNLIMITED);
        assertEquals(
                Collections.nCopies(50, time.instant()),
                limiter.reserve(Collections.nCopies(50, 7)).slots());
    }

    @Test
    void slowingDownHoldsEverybodyForAsLongAsAsked() throws Exception {
        RateLimiter limiter = limiter(RateLimit.perMinute(6000));
        limiter.slowDown(Duration.ofSeconds(20));
        limiter.slowDown(Duration.ofSeconds(3));
        assertFalse(limiter.reserve(List.of(1))
                .slots()
                .get(0)
                .isBefore(time.instant().plusSeconds(20)));
    }

    @Test
    void slowingDownHasAFloorAndACeiling() throws Exception {
        RateLimiter limiter = limiter(RateLimit.perMinute(6000));
        limiter.slowDown(null);
        assertFalse(limiter.reserve(List.of(1))
                .slots()
                .get(0)
                .isBefore(time.instant().plusMillis(500)));
        limiter.slowDown(Duration.ofDays(300));
        assertFalse(limiter.reserve(List.of(1))
                .slots()
                .get(0)
                .isAfter(time.instant().plus(Duration.ofMinutes(11))));
    }

    @Test
    void theRateIsCutOnceAndComesBack() throws Exception {
        RateLimiter limiter = limiter(RateLimit.perMinute(600));
        long full = gap(limiter);
        limiter.slowDown(Duration.ZERO);
        limiter.slowDown(Duration.ZERO);
        limiter.slowDown(Duration.ZERO);
        time.advance(Duration.ofSeconds(2));
        long cut = gap(limiter);
        assertTrue(cut > full * 1.03 && cut < full * 1.08, full + " ns became " + cut);
        time.advance(Duration.ofMinutes(10));
        assertEquals(full, gap(limiter), full / 1000.0);
    }

    @Test
    void aLowerLimitInTheHeadersIsKeptTo() throws Exception {
        RateLimiter limiter = limiter(RateLimit.perMinute(600));
        limiter.succeeded(new ProviderHints(60L, 59L, null, null, null));
        assertTrue(gap(limiter) >= 1_000_000_000L);
    }

    @Test
    void aHigherLimitInTheHeadersIsNotTakenUnlessThatIsAllowed() throws Exception {
        RateLimiter limiter = limiter(RateLimit.perMinute(600));
        long full = gap(limiter);
        succeedFor(limiter, Duration.ofMinutes(10), new ProviderHints(6000L, 5999L, null, null, null));
        assertEquals(full, gap(limiter), full / 1000.0);
    }

    @Test
    void theRateRisesStepByStepToWhatTheHeadersAllow() throws Exception {
        RateLimiter limiter = limiter(RateLimit.perMinute(600).withMostPerMinute(100_000));
        ProviderHints more = new ProviderHints(1200L, 1199L, null, null, null);
        long full = gap(limiter);
        limiter.succeeded(more);
        limiter.succeeded(more);
        assertEquals(full / 1.1, gap(limiter), full / 1000.0, "one step at once");
        time.advance(Duration.ofSeconds(9));
        limiter.succeeded(more);
        assertEquals(full / 1.1, gap(limiter), full / 1000.0, "and no other for 10 s");
        succeedFor(limiter, Duration.ofMinutes(5), more);
        assertEquals(full / 2.0, gap(limiter), full / 1000.0);

        limiter.succeeded(new ProviderHints(900L, 899L, null, null, null));
        assertEquals(full / 1.5, gap(limiter), full / 1000.0, "less is kept to at once");
    }

    @Test
    void theRateRisesNoFurtherThanItMay() throws Exception {
        RateLimiter limiter = limiter(RateLimit.perMinute(600).withMostPerMinute(900));
        long full = gap(limiter);
        succeedFor(limiter, Duration.ofMinutes(10), new ProviderHints(6000L, 5999L, null, null, null));
        assertEquals(full / 1.5, gap(limiter), full / 1000.0);
    }

    @Test
    void theRateDoesNotRiseWhileLittleIsLeftOrAfterARefusal() throws Exception {
        RateLimiter limiter = limiter(RateLimit.perMinute(600).withMostPerMinute(6000));
        long full = gap(limiter);
        succeedFor(limiter, Duration.ofMinutes(2), new ProviderHints(6000L, 599L, null, null, null));
        assertEquals(full, gap(limiter), full / 1000.0, "somebody else uses the account");

        limiter.succeeded(new ProviderHints(6000L, 5999L, null, null, null));
        time.advance(Duration.ofSeconds(10));
        limiter.slowDown(Duration.ZERO);
        time.advance(Duration.ofSeconds(2));
        long cut = gap(limiter);
        succeedFor(limiter, Duration.ofSeconds(27), new ProviderHints(6000L, 5999L, null, null, null));
        assertEquals(cut, gap(limiter), full / 1000.0, "30 s after a refusal");
        assertTrue(cut > full / 1.1);
        succeedFor(limiter, Duration.ofSeconds(10), new ProviderHints(6000L, 5999L, null, null, null));
        assertTrue(gap(limiter) < cut);
    }

    @Test
    void theClockOfTokensIsNotRaisedAlong() throws Exception {
        RateLimiter limiter =
                limiter(RateLimit.perMinute(600).withMostPerMinute(6000).withTokensPerMinute(600.0));
        succeedFor(limiter, Duration.ofMinutes(10), new ProviderHints(6000L, 5999L, null, null, null));
        List<Instant> slots = limiter.reserve(List.of(100, 1)).slots();
        assertTrue(Duration.between(slots.get(0), slots.get(1)).toMillis() >= 10_000);
    }

    @Test
    void aPausedAccountLetsThroughOneProbeAtATime() throws Exception {
        RateLimiter limiter = limiter(RateLimit.perMinute(600).withProbeInterval(Duration.ofSeconds(60)));
        limiter.pause(QUOTA);
        RateLimiter.Pause pause = limiter.pause().orElseThrow();
        assertEquals(QUOTA, pause.failure());
        assertEquals(time.instant(), pause.since());
        Reservation held = limiter.reserve(List.of(1, 1));
        assertEquals(List.of(), held.slots());
        assertEquals(time.instant().plusSeconds(60), held.askAgainAt());

        time.advance(Duration.ofSeconds(60));
        assertEquals(List.of(time.instant()), limiter.reserve(List.of(1, 1)).slots());
        assertEquals(List.of(), limiter.reserve(List.of(1)).slots());
        limiter.pause(QUOTA);
        assertEquals(pause.since(), limiter.pause().orElseThrow().since());
        time.advance(Duration.ofSeconds(60));
        assertEquals(1, limiter.reserve(List.of(1)).slots().size());
        limiter.succeeded(ProviderHints.NONE);
        assertEquals(Optional.empty(), limiter.pause());
        assertEquals(2, limiter.reserve(List.of(1, 1)).slots().size());
    }

    @Test
    void anOutageIsProbedSoonAndThenMoreSlowly() throws Exception {
        RateLimiter limiter = limiter(RateLimit.perMinute(600).withProbeInterval(Duration.ofSeconds(60)));
        limiter.pause(OUTAGE);
        List<Long> waits = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            Instant next = limiter.reserve(List.of(1)).askAgainAt();
            waits.add(Duration.between(time.instant(), next).toSeconds());
            time.advanceTo(next);
            assertEquals(1, limiter.reserve(List.of(1)).slots().size());
        }
        assertEquals(List.of(5L, 5L, 10L, 20L, 40L, 60L), waits);
    }

    @Test
    void aPauseCanBeEndedByHand() throws Exception {
        RateLimiter limiter = limiter(RateLimit.perMinute(600));
        limiter.pause(QUOTA);
        limiter.resume();
        assertEquals(Optional.empty(), limiter.pause());
        assertEquals(1, limiter.reserve(List.of(1)).slots().size());
    }

    @Test
    void aPauseMadeByHandLastsUntilItIsEndedByHand() throws Exception {
        RateLimiter limiter = limiter(RateLimit.perMinute(600).withProbeInterval(Duration.ofSeconds(60)));
        Failure byHand = Failure.of(FailureKind.PAUSED, "paused_by_hand", "the invoice is being looked at");
        limiter.pause(QUOTA);
        time.advance(Duration.ofSeconds(10));
        limiter.pause(byHand);
        Instant since = time.instant();
        for (int i = 0; i < 5; i++) {
            Reservation held = limiter.reserve(List.of(1, 1));
            assertEquals(List.of(), held.slots(), "it is not probed");
            assertEquals(time.instant().plusSeconds(5), held.askAgainAt());
            time.advance(Duration.ofDays(i));
        }
        limiter.succeeded(ProviderHints.NONE);
        limiter.pause(OUTAGE);
        limiter.slowDown(Duration.ofSeconds(1));
        RateLimiter.Pause pause = limiter.pause().orElseThrow();
        assertEquals(new RateLimiter.Pause(byHand, since, RateLimiter.Pause.NEVER, 0), pause);
        assertTrue(pause.isByHand());
        Failure other = Failure.of(FailureKind.PAUSED, "paused_by_hand", "until Monday");
        limiter.pause(other);
        assertEquals(other, limiter.pause().orElseThrow().failure());
        assertEquals(since, limiter.pause().orElseThrow().since());
        limiter.resume();
        assertEquals(Optional.empty(), limiter.pause());
        assertEquals(2, limiter.reserve(List.of(1, 1)).slots().size());
        limiter.pause(OUTAGE);
        assertFalse(limiter.pause().orElseThrow().isByHand());
    }

    /** A success each second. */
    private void succeedFor(RateLimiter limiter, Duration duration, ProviderHints hints) {
        for (long i = 0; i < duration.toSeconds(); i++) {
            limiter.succeeded(hints);
            time.advance(Duration.ofSeconds(1));
        }
    }

    private static long gap(RateLimiter limiter) {
        List<Instant> slots = limiter.reserve(List.of(1, 1)).slots();
        return Duration.between(slots.get(0), slots.get(1)).toNanos();
    }
}
