package dev.ttsjobs.worker;

import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.limit.RateLimiter;
import dev.ttsjobs.queue.ClipQueue;
import dev.ttsjobs.queue.ClipQueue.Outcome;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import dev.ttsjobs.queue.Lease;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
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

    private final ClipQueue queue;
    private final RateLimiter limiter;
    private final ClipMaker maker;
    private final WorkerSettings settings;
    private final WorkerId id;
    private final Executor callers;
    private final Feedback feedback;
    private final Hand hand;
    private final Heart heart;
    /** Whether a thread looks for the return of the storage. */
    private final AtomicBoolean looking = new AtomicBoolean();

    // The rest is used by the desk's own thread alone.
    private final List<Outcome> unsettled = new ArrayList<>();
    private Instant nextLook = Instant.MIN;
    private Instant heldUntil = Instant.MIN;

    /** Whether the account was found paused; a word from outside may say that it is so no longer. */
    private boolean paused;

    /** Whether clips may be held that are not in hand, because the answer to a claim was lost. */
    private boolean astray;

    private boolean storageOut;

    private int troubles;

    /** How often nothing was got, one time after another, although something was due. */
    private int vain;

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
        this.hand = new Hand(settings, queue.clock());
        this.heart = new Heart(queue, id, settings, this::abortUnwanted, this::abortAll, maker.outage()::failure);
    }

    Hand hand() {
        return hand;
    }

    Heart heart() {
        return heart;
    }

    void abortAll() {
        hand.turns().forEach(turn -> turn.handle.abort());
    }

    /** Ends what nobody wants any longer, except calls under way: they are paid for, and their audio is kept. */
    private void abortUnwanted(Set<ClipKey> unwanted) {
        hand.notCalling().stream()
                .filter(turn -> unwanted.contains(turn.lease.clip().key()))
                .forEach(turn -> turn.handle.abort());
    }

    /** Works until the hand is dropped. */
    void run() {
        while (!hand.isOver()) {
            try {
                round();
                troubles = 0;
                hand.awaitChange(heldUntil, nextLook);
            } catch (RuntimeException | Error e) {
                // Whatever it is: while this process lives, its clips are its own, and nobody else would work on them.
                troubles++;
                SafeLog.warn(log, "the queue cannot be reached or failed; trying again: {}", e);
                hand.rest(TROUBLE_REST.multipliedBy(1L << Math.min(troubles, 4)));
            }
        }
    }

    /** Does everything once that is to be done now. */
    void round() {
        boolean called = hand.takeCall();
        settle();
        if (paused || (called && !hand.isEmpty())) {
            askWhetherPaused(called);
        }
        askWhetherStorageIsOut();
        admit();
        claim();
    }

    private Instant now() {
        return queue.clock().instant();
    }

    /** A caller's thread: one turn with one clip. */
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
        hand.report(turn, report);
    }

    private ClipMaker.Pass pass(Turn turn) throws InterruptedException {
        turn.handle.onAbort(() -> hand.refuse(turn));
        if (!hand.awaitCall(turn)) {
            return ClipMaker.Pass.NO;
        }
        return turn.probe ? ClipMaker.Pass.AS_A_PROBE : ClipMaker.Pass.YES;
    }

    private void settle() {
        List<ClipMaker.Report> reports = hand.takeReports();
        reports.forEach(report -> unsettled.add(report.outcome()));
        reports.forEach(this::takeToHeart);
        if (unsettled.isEmpty()) {
            return;
        }
        // An error here may hide a commit; settling again is harmless, for it counts once.
        ClipQueue.Settlement settlement = queue.settle(unsettled);
        List<Outcome> settled = List.copyOf(unsettled);
        unsettled.clear();
        hand.settled(settled);
        feedback.settled(settled, settlement);
    }

    private void takeToHeart(ClipMaker.Report report) {
        Failure failure = report.failure();
        if (report.hints() != null) {
            hand.prove(true);
        } else if (failure != null && failure.kind().pausesAccount()) {
            hand.prove(false);
            hand.dropSlots(slot -> true);
            hand.refuseReady();
        } else if (failure != null && failure.kind() == FailureKind.RATE_LIMITED) {
            hand.dropSlots(slot -> true);
            hand.refuseReady();
        }
        try {
            feedback.toAccount(limiter, report);
        } catch (RuntimeException | Error e) {
            // The outcome matters more, and the next answer of the provider will say the same.
            SafeLog.warn(log, "the account's state could not be recorded: {}", e);
        }
    }

    private void admit() {
        Instant now = now();
        if (hand.isClosing() || now.isBefore(heldUntil)) {
            hand.refuse(turn -> true);
            hand.refuseReady();
            return;
        }
        hand.dropSlots(slot -> now.isAfter(slot.plus(RateLimiter.LATEST)));
        reserve(hand.slotsToReserve());
        begin(now());
    }

    /** Puts attempts on record shortly before their slots, in groups; their own threads call in the slots. */
    private void begin(Instant now) {
        List<Turn> some = hand.toBegin(now);
        if (!some.isEmpty()) {
            hand.decide(some, queue.begin(some.stream().map(turn -> turn.lease).toList()));
        }
    }

    private void askWhetherPaused(boolean called) {
        boolean over = !now().isBefore(heldUntil);
        if (!called && !over) {
            return;
        }
        Optional<RateLimiter.Pause> pause = limiter.pause();
        if (pause.filter(RateLimiter.Pause::isByHand).isPresent()) {
            // Before anybody hears of the pause: by then nothing more is called.
            hand.refuseReady();
        }
        feedback.found(pause);
        if (pause.isEmpty()) {
            heldUntil = paused ? Instant.MIN : heldUntil;
            paused = false;
        } else if (pause.get().isByHand()) {
            paused = true;
            hand.prove(false);
            // No probe will be due: to claim clips would only take them from others.
            heldUntil = now().plus(settings.nextPoll());
        }
    }

    private void askWhetherStorageIsOut() {
        if (maker.outage().isOn()) {
            heldUntil = now().plus(settings.pollInterval());
            storageOut = true;
            if (looking.compareAndSet(false, true)) {
                lookForStorage();
            }
        } else if (storageOut) {
            storageOut = false;
            heldUntil = Instant.MIN;
        }
    }

    private void lookForStorage() {
        try {
            callers.execute(this::awaitStorage);
        } catch (RuntimeException | Error e) {
            // The machine may have no more threads for a while: the next round tries again.
            looking.set(false);
            throw e;
        }
    }

    private void awaitStorage() {
        try {
            while (maker.outage().isOn() && !hand.isOver()) {
                maker.outage().look();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            looking.set(false);
        }
    }

    private void reserve(int slots) {
        List<Turn> some = hand.waitingThat(turn -> turn.slot == null).stream()
                .limit(slots)
                .toList();
        if (some.isEmpty()) {
            return;
        }
        RateLimiter.Reservation reservation = limiter.reserve(
                some.stream().map(turn -> turn.lease.target().tokens()).toList());
        hand.giveSlots(some, reservation);
        feedback.waiting(reservation.slots(), now());
        if (reservation.slots().size() < some.size()) {
            // The account is paused: nothing is kept from other workers until a probe is due.
            hand.prove(false);
            paused = true;
            // Nor is anything called that stands ready: where no limit spaces the calls, that may be many.
            hand.refuseReady();
            feedback.found(limiter.pause());
            heldUntil = reservation.askAgainAt();
            hand.refuse(turn -> turn.slot == null);
        }
    }

    private void claim() {
        Instant now = now();
        if (astray && !giveBackStrays(now)) {
            return;
        }
        boolean quiet = hand.isQuiet();
        int room = now.isBefore(heldUntil) ? 0 : hand.takeRoom(now, nextLook);
        if (room == 0) {
            return;
        }
        if (!settings.needed().getAsBoolean()) {
            nextLook = now.plus(settings.nextPoll());
            return;
        }
        if (quiet && !look().isWorkDue()) {
            return;
        }
        heart.beatIfDue();
        astray = true;
        List<Lease> leases = maker.ready(queue.claim(id, room));
        for (Lease lease : leases) {
            Turn turn = hand.add(lease);
            if (turn != null) {
                start(turn);
            }
        }
        astray = false;
        if (leases.size() == room) {
            hand.wake();
        } else {
            nextLook = now.plus(settings.nextPoll());
        }
        vain = leases.isEmpty() && look().isWorkDue() ? vain + 1 : 0;
        if (vain > 0) {
            // What was due could not be read and was set aside, with more behind it; or others are at it, for long
            // perhaps.
            nextLook = now.plus(TROUBLE_REST.multipliedBy(1L << Math.min(vain - 1, 5)));
        }
    }

    private void start(Turn turn) {
        try {
            callers.execute(() -> work(turn));
        } catch (RuntimeException | Error e) {
            // The machine may have no more threads. The clip would otherwise be in hand for ever, with nobody at it.
            hand.report(turn, new ClipMaker.Report(new Outcome.Released(turn.lease), null, null));
            throw e;
        }
    }

    /** One statement tells an idle worker that it is to stay so, and until when. */
    private ClipQueue.Outlook look() {
        long asked = settings.ticker().nanos();
        ClipQueue.Outlook outlook = queue.outlook();
        heart.heardWhetherAnyIsHeld(outlook.held(), asked);
        nextLook = outlook.now().plus(hand.isEmpty() ? settings.nextIdlePoll() : settings.nextPoll());
        outlook.later().filter(due -> due.isBefore(nextLook)).ifPresent(due -> nextLook = due);
        return outlook;
    }

    /** Nobody else would get them as long as this worker beats. All that it holds goes back, so its hand must be empty. */
    private boolean giveBackStrays(Instant now) {
        if (!hand.isEmpty()) {
            heldUntil = now.plus(TROUBLE_REST);
            return false;
        }
        queue.leave(id);
        heart.forget();
        astray = false;
        return true;
    }
}
