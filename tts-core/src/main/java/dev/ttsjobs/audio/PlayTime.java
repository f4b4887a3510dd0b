package dev.ttsjobs.audio;

import java.time.Duration;

/** Adds up samples of different rates without rounding. */
final class PlayTime {

    /** The least number that every sample rate of MPEG audio and ADTS divides. */
    private static final long TICKS_A_SECOND = 28_224_000;

    private static final long NANOS_A_SECOND = 1_000_000_000;

    private long ticks;

    /** Adds samples at one of the rates of MPEG audio, in Hz. */
    void add(int samples, int rate) {
        ticks += samples * (TICKS_A_SECOND / rate);
    }

    Duration total() {
        return of(ticks, TICKS_A_SECOND);
    }

    /** How long so many samples play at any rate in Hz. */
    static Duration of(long samples, long rate) {
        return Duration.ofSeconds(samples / rate, samples % rate * NANOS_A_SECOND / rate);
    }
}
