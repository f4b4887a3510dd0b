package dev.ttsjobs.worker;

import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.storage.StorageException;
import dev.ttsjobs.time.Sleeper;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a worker's storage is out. From the first file that it refuses until it takes one again, nothing is called; what
 * was bought is kept, and tried again with growing pauses, one for all. Thread-safe.
 */
final class StorageOutage {

    private static final Logger log = LoggerFactory.getLogger(StorageOutage.class);

    private static final Duration LONGEST_REST = Duration.ofSeconds(15);
    private static final int LAST_LOOK = 8;
    private static final int MANY = 3;

    private final AudioStorage storage;
    private final Sleeper sleeper;
    private final Consumer<@Nullable Failure> changed;
    /** The number of the next look, by which the rest before it grows. */
    private final AtomicInteger looks = new AtomicInteger(1);
    /** How much audio waits that was bought. */
    private final AtomicInteger kept = new AtomicInteger();
    /** How much of it is refused by a storage that says that it works. */
    private final AtomicInteger oddities = new AtomicInteger();
    /** Grows each time that the storage has shown that it works. */
    private final AtomicLong answers = new AtomicLong();

    private volatile @Nullable Failure failure;
    private volatile boolean givenUp;

    /** @param changed is told that the storage is out, and why, in its own words, and that it is so no longer: null */
    StorageOutage(AudioStorage storage, Sleeper sleeper, Consumer<@Nullable Failure> changed) {
        this.storage = storage;
        this.sleeper = sleeper;
        this.changed = changed;
    }

    boolean isOn() {
        return failure != null;
    }

    /** Why the storage is out; null when it is not. */
    @Nullable
    Failure failure() {
        return failure;
    }

    /** From half a second on, doubled each time. */
    static Duration rest(int attempt) {
        Duration rest = Duration.ofMillis(250L << Math.min(attempt, LAST_LOOK));
        return rest.compareTo(LONGEST_REST) > 0 ? LONGEST_REST : rest;
    }

    /** Something was refused: whether because the storage is out, and not for the sake of the one file. */
    boolean isWhy(StorageException e) {
        if (!(e instanceof StorageException.Full) && oddities.get() < MANY && works()) {
            return false;
        }
        begin(e);
        return true;
    }

    /** A file that was bought is refused though the storage says that it works; until it is closed. That of many is no chance. */
    Oddity odd() {
        oddities.incrementAndGet();
        return oddities::decrementAndGet;
    }

    /** A single file that is refused. */
    interface Oddity extends AutoCloseable {
        @Override
        void close();
    }

    private boolean works() {
        try {
            storage.check();
            return true;
        } catch (RuntimeException | Error e) {
            // Not only what it is to throw: whoever asks has something that was paid for.
            return false;
        }
    }

    private void begin(StorageException e) {
        Failure now = describe(e);
        // Who is told is told with the lock held: otherwise the end could be heard of first, and the outage last.
        synchronized (this) {
            if (failure != null) {
                return;
            }
            failure = now;
            log.warn("the audio storage is out, and nothing is bought until it takes audio again: {}", e.getMessage());
            changed.accept(Failure.of(now.kind(), now.code(), String.valueOf(e.getMessage())));
        }
    }

    /** For whoever reads jobs: where the storage is, is for the log alone. */
    private static Failure describe(StorageException e) {
        return e instanceof StorageException.Full
                ? Failure.of(
                        FailureKind.STORAGE,
                        "storage_full",
                        "the audio storage is full: make room there, and the work goes on by itself; nothing is lost")
                : Failure.of(
                        FailureKind.STORAGE,
                        "storage_failed",
                        "the audio storage cannot be reached or refuses: the worker's log says why; once that is"
                                + " mended, the work goes on by itself, and nothing is lost");
    }

    private void end() {
        synchronized (this) {
            if (failure == null) {
                return;
            }
            failure = null;
            log.info("the audio storage takes audio again");
            changed.accept(null);
        }
    }

    /**
     * Rests, and ends the outage if the storage works again. What was bought goes first, and finds that out by itself. The
     * rests go on growing, for a check is small: what is refused next may be what was refused before.
     */
    void look() throws InterruptedException {
        int look = looks.get();
        sleeper.sleep(rest(look));
        if (kept.get() == 0 && looks.compareAndSet(look, look + 1) && works()) {
            answered();
        }
    }

    /** The storage has taken audio: with the last that is kept, the outage is over. */
    void worked() {
        looks.set(1);
        answered();
    }

    private void answered() {
        if (isOn()) {
            answers.incrementAndGet();
            if (kept.get() == 0) {
                end();
            }
        }
    }

    /** The worker ends: nothing is kept any longer. */
    void giveUp() {
        givenUp = true;
    }

    boolean isGivenUp() {
        return givenUp;
    }

    /** Something that was bought waits for the storage. */
    Kept keep() {
        kept.incrementAndGet();
        return new Kept();
    }

    /** What was bought and waits for the storage. For one thread. */
    final class Kept implements AutoCloseable {

        /** Rests; says whether it is to be tried now: it is its turn, or another has found that the storage works. */
        boolean rest() throws InterruptedException {
            int look = looks.get();
            long answered = answers.get();
            sleeper.sleep(StorageOutage.rest(look));
            return looks.compareAndSet(look, look + 1) || answers.get() != answered;
        }

        /** It waits no longer. */
        @Override
        public void close() {
            kept.decrementAndGet();
        }
    }
}
