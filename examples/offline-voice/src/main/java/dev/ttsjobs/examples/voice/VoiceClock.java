package dev.ttsjobs.examples.voice;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;

/** The time this server lives by: what it is, and waiting for it to pass. Handed in, so that tests need not wait. */
interface VoiceClock extends InstantSource {

    /** Nanoseconds from a point of its own; only differences mean anything. */
    long nanos();

    void sleep(Duration time) throws InterruptedException;

    /** The machine's clock. */
    static VoiceClock system() {
        return new VoiceClock() {
            @Override
            public Instant instant() {
                return InstantSource.system().instant();
            }

            @Override
            public long nanos() {
                return System.nanoTime();
            }

            @Override
            public void sleep(Duration time) throws InterruptedException {
                if (time.compareTo(Duration.ZERO) > 0) {
                    TimeUnit.NANOSECONDS.sleep(time.toNanos());
                }
            }
        };
    }
}
