package dev.ttsjobs.examples.voice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class MeterTest {

    private final FakeClock clock = new FakeClock();

    @Test
    void aFullAllowanceMayBeTakenAtOnceAndThenRefillsEvenly() {
        Meter meter = new Meter(60, 3, clock);
        for (int left = 2; left >= 0; left--) {
            Meter.Reading reading = meter.take(1);
            assertTrue(reading.allowed());
            assertEquals(left, reading.remaining());
            assertEquals(Duration.ofSeconds(3 - left), reading.reset());
        }
        clock.sleep(Duration.ofSeconds(1));
        assertTrue(meter.take(1).allowed());
    }

    @Test
    void callsAtExactlyTheRateAreNeverRefused() {
        Meter meter = new Meter(500, 1, clock);
        for (int call = 0; call < 10_000; call++) {
            assertTrue(meter.take(1).allowed(), "call " + call);
            clock.sleep(Duration.ofMillis(120));
        }
    }

    @Test
    void aRefusedCallSaysHowLongToWaitAndWaitingThatLongIsEnough() {
        Meter meter = new Meter(3, 1, clock);
        meter.take(1);
        Meter.Reading refused = meter.take(1);
        assertFalse(refused.allowed());
        // One call for the refused one and one for the next, 20 s each.
        assertEquals(Duration.ofSeconds(40), refused.retryAfter());
        clock.sleep(refused.retryAfter());
        assertTrue(meter.take(1).allowed());
    }

    @Test
    void waitingAMillisecondLessIsNotEnough() {
        Meter meter = new Meter(3, 1, clock);
        meter.take(1);
        clock.sleep(Duration.ofSeconds(20).minusMillis(1));
        assertFalse(meter.take(1).allowed());
    }

    @Test
    void refusedCallsCountButTheDebtIsNeverMoreThanOneAllowance() {
        Meter meter = new Meter(60, 5, clock);
        Meter.Reading last = meter.take(1);
        for (int call = 0; call < 1_000; call++) {
            last = meter.take(1);
        }
        assertFalse(last.allowed());
        assertEquals(Duration.ofSeconds(6), last.retryAfter());
        clock.sleep(last.retryAfter());
        assertTrue(meter.take(1).allowed());
    }
}
