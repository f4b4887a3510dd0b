package dev.ttsjobs.worker;

import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.limit.RateLimiter;
import dev.ttsjobs.queue.ClipQueue;
import dev.ttsjobs.queue.Lease;
import dev.ttsjobs.queue.Outcome;
import dev.ttsjobs.queue.WorkerId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread of a worker that talks to the queue, so that the threads that call the provider never touch a database.
 * Each round settles what has come in, lets due calls through, and claims what there is room for; whatever arrives during
 * a round makes up the next one's group.
 */
final class Desk {

    private static final Logger log = LoggerFactory.getLogger(Desk.class);
    private static final Duration TROUBLE_REST = Duration.ofMillis(200);
    private static final long SHORTEST_WAIT_NANOS = 50_000;

    private final ClipQueue queue;
    private final RateLimiter limiter;
    private final ClipMaker maker;
    private final WorkerSettings settings;
    private final WorkerId id;
    private final Executor callers;
    private final Heart heart;
    private final Feedback feedback;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Condition emptied = lock.newCondition();
    /** Everything in hand, until it is settled. */
    private final Map<Lease, Turn> turns = new LinkedHashMap<>();
    /** Those of them that wait to be let through. */
    private final List<Turn> waiting = new ArrayList<>();

    private final List<ClipMaker.Report> reports = new ArrayList<>();
    private boolean woken = true;
    private boolean closing;
    private boolean stopped;

    // Used by the desk's own thread alone.
    private final List<Outcome> unsettled = new ArrayList<>();
    private Instant nextLook = Instant.MIN;
    private Instant heldUntil = Instant.MIN;
    private boolean proven;
    private int troubles;

    Desk(
            ClipQueue queue,
            RateLimiter limiter,
            ClipMaker maker,
            WorkerSettings settings,
            WorkerId id,
            Executor callers,
            Feedback feedback) {
        this.queue = queue;
        this.limiter = limiter;
        this.maker = maker;
        this.settings = settings;
        this.id = id;
        this.callers = callers;
        this.feedback = feedback;
        this.heart = new Heart(queue, id, settings, this::abortUnwanted, this::abortAll);
    }

    Heart heart() {
        return heart;
    }

    /** Works until it is told to stop and everything in hand is settled. */
    void run() {
        while (!isDone()) {
            try {
                settle();
                admit();
                claim();
                troubles = 0;
                await();
            } catch (RuntimeException e) {
                troubles++;
                log.warn("the queue cannot be reached or failed; trying again: {}", e.toString());
                rest(TROUBLE_REST.multipliedBy(1L << Math.min(troubles, 5)));
            }
        }
    }

    private boolean isDone() {
        lock.lock();
        try {
            return isOver();
        } finally {
            lock.unlock();
        }
    }

    // Called by other threads

