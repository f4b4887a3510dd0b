package dev.ttsjobs.worker;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Turns whose attempt is on record, until they are let through to their calls: each in its slot, and no more at once than
 * the worker makes. Belongs to the hand and its lock.
 */
final class Calls {

    private final WorkerSettings settings;
    private final InstantSource clock;
    private final Deque<Turn> ready = new ArrayDeque<>();
    private int underWay;
    private long last;
    private boolean everCalled;

    Calls(WorkerSettings settings, InstantSource clock) {
        this.settings = settings;
        this.clock = clock;
    }

    /** Lets a turn's thread go on to its call when it is time. */
    void add(Turn turn) {
        ready.add(turn);
        turn.told.signal();
    }

    /** Takes back a turn whose call is not to be made. */
    void remove(Turn turn) {
        if (ready.remove(turn)) {
            tellNext();
        }
    }

    List<Turn> ready() {
        return List.copyOf(ready);
    }

    boolean isNoneReady() {
        return ready.isEmpty();
    }

    boolean isNoneUnderWay() {
        return underWay == 0;
    }

    private boolean mayGo(Turn turn) {
        return turn.slot != null && underWay < settings.concurrency() && ready.contains(turn);
    }

    /** Whether a call could be made that has missed its slot. */
    boolean isLate(Turn turn) {
        Instant slot = turn.slot;
        return slot != null && mayGo(turn) && clock.instant().isAfter(slot.plus(settings.latest()));
    }

    /** How many nanoseconds a turn's thread is to wait before its call; 0 or less when it is time. */
    long until(Turn turn) {
        Instant slot = turn.slot;
        if (slot == null || !mayGo(turn)) {
            return Reports.FOR_EVER;
        }
        long apart = everCalled
                ? settings.callsApart().toNanos() - (settings.ticker().nanos() - last)
                : 0;
        return Math.max(apart, Duration.between(clock.instant(), slot).toNanos());
    }

    void letThrough(Turn turn) {
        ready.remove(turn);
        turn.calling = true;
        underWay++;
        everCalled = true;
        last = settings.ticker().nanos();
        tellNext();
    }

    /** A turn is over, whether it was let through or not. */
    void ended(Turn turn) {
        ready.remove(turn);
        if (turn.calling) {
            underWay--;
        }
        // Also by one that was told to call and does not, because its thread was interrupted.
        tellNext();
    }

    private void tellNext() {
        if (underWay < settings.concurrency() && !ready.isEmpty()) {
            ready.element().told.signal();
        }
    }
}
