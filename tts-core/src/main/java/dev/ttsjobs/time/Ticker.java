package dev.ttsjobs.time;

/**
 * Elapsed time in nanoseconds from an arbitrary origin. For durations only: its values mean nothing to another process
 * and do not follow the wall clock, which is {@link java.time.InstantSource}. Implementations are thread-safe.
 */
@FunctionalInterface
public interface Ticker {

    /** Nanoseconds since the origin; never goes back. */
    long nanos();

    /** The machine's monotonic clock. */
    static Ticker system() {
        return System::nanoTime;
    }
}
