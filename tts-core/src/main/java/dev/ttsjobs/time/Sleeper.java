package dev.ttsjobs.time;

import java.time.Duration;

/** Waits. The only place of the library where a thread lets time pass. Implementations are thread-safe. */
@FunctionalInterface
public interface Sleeper {

    /**
     * Returns when the duration has passed; at once when it is zero or negative.
     *
     * @throws InterruptedException when the waiting thread is interrupted
     */
    void sleep(Duration duration) throws InterruptedException;

    /** Really waits. */
    static Sleeper system() {
        return duration -> {
            if (!duration.isZero() && !duration.isNegative()) {
                Thread.sleep(duration.toMillis(), duration.toNanosPart() % 1_000_000);
            }
        };
    }
}
