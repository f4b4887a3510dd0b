package dev.ttsjobs.worker;

import dev.ttsjobs.limit.RateLimiter;
import dev.ttsjobs.queue.ClipQueue.Outcome;
import dev.ttsjobs.queue.Lease;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a worker has in hand, shared by the threads that make clips and the desk that settles them. Every method takes the
 * one lock, and none calls anything but a clock while it has it. Thread-safe.
 */
final class Hand {

    private static final long SHORTEST_WAIT_NANOS = 50_000;

    private final WorkerSettings settings;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Condition emptied = lock.newCondition();
    /** Everything in hand, until it is settled. */
    private final Map<Lease, Turn> turns = new LinkedHashMap<>();

    private final Waiting waiting;
    private final Calls calls;
    private final Reports reports;

    /** Whether an answer has shown that the account works; until then, one call at a time finds out. */
    private boolean proven;

    private boolean woken = true;
    /** Whether a word from outside has come since it was last asked. */
    private boolean called;

    private boolean closing;
    private boolean stopped;

    Hand(WorkerSettings settings, InstantSource clock) {
        this.settings = settings;
        this.clock = clock;
        this.waiting = new Waiting(settings);
        this.calls = new Calls(settings, clock);
        this.reports = new Reports(settings);
    }

    /** There may be new work. */
    void wake() {
        change(() -> woken = true);
    }

