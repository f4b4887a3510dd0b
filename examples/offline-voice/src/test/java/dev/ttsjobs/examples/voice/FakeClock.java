package dev.ttsjobs.examples.voice;

import java.time.Duration;
import java.time.Instant;

/** Time that passes only when somebody sleeps, and then at once. */
final class FakeClock implements VoiceClock {

    private static final Instant START = Instant.parse("2026-11-24T10:00:00Z");
    private Duration passed = Duration.ZERO;

    @Override
    public synchronized Instant instant() {
        return START.plus(passed);
    }

    @Override
    public synchronized long nanos() {
        return passed.toNanos();
    }

    @Override
    public synchronized void sleep(Duration time) {
        if (!time.isNegative()) {
            passed = passed.plus(time);
        }
    }

    synchronized Duration passed() {
        return passed;
    }
}