    /** There may be new work. */
    void wake() {
        lock.lock();
        try {
            woken = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    boolean hasTurns() {
        lock.lock();
        try {
            return !turns.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Claims nothing more and lets no call through any more. */
    void drain() {
        lock.lock();
        try {
            closing = true;
            changed.signal();
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

    /** Ends the thread once everything in hand is settled; what cannot be settled is left to its lease. */
    void stop() {
        lock.lock();
        try {
            stopped = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Lets go of what cannot be settled: its leases run out, and another worker finds its audio in the storage. */
    void abandon() {
        lock.lock();
        try {
            turns.clear();
            stopped = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    void abortAll() {
        snapshot().forEach(turn -> turn.handle.abort());
    }

    private void abortUnwanted(Set<ClipKey> unwanted) {
        snapshot().stream()
                .filter(turn -> unwanted.contains(turn.lease.clip().key()))
                .forEach(turn -> turn.handle.abort());
    }

    private List<Turn> snapshot() {
        lock.lock();
        try {
            return List.copyOf(turns.values());
        } finally {
            lock.unlock();
        }
    }

    // The callers' side

    private void work(Turn turn) {
        ClipMaker.Report report;
        try {
            report = maker.make(turn.lease, lease -> pass(turn), turn.handle);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            report = new ClipMaker.Report(new Outcome.Released(turn.lease), null, null);
        } catch (RuntimeException | Error e) {
            // A clip that breaks the worker must not do so for ever: this uses up an attempt, and then it is given up.
            log.error("clip {} could not be worked on", turn.lease.clip().key(), e);
            report = maker.broken(turn.lease);
        }
        lock.lock();
        try {
            waiting.remove(turn);
            reports.add(report);
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    private boolean pass(Turn turn) {
        lock.lock();
        try {
            waiting.add(turn);
            changed.signal();
        } finally {
            lock.unlock();
        }
        turn.handle.onAbort(() -> turn.decision.complete(false));
        return turn.decision.join();
    }

    // The rounds

    private void settle() {
        List<ClipMaker.Report> group;
        lock.lock();
        try {
            group = List.copyOf(reports);
            reports.clear();
        } finally {
            lock.unlock();
        }
        for (ClipMaker.Report report : group) {
            unsettled.add(report.outcome());
            takeToHeart(report);
        }
        if (unsettled.isEmpty()) {
            return;
        }
        // An error here may hide a commit; settling again is harmless, for it counts once.
        ClipQueue.Settlement settlement = queue.settle(unsettled);
        List<Outcome> settled = List.copyOf(unsettled);
        unsettled.clear();
        lock.lock();
        try {
            settled.forEach(outcome -> turns.remove(outcome.lease()));
            woken |= settled.stream().anyMatch(outcome -> !(outcome instanceof Outcome.Made));
            if (turns.isEmpty()) {
                emptied.signalAll();
            }
        } finally {
            lock.unlock();
        }
        feedback.settled(settled, settlement);
    }

    private void takeToHeart(ClipMaker.Report report) {
        Failure failure = report.failure();
        if (report.hints() != null) {
            proven = true;
        } else if (failure != null && failure.kind().pausesAccount()) {
            proven = false;
        }
        if (failure != null && (failure.kind().pausesAccount() || failure.kind() == FailureKind.RATE_LIMITED)) {
            dropSlots();
        }
        if (failure != null && failure.kind() == FailureKind.STORAGE) {
            heldUntil = queue.clock().instant().plus(Duration.ofSeconds(2));
        }
        try {
            feedback.toAccount(limiter, report);
        } catch (RuntimeException e) {
            // The outcome matters more, and the next answer of the provider will say the same.
            log.warn("the account's state could not be recorded: {}", e.toString());
        }
    }

    private void dropSlots() {
        lock.lock();
        try {
            waiting.forEach(turn -> turn.slot = null);
        } finally {
            lock.unlock();
        }
    }

    private void admit() {
        Instant now = queue.clock().instant();
        List<Turn> due = new ArrayList<>();
        List<Turn> slotless = new ArrayList<>();
        lock.lock();
        try {
            if (closing || now.isBefore(heldUntil)) {
                refuse(waiting);
                return;
            }
            for (Turn turn : waiting) {
                Instant slot = turn.slot;
                if (slot != null && now.isAfter(slot.plus(RateLimiter.LATEST))) {
                    turn.slot = null;
                }
                if (turn.slot == null) {
                    slotless.add(turn);
                }
            }
            limitToCanary(slotless);
        } finally {
            lock.unlock();
        }
        reserve(slotless.subList(0, Math.min(slotless.size(), settings.slotsAhead())));
        lock.lock();
        try {
            Instant then = queue.clock().instant();
            waiting.stream()
                    .filter(turn -> turn.slot != null && !turn.slot.isAfter(then))
                    .forEach(due::add);
        } finally {
            lock.unlock();
        }
        begin(due);
    }

    /** Until an answer has shown that the account works, one call at a time finds out. */
    private void limitToCanary(List<Turn> slotless) {
        if (proven || slotless.isEmpty()) {
            return;
        }
        boolean underWay = turns.values().stream().anyMatch(turn -> turn.calling || turn.slot != null);
        slotless.subList(underWay ? 0 : 1, slotless.size()).clear();
    }

    private void reserve(List<Turn> some) {
        if (some.isEmpty()) {
            return;
        }
        RateLimiter.Reservation reservation = limiter.reserve(
                some.stream().map(turn -> turn.lease.clip().tokens()).toList());
        lock.lock();
        try {
            int granted = reservation.slots().size();
            for (int i = 0; i < granted; i++) {
                some.get(i).slot = reservation.slots().get(i);
            }
            if (granted < some.size()) {
                heldUntil = reservation.askAgainAt();
                List<Turn> refused = new ArrayList<>(waiting);
                refused.removeIf(turn -> turn.slot != null);
                refuse(refused);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Sends clips back into the queue without a call. */
    private void refuse(List<Turn> some) {
        List<Turn> refused = List.copyOf(some);
        waiting.removeAll(refused);
        refused.forEach(turn -> turn.decision.complete(false));
    }

    private void begin(List<Turn> due) {
        if (due.isEmpty()) {
            return;
        }
        Set<Lease> begun = queue.begin(due.stream().map(turn -> turn.lease).toList());
        lock.lock();
        try {
            for (Turn turn : due) {
                turn.calling = begun.contains(turn.lease);
                waiting.remove(turn);
                turn.decision.complete(turn.calling);
            }
        } finally {
            lock.unlock();
        }
    }

    private void claim() {
        Instant now = queue.clock().instant();
        int room = room(now);
        if (room == 0) {
            return;
        }
        heart.beatIfDue();
        List<Lease> leases = queue.claim(id, room);
        lock.lock();
        try {
            if (leases.size() < room) {
                nextLook = now.plus(settings.nextPoll());
            } else {
                woken = true;
            }
            for (Lease lease : leases) {
                Turn turn = new Turn(lease);
                turns.put(lease, turn);
                callers.execute(() -> work(turn));
            }
        } finally {
            lock.unlock();
        }
        if (leases.isEmpty()) {
            queue.nextDue().filter(due -> due.isBefore(nextLook)).ifPresent(due -> nextLook = due);
        }
    }

    /** How many clips to ask for now. */
    private int room(Instant now) {
        lock.lock();
        try {
            if (closing || now.isBefore(heldUntil) || (!woken && now.isBefore(nextLook))) {
                return 0;
            }
            int room = freeRoom();
            woken &= room == 0;
            return room;
        } finally {
            lock.unlock();
        }
    }

    private int freeRoom() {
        int notCalling =
                (int) turns.values().stream().filter(turn -> !turn.calling).count();
        return Math.max(0, Math.min(settings.concurrency() - turns.size(), settings.window() - notCalling));
    }

    /** Waits until something arrives or is due. */
    private void await() {
        lock.lock();
        try {
            Instant now = queue.clock().instant();
            boolean held = now.isBefore(heldUntil);
            boolean mayClaim = !closing && freeRoom() > 0;
            boolean mustRefuse = closing && !waiting.isEmpty();
            if (!reports.isEmpty() || mustRefuse || canReserve() || (woken && mayClaim && !held) || isOver()) {
                return;
            }
            Instant next = now.plus(settings.pollInterval());
            if (mayClaim) {
                next = earlier(next, held ? heldUntil : nextLook);
            }
            for (Turn turn : waiting) {
                next = turn.slot == null ? next : earlier(next, turn.slot);
            }
            changed.awaitNanos(
                    Math.max(SHORTEST_WAIT_NANOS, Duration.between(now, next).toNanos()));
        } catch (InterruptedException e) {
            endByInterrupt();
        } finally {
            lock.unlock();
        }
    }

    private boolean canReserve() {
        boolean slotless = waiting.stream().anyMatch(turn -> turn.slot == null);
        return slotless && (proven || turns.values().stream().noneMatch(turn -> turn.calling || turn.slot != null));
    }

    private void rest(Duration rest) {
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

    private boolean isOver() {
        return stopped && turns.isEmpty();
    }

    /** Nobody interrupts this thread but a host that wants everything to end; what is in hand is left to its lease. */
    private void endByInterrupt() {
        turns.clear();
        stopped = true;
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }
}
