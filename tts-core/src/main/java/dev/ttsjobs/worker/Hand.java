package dev.ttsjobs.worker;

import dev.ttsjobs.limit.RateLimiter;
import dev.ttsjobs.queue.Lease;
import dev.ttsjobs.queue.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/**
 * What a worker has in hand, shared by the threads that make clips and the desk that settles them. Every method takes the
 * one lock, and none calls anything else while it has it. Thread-safe.
 */
final class Hand {

    private static final long SHORTEST_WAIT_NANOS = 50_000;

    private final WorkerSettings settings;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Condition emptied = lock.newCondition();
    /** Everything in hand, until it is settled. */
    private final Map<Lease, Turn> turns = new LinkedHashMap<>();
    /** Those of them that wait to be let through. */
    private final List<Turn> waiting = new ArrayList<>();
    /** Those whose attempt is on record, and that wait for one of the calls at once to end. */
    private final Deque<Turn> ready = new ArrayDeque<>();

    private final List<ClipMaker.Report> reports = new ArrayList<>();
    private boolean woken = true;
    /** Whether a word from outside has come since it was last asked. */
    private boolean called;

    private boolean closing;
    private boolean stopped;

    Hand(WorkerSettings settings) {
        this.settings = settings;
    }

    /** There may be new work. */
    void wake() {
        locked(() -> woken = true);
    }

    /** Somebody outside says that there may be new work, or that a pause is over. */
    void call() {
        locked(() -> {
            woken = true;
            called = true;
        });
    }

