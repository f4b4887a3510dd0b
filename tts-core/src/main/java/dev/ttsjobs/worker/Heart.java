package dev.ttsjobs.worker;

import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.queue.ClipQueue;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a worker's leases alive, one beat for the whole process, and looks for dead workers and old jobs. It has a thread of its own,
 * so that a slow settlement never makes a living worker look dead.
 */
final class Heart {

    private static final Logger log = LoggerFactory.getLogger(Heart.class);

    /** Within 100 ms after a job is cancelled nothing more is called for it, the beat that finds it out included. */
    private static final long HURRY_NANOS = 50_000_000;

    private final ClipQueue queue;
    private final WorkerId id;
    private final WorkerSettings settings;
    private final Consumer<Set<ClipKey>> unwanted;
    private final Runnable abortAll;
    private final Supplier<@Nullable Failure> waits;
    private final Pruning pruning;
    private final JobRetries retries;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean hurried;
    private boolean stopped;
    private long lastBeat;
    private boolean beaten;
    private long intervalStart;
    private boolean heardOfNone;
    private long heardAt;
    /** Whether a beat is under way, or the last one failed. */
    private boolean inDoubt;
    /** How many beats are under way: the desk's may be answered while the heart's own hangs. */
    private int underWay;

    private long cutAt;

    /** What the queue knows that this worker waits for; the heart's own thread's. */
    private @Nullable Failure told;

    /** @param waits what the worker waits for before it can do anything */
    Heart(
            ClipQueue queue,
            WorkerId id,
            WorkerSettings settings,
            Consumer<Set<ClipKey>> unwanted,
            Runnable abortAll,
            Supplier<@Nullable Failure> waits) {
        this.queue = queue;
        this.id = id;
        this.settings = settings;
        this.unwanted = unwanted;
        this.abortAll = abortAll;
        this.waits = waits;
        this.pruning = new Pruning(queue, settings);
        this.retries = new JobRetries(queue, settings);
        this.intervalStart = settings.ticker().nanos();
    }

    /** Beats at its interval until stopped. An idle worker holds nothing and need not beat; it still looks for the dead. */
    void run(BooleanSupplier holdsClips) {
        while (pause()) {
            tick(holdsClips);
        }
    }

    /** Does what is to be done at the end of a pause. For one thread at a time. */
    void tick(BooleanSupplier holdsClips) {
        try {
            boolean intervalOver = takeInterval();
            boolean holds = holdsClips.getAsBoolean();
            Failure waitsFor = waits.get();
            if (holds || waitsFor != null) {
                beat(holds);
            }
            if (waitsFor != null || told != null) {
                queue.waits(id, waitsFor);
                told = waitsFor;
            }
            if (intervalOver && mayAnyBeHeld()) {
                int rescued = queue.rescue(settings.beatInterval());
                if (rescued > 0) {
                    log.info("{} clips of dead workers went back into the queue", rescued);
                }
            }
            if (intervalOver) {
                pruning.pruneIfDue();
                retries.retryIfDue();
            }
        } catch (RuntimeException | Error e) {
            SafeLog.warn(log, "the leases could not be renewed: {}", e);
        }
    }

    /**
     * Until stopped: cuts calls whose leases have run out. On a thread of its own, for a beat may hang for as long as the
     * driver lets it.
     */
    void watch() {
        while (awaitCut()) {
            try {
                cutWhatRanOut();
            } catch (RuntimeException | Error e) {
                SafeLog.warn(log, "not every call could be cut; trying again: {}", e);
            }
        }
    }

    private boolean awaitCut() {
        lock.lock();
        try {
            while (!stopped) {
                long left = cutAt - settings.ticker().nanos();
                if (inDoubt && left <= 0) {
                    return true;
                }
                if (inDoubt) {
                    changed.awaitNanos(left);
                } else {
                    changed.await();
                }
            }
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Once its leases have run out, another worker may be at the same clips, and calls would be paid for twice. */
    void cutWhatRanOut() {
        lock.lock();
        try {
            long now = settings.ticker().nanos();
            if (!inDoubt || now - cutAt < 0) {
                return;
            }
            // Whatever is let through by then, though the leases cannot be renewed.
            cutAt = now + settings.beatInterval().toNanos();
        } finally {
            lock.unlock();
        }
        log.warn("the leases have run out: calls under way are cut");
        abortAll.run();
    }

    /** Beats now if the last one is getting old; before clips are claimed. */
    void beatIfDue() {
        boolean due;
        lock.lock();
        try {
            due = !beaten
                    || settings.ticker().nanos() - lastBeat
                            > settings.beatInterval().toNanos();
        } finally {
            lock.unlock();
        }
        if (due) {
            beat(false);
        }
    }

    /** The worker was taken off the queue: it must beat before it claims. */
    void forget() {
        lock.lock();
        try {
            beaten = false;
            inDoubt = false;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Where nobody holds anything, there is nothing to rescue; and whoever takes something afterwards has a lease that runs
     * out no sooner than this word.
     *
     * @param asked when, by the ticker, the question was asked
     */
    void heardWhetherAnyIsHeld(boolean held, long asked) {
        lock.lock();
        try {
            heardOfNone = !held;
            heardAt = asked;
        } finally {
            lock.unlock();
        }
    }

    private boolean mayAnyBeHeld() {
        lock.lock();
        try {
            return !heardOfNone
                    || settings.ticker().nanos() - heardAt >= settings.lease().toNanos();
        } finally {
            lock.unlock();
        }
    }

    /** Beats soon: a job may have been called off. */
    void hurry() {
        lock.lock();
        try {
            hurried = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void stop() {
        lock.lock();
        try {
            stopped = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void beat(boolean holdsClips) {
        long asked = settings.ticker().nanos();
        lock.lock();
        try {
            // Who holds nothing lets its lease run out, and has nothing to be cut when it claims again.
            inDoubt |= beaten && (holdsClips || asked - cutAt < 0);
            underWay++;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        ClipQueue.Beat beat;
        try {
            beat = queue.beat(id, settings.lease());
        } finally {
            endBeat();
        }
        lock.lock();
        try {
            lastBeat = asked;
            beaten = true;
            inDoubt = underWay > 0;
            cutAt = asked + settings.lease().toNanos();
        } finally {
            lock.unlock();
        }
        if (!beat.unwanted().isEmpty()) {
            unwanted.accept(beat.unwanted());
        }
    }

    private void endBeat() {
        lock.lock();
        try {
            underWay--;
        } finally {
            lock.unlock();
        }
    }

    /** Whether an interval is over since the last time that one was, however often there was a hurry in between. */
    private boolean takeInterval() {
        lock.lock();
        try {
            hurried = false;
            long now = settings.ticker().nanos();
            if (now - intervalStart < settings.beatInterval().toNanos()) {
                return false;
            }
            intervalStart = now;
            return true;
        } finally {
            lock.unlock();
        }
    }

    private boolean pause() {
        lock.lock();
        try {
            long end = intervalStart + settings.beatInterval().toNanos();
            long left = end - settings.ticker().nanos();
            while (left > 0 && !stopped && !hurried) {
                changed.awaitNanos(left);
                left = end - settings.ticker().nanos();
            }
            // Whoever submits a hundred jobs hurries a hundred times; and the work itself goes first.
            long patience = HURRY_NANOS;
            while (hurried && patience > 0 && !stopped) {
                patience = changed.awaitNanos(patience);
            }
            return !stopped;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }
}
