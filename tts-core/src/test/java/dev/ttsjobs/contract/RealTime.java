package dev.ttsjobs.contract;

import dev.ttsjobs.time.Sleeper;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Waits for what other threads, processes and wires do in a time of their own. All that takes a clock is tested with {@link
 * dev.ttsjobs.time.ManualTime} instead, in no time.
 */
public final class RealTime {

    private static final Duration LOOK = Duration.ofMillis(10);

    private RealTime() {}

    /** Looks until the condition holds, and fails when it does not within that time. */
    public static void await(Duration patience, BooleanSupplier condition) {
        await(patience, condition, () -> "");
    }

    /** Looks until the condition holds, and fails when it does not within that time, with what there is to say then. */
    public static void await(Duration patience, BooleanSupplier condition, Supplier<String> story) {
        long end = System.nanoTime() + patience.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("not within " + patience + story.get());
            }
            pass(LOOK);
        }
    }

    /** Lets that time pass: for what is there only if nothing happens in it. */
    public static void pass(Duration time) {
        try {
            Sleeper.system().sleep(time);
        } catch (InterruptedException e) {
            throw new AssertionError("nobody interrupts a test", e);
        }
    }
}