    /** Whether a word from outside has come since this was last asked. */
    boolean takeCall() {
        lock.lock();
        try {
            boolean taken = called;
            called = false;
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** Nothing more is to be claimed or let through. */
    void close() {
        locked(() -> closing = true);
    }

    /** Lets go of everything: what is not settled is left to its lease. */
    void drop() {
        locked(() -> {
            turns.clear();
            stopped = true;
        });
    }

    /** Takes a clip; false when everything is over, and it is left to be given back. */
    boolean add(Turn turn) {
        lock.lock();
        try {
            if (!stopped) {
                turns.put(turn.lease, turn);
            }
            return !stopped;
        } finally {
            lock.unlock();
        }
    }

    void await(Turn turn) {
        locked(() -> waiting.add(turn));
    }

    void report(Turn turn, ClipMaker.Report report) {
        locked(() -> {
            waiting.remove(turn);
            ready.remove(turn);
            turn.reported = true;
            reports.add(report);
        });
        callNext();
    }

    void settled(Collection<Outcome> outcomes) {
        locked(() -> {
            outcomes.forEach(outcome -> turns.remove(outcome.lease()));
            // What went back into the queue may be claimed again.
            woken |= outcomes.stream().anyMatch(outcome -> !(outcome instanceof Outcome.Made));
            if (turns.isEmpty()) {
                emptied.signalAll();
            }
        });
    }

    private void locked(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    List<Turn> turns() {
        lock.lock();
        try {
            return List.copyOf(turns.values());
        } finally {
            lock.unlock();
        }
    }

    boolean isEmpty() {
        return turns().isEmpty();
    }

    /** Whether nothing is in hand, and nobody said that there is anything to take. */
    boolean isQuiet() {
        lock.lock();
        try {
            return turns.isEmpty() && !woken;
        } finally {
            lock.unlock();
        }
    }

    /** Whether the desk's work is over. */
    boolean isOver() {
        lock.lock();
        try {
            return stopped;
        } finally {
            lock.unlock();
        }
    }

    boolean isClosing() {
        lock.lock();
        try {
            return closing;
        } finally {
            lock.unlock();
        }
    }

    List<ClipMaker.Report> takeReports() {
        lock.lock();
        try {
            List<ClipMaker.Report> taken = List.copyOf(reports);
            reports.clear();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** Sends waiting clips back into the queue without a call. */
    void refuse(Predicate<Turn> which) {
        decide(waitingThat(which), Set.of());
    }

    /** Sends back what has yet to be called, though its attempt is on record. */
    void refuseReady() {
        List<Turn> refused;
        lock.lock();
        try {
            refused = List.copyOf(ready);
            ready.clear();
        } finally {
            lock.unlock();
        }
        refused.forEach(turn -> turn.decision.complete(false));
    }

    /** Lets calls through, as many at once as there may be: those whose attempt is on record, and no others. */
    void decide(List<Turn> some, Set<Lease> begun) {
        List<Turn> refused = new ArrayList<>();
        lock.lock();
        try {
            waiting.removeAll(some);
            for (Turn turn : some) {
                turn.begun = begun.contains(turn.lease);
                if (turn.begun) {
                    ready.add(turn);
                } else {
                    refused.add(turn);
                }
            }
        } finally {
            lock.unlock();
        }
        refused.forEach(turn -> turn.decision.complete(false));
        callNext();
    }

    private void callNext() {
        List<Turn> called = new ArrayList<>();
        lock.lock();
        try {
            long calls = turns.values().stream()
                    .filter(turn -> turn.calling && !turn.reported)
                    .count();
            for (; calls < settings.concurrency() && !ready.isEmpty(); calls++) {
                Turn next = ready.remove();
                next.calling = true;
                called.add(next);
            }
        } finally {
            lock.unlock();
        }
        called.forEach(turn -> turn.decision.complete(true));
    }

    /** How many more attempts may be put on record. */
    int mayBegin() {
        lock.lock();
        try {
            int begun = (int) turns.values().stream()
                    .filter(turn -> turn.begun && !turn.reported)
                    .count();
            return Math.max(0, settings.begun() - begun);
        } finally {
            lock.unlock();
        }
    }

    List<Turn> waitingThat(Predicate<Turn> which) {
        lock.lock();
        try {
            return waiting.stream().filter(which).toList();
        } finally {
            lock.unlock();
        }
    }

    /** Forgets the slots of some that wait: they ask anew. */
    void dropSlots(Predicate<Instant> which) {
        lock.lock();
        try {
            for (Turn turn : waiting) {
                Instant slot = turn.slot;
                if (slot != null && which.test(slot)) {
                    turn.slot = null;
                }
            }
        } finally {
            lock.unlock();
        }
    }

    void giveSlots(List<Turn> some, RateLimiter.Reservation reservation) {
        List<Instant> slots = reservation.slots();
        lock.lock();
        try {
            for (int i = 0; i < slots.size(); i++) {
                some.get(i).slot = slots.get(i);
                some.get(i).probe = reservation.probe();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Those whose call has not been let through. */
    List<Turn> notCalling() {
        lock.lock();
        try {
            return turns.values().stream().filter(turn -> !turn.calling).toList();
        } finally {
            lock.unlock();
        }
    }

    /** Whether a call is under way or about to be. */
    boolean isCalling() {
        lock.lock();
        try {
            return turns.values().stream().anyMatch(turn -> turn.begun || turn.slot != null);
        } finally {
            lock.unlock();
        }
    }

    /** How many clips to ask for now; taken up, the wake-up is over. */
    int takeRoom(Instant now, Instant nextLook) {
        lock.lock();
        try {
            if (closing || (!woken && now.isBefore(nextLook))) {
                return 0;
            }
            int room = room();
            woken &= room == 0;
            return room;
        } finally {
            lock.unlock();
        }
    }

    private int room() {
        int notBegun = (int) turns.values().stream().filter(turn -> !turn.begun).count();
        return Math.max(0, Math.min(settings.inHand() - turns.size(), settings.window() - notBegun));
    }

    /**
     * Waits until something arrives or is due.
     *
     * @param heldUntil before when nothing may be claimed
     * @param nextLook when to look for work without having been woken
     * @param proven whether more than one call at a time may ask for a slot
     */
    void awaitChange(Instant now, Instant heldUntil, Instant nextLook, boolean proven) {
        lock.lock();
        try {
            boolean held = now.isBefore(heldUntil);
            boolean mayClaim = !closing && room() > 0;
            boolean mustRefuse = closing && !(waiting.isEmpty() && ready.isEmpty());
            boolean mayBegin = mayBegin() > 0;
            boolean mayReserve =
                    mayBegin && waiting.stream().anyMatch(turn -> turn.slot == null) && (proven || !isCalling());
            if (called || !reports.isEmpty() || mustRefuse || mayReserve || (woken && mayClaim && !held) || isOver()) {
                return;
            }
            Instant next = now.plus(settings.pollInterval());
            if (mayClaim) {
                next = earlier(next, held ? heldUntil : nextLook);
            }
            for (Turn turn : waiting) {
                next = turn.slot == null || !mayBegin ? next : earlier(next, turn.slot);
            }
            changed.awaitNanos(
                    Math.max(SHORTEST_WAIT_NANOS, Duration.between(now, next).toNanos()));
        } catch (InterruptedException e) {
            endByInterrupt();
        } finally {
            lock.unlock();
        }
    }

    /** Lets time pass whatever arrives, unless everything is over. */
    void rest(Duration rest) {
        lock.lock();
        try {
            long left = rest.toNanos();
            while (left > 0 && !isOver()) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            endByInterrupt();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until nothing is in hand; false when the time has passed before. */
    boolean awaitEmpty(Duration patience) throws InterruptedException {
        lock.lock();
        try {
            long left = patience.toNanos();
            while (!turns.isEmpty() && left > 0) {
                left = emptied.awaitNanos(left);
            }
            return turns.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Nobody interrupts the desk but a host that wants everything to end; what is in hand is left to its lease. */
    private void endByInterrupt() {
        Thread.currentThread().interrupt();
        turns.clear();
        stopped = true;
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }
}