    /** Somebody outside says that there may be new work, or that a pause is over. */
    void call() {
        change(() -> {
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
        change(() -> closing = true);
    }

    /** Lets go of everything: what is not settled is left to its lease. */
    void drop() {
        change(() -> {
            turns.clear();
            stopped = true;
        });
    }

    void prove(boolean works) {
        change(() -> proven = works);
    }

    /**
     * Takes a clip; null when everything is over, and it is left to be given back, or when it is in hand already: a database
     * that crashed may have forgotten the claim, which need not be on disk, and gives out the same lease once more.
     */
    @Nullable
    Turn add(Lease lease) {
        return locked(() -> {
            if (stopped || turns.containsKey(lease)) {
                return null;
            }
            Turn turn = new Turn(lease, lock.newCondition());
            turns.put(lease, turn);
            return turn;
        });
    }

    /** A clip's own thread: waits for the slot and for one of the calls at once; false when the call must not be made. */
    boolean awaitCall(Turn turn) throws InterruptedException {
        lock.lock();
        try {
            if (!turn.refused) {
                waiting.add(turn);
                changed.signal();
            }
            for (long left = untilCall(turn); !turn.refused; left = untilCall(turn)) {
                if (left <= 0) {
                    letThrough(turn);
                    return true;
                }
                turn.told.awaitNanos(left);
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    private long untilCall(Turn turn) {
        if (calls.isLate(turn)) {
            refuse(turn);
        }
        return calls.until(turn);
    }

    private void letThrough(Turn turn) {
        calls.letThrough(turn);
        if (slotsToReserve() > 0 || (woken && roomToClaim() > 0)) {
            changed.signal();
        }
    }

    void report(Turn turn, ClipMaker.Report report) {
        run(() -> {
            waiting.remove(turn);
            turn.reported = true;
            calls.ended(turn);
            boolean first = reports.isEmpty();
            reports.add(report, proven);
            if (first || untilReportsAreDue() <= 0) {
                changed.signal();
            }
        });
    }

    private long untilReportsAreDue() {
        return reports.untilDue(closing || stopped || calls.isNoneUnderWay());
    }

    /** What is to be settled now; nothing while it may wait for more. */
    List<ClipMaker.Report> takeReports() {
        return locked(() -> untilReportsAreDue() > 0 ? List.of() : reports.take());
    }

    void settled(Collection<Outcome> outcomes) {
        change(() -> {
            outcomes.forEach(outcome -> turns.remove(outcome.lease()));
            // What went back into the queue may be claimed again.
            woken |= outcomes.stream().anyMatch(outcome -> !(outcome instanceof Outcome.Made));
            if (turns.isEmpty()) {
                emptied.signalAll();
            }
        });
    }

    private void change(Runnable change) {
        run(() -> {
            change.run();
            changed.signal();
        });
    }

    private void run(Runnable work) {
        lock.lock();
        try {
            work.run();
        } finally {
            lock.unlock();
        }
    }

    private <T> T locked(Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }

    List<Turn> turns() {
        return locked(() -> List.copyOf(turns.values()));
    }

    boolean isEmpty() {
        return turns().isEmpty();
    }

    /** Whether nothing is in hand, and nobody said that there is anything to take. */
    boolean isQuiet() {
        return locked(() -> turns.isEmpty() && !woken);
    }

    /** Whether the desk's work is over. */
    boolean isOver() {
        return locked(() -> stopped);
    }

    boolean isClosing() {
        return locked(() -> closing);
    }

    /** Sends waiting clips back into the queue without a call. */
    void refuse(Predicate<Turn> which) {
        run(() -> {
            waiting.that(which).forEach(this::refuse);
        });
    }

    /** Sends back what has yet to be called, though its attempt is on record. */
    void refuseReady() {
        run(() -> {
            calls.ready().forEach(this::refuse);
        });
    }

    /** Sends a clip back unless its call was let through. */
    void refuse(Turn turn) {
        run(() -> {
            waiting.remove(turn);
            turn.refused = true;
            turn.told.signal();
            calls.remove(turn);
        });
    }

    /** Lets clips go on to their calls: those whose attempt is on record, and no others. */
    void decide(List<Turn> some, Set<Lease> begun) {
        run(() -> {
            waiting.removeAll(some);
            for (Turn turn : some) {
                turn.begun = begun.contains(turn.lease);
                if (turn.begun && !turn.refused) {
                    calls.add(turn);
                } else {
                    refuse(turn);
                }
            }
        });
    }

    private int count(Predicate<Turn> which) {
        return (int) turns.values().stream().filter(which).count();
    }

    /** Those whose attempts are to be put on record now. */
    List<Turn> toBegin(Instant now) {
        return locked(() -> waiting.due(now, count(Turn::isUnderWay)).now());
    }

    List<Turn> waitingThat(Predicate<Turn> which) {
        return locked(() -> waiting.that(which));
    }

    /** Forgets the slots of some that wait: they ask anew. */
    void dropSlots(Predicate<Instant> which) {
        run(() -> waiting.dropSlots(which));
    }

    void giveSlots(List<Turn> some, RateLimiter.Reservation reservation) {
        List<Instant> slots = reservation.slots();
        run(() -> {
            for (int i = 0; i < slots.size(); i++) {
                some.get(i).slot = slots.get(i);
                some.get(i).probe = reservation.probe();
            }
        });
    }

    /** Those whose call has not been let through. */
    List<Turn> notCalling() {
        return locked(
                () -> turns.values().stream().filter(turn -> !turn.calling).toList());
    }

    /** For how many that wait a slot is to be reserved now; several at once, so that most are asked for together. */
    int slotsToReserve() {
        return locked(() -> {
            int slotless = waiting.that(turn -> turn.slot == null).size();
            if (slotless == 0) {
                return 0;
            }
            if (!proven) {
                boolean calling =
                        turns.values().stream().anyMatch(turn -> (turn.begun || turn.slot != null) && !turn.reported);
                return calling ? 0 : 1;
            }
            int ahead = count(Turn::isAhead);
            int mayBegin = Math.max(0, settings.begun() - count(Turn::isUnderWay));
            return ahead > settings.slotsLeft()
                    ? 0
                    : Math.min(slotless, Math.min(settings.slotsAhead() - ahead, mayBegin));
        });
    }

    /** How many clips to ask for now; taken up, the wake-up is over. */
    int takeRoom(Instant now, Instant nextLook) {
        return locked(() -> {
            if (closing || (!woken && now.isBefore(nextLook))) {
                return 0;
            }
            int room = roomToClaim();
            woken &= room == 0;
            return room;
        });
    }

    /** None while there is room for a few and others are left to call for: so that more are asked for at once. */
    private int roomToClaim() {
        int notCalled = count(Turn::isUncalled);
        int room = Math.max(0, Math.min(settings.inHand() - turns.size(), settings.window() - notCalled));
        return room >= settings.claimGroup() || notCalled == 0 ? room : 0;
    }

    /**
     * Waits until something arrives or is due.
     *
     * @param heldUntil before when nothing may be claimed
     * @param nextLook when to look for work without having been woken
     */
    void awaitChange(Instant heldUntil, Instant nextLook) {
        lock.lock();
        try {
            Instant now = clock.instant();
            boolean held = now.isBefore(heldUntil);
            boolean mayClaim = !closing && roomToClaim() > 0;
            boolean mustRefuse = closing && !(waiting.isEmpty() && calls.isNoneReady());
            long reportsDue = untilReportsAreDue();
            boolean mayReserve = slotsToReserve() > 0;
            if (called || reportsDue <= 0 || mustRefuse || mayReserve || (woken && mayClaim && !held) || isOver()) {
                return;
            }
            Instant next = now.plus(settings.pollInterval());
            if (mayClaim) {
                next = earlier(next, held ? heldUntil : nextLook);
            }
            Waiting.Due due = waiting.due(now, count(Turn::isUnderWay));
            if (!due.now().isEmpty()) {
                next = now;
            } else if (due.next() != null) {
                next = earlier(next, due.next());
            }
            long wait = Math.min(reportsDue, Duration.between(now, next).toNanos());
            changed.awaitNanos(Math.max(SHORTEST_WAIT_NANOS, wait));
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
