package dev.ttsjobs.retry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.retry.RetryPolicy.Backoff;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RetryPolicyTest {

    private static final RetryPolicy POLICY = RetryPolicy.STANDARD;

    @Test
    void restsGrowAndAreSpread() {
        Backoff backoff = Backoff.fullJitter(Duration.ofSeconds(1), Duration.ofSeconds(30));
        assertEquals(Duration.ofMillis(100), backoff.delay(1, 0));
        assertEquals(Duration.ofMillis(550), backoff.delay(1, 0.5));
        assertEquals(Duration.ofMillis(2200), backoff.delay(3, 0.5));
        assertEquals(Duration.ofMillis(16_500), backoff.delay(50, 0.5));
        assertThrows(IllegalArgumentException.class, () -> Backoff.fullJitter(Duration.ZERO, Duration.ofSeconds(1)));
    }

    @Test
    void attemptsRunOutOnlyForWhatCostsThem() {
        assertTrue(rest(FailureKind.SERVER, 4).isPresent());
        assertEquals(Optional.empty(), rest(FailureKind.SERVER, 5));
        assertEquals(Optional.empty(), rest(FailureKind.BAD_AUDIO, 5));
        assertTrue(rest(FailureKind.STORAGE, 500).isPresent());
        assertEquals(Optional.of(Duration.ZERO), rest(FailureKind.RATE_LIMITED, 500));
        assertEquals(Optional.of(Duration.ZERO), rest(FailureKind.QUOTA_EXHAUSTED, 500));
        assertEquals(Optional.empty(), rest(FailureKind.REJECTED, 1));
    }

    @Test
    void roundsOfAJobHaveALimitAndPausesThatGrowUpToADay() {
        RetryPolicy.Rounds rounds = RetryPolicy.Rounds.of(40);
        assertEquals(Optional.of(Duration.ofMinutes(15)), rounds.pauseAfter(0));
        assertEquals(Optional.of(Duration.ofHours(1)), rounds.pauseAfter(1));
        assertEquals(Optional.of(Duration.ofHours(16)), rounds.pauseAfter(3));
        assertEquals(Optional.of(Duration.ofDays(1)), rounds.pauseAfter(4));
        assertEquals(Optional.of(Duration.ofDays(1)), rounds.pauseAfter(39));
        assertEquals(Optional.empty(), rounds.pauseAfter(40));
        assertEquals(Optional.empty(), RetryPolicy.Rounds.NONE.pauseAfter(0));
        assertThrows(IllegalArgumentException.class, () -> new RetryPolicy.Rounds(-1, Duration.ofMinutes(1)));
        assertThrows(IllegalArgumentException.class, () -> new RetryPolicy.Rounds(1, Duration.ofMillis(999)));
        assertThrows(IllegalArgumentException.class, () -> new RetryPolicy.Rounds(1, Duration.ofHours(25)));
    }

    @Test
    void theProvidersWishIsKeptWhenItIsLonger() {
        Failure patient = new Failure(FailureKind.SERVER, "x", "y", Duration.ofMinutes(3));
        assertEquals(Optional.of(Duration.ofMinutes(3)), POLICY.restAfter(patient, 1, 0.5));
        Failure hasty = new Failure(FailureKind.SERVER, "x", "y", Duration.ofMillis(1));
        assertEquals(Optional.of(Duration.ofMillis(550)), POLICY.restAfter(hasty, 1, 0.5));
    }

    private static Optional<Duration> rest(FailureKind kind, int attempts) {
        return POLICY.restAfter(Failure.of(kind, "x", "y"), attempts, 0.5);
    }
}
