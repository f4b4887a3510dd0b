package dev.ttsjobs.worker;

import dev.ttsjobs.speech.SpeechSynthesizer.CallHandle;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.storage.StorageException;
import dev.ttsjobs.time.Sleeper;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** How long a worker rests while the storage fails: longer and longer, whichever clip it meets it with. Thread-safe. */
final class StorageOutage {

    private static final Duration LONGEST_REST = Duration.ofSeconds(15);
    private static final int LAST_LOOK = 8;

    private final AudioStorage storage;
    private final Sleeper sleeper;
    private final AtomicInteger looks = new AtomicInteger(1);

    StorageOutage(AudioStorage storage, Sleeper sleeper) {
        this.storage = storage;
        this.sleeper = sleeper;
    }

    /** From half a second on, doubled each time. */
    static Duration rest(int attempt) {
        Duration rest = Duration.ofMillis(250L << Math.min(attempt, LAST_LOOK));
        return rest.compareTo(LONGEST_REST) > 0 ? LONGEST_REST : rest;
    }

    /** Whether the storage would take a file now. */
    boolean isOver() {
        try {
            storage.check();
            return true;
        } catch (StorageException e) {
            return false;
        }
    }

    /**
     * Returns when the storage is well, or after a while: with all that is queued tried over and over, an outage would be
     * met with a storm, and other workers, whose storage may be well, are to have their turn.
     */
    void await(CallHandle handle) throws InterruptedException {
        Duration waited = Duration.ZERO;
        while (waited.compareTo(LONGEST_REST) < 0 && !handle.isAborted()) {
            int look = looks.get();
            sleeper.sleep(rest(look));
            waited = waited.plus(rest(look));
            if (isOver()) {
                looks.set(1);
                return;
            }
            // Of many clips that looked at the same time, one counts.
            looks.compareAndSet(look, Math.min(look + 1, LAST_LOOK));
        }
    }
}
