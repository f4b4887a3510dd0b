package dev.ttsjobs.worker;

import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.limit.RateLimiter;
import dev.ttsjobs.queue.ClipQueue;
import dev.ttsjobs.queue.ClipQueue.Outcome;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import dev.ttsjobs.queue.Lease;
import dev.ttsjobs.speech.SpeechSynthesizer.CallHandle;
import dev.ttsjobs.time.Sleeper;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a {@link Desk} and a {@link Heart} do, for one clip after another in the thread that asks. For one thread. */
final class PolledDesk {

    private static final Logger log = LoggerFactory.getLogger(PolledDesk.class);

    private final ClipQueue queue;
    private final RateLimiter limiter;
    private final ClipMaker maker;
    private final WorkerSettings settings;
    private final WorkerId id;
    private final Sleeper sleeper;
    private final Feedback feedback;
    private final Pruning pruning;
    private final JobRetries retries;

    /** What came of a clip, until the queue has taken it. */
    private final List<Outcome> unsettled = new ArrayList<>();
    /** Whether a clip may be held of which nothing came, because an answer of the queue was lost. */
    private boolean astray;

    private boolean called;

    /** What the queue knows that this worker waits for. */
    private @Nullable Failure told;

    /** @param maker makes the clip maker, which waits as it is told to */
    PolledDesk(
            ClipQueue queue,
            RateLimiter limiter,
            Function<Sleeper, ClipMaker> maker,
            WorkerSettings settings,
            WorkerId id,
            Sleeper sleeper,
            Feedback feedback) {
        this.queue = queue;
        this.limiter = limiter;
        this.settings = settings;
        this.id = id;
        this.sleeper = sleeper;
        this.feedback = feedback;
        this.maker = maker.apply(this::rest);
        this.pruning = new Pruning(queue, settings);
        this.retries = new JobRetries(queue, settings);
    }

    int poll() throws InterruptedException {
        int settled = catchUp();
        pruning.pruneIfDue();
        retries.retryIfDue();
        ClipQueue.Outlook outlook = queue.outlook();
        if ((!outlook.held() && !outlook.isWorkDue()) || !settings.needed().getAsBoolean()) {
            lookForStorage();
            return settled;
        }
        queue.beat(id, settings.lease());
        queue.rescue(settings.beatInterval());
        astray = true;
        for (List<Lease> next = maker.ready(queue.claim(id, 1));
                !next.isEmpty();
                next = maker.ready(queue.claim(id, 1))) {
            ClipMaker.Report report = make(next.get(0));
            unsettled.add(report.outcome());
            astray = false;
            takeToHeart(report);
            int kept = settle();
            if (lookForStorage()) {
                return settled + kept;
            }
            if (report.outcome() instanceof Outcome.Released released
                    && released.rest().isZero()) {
                return settled;
            }
            settled += kept;
            if (!settings.needed().getAsBoolean()) {
                return settled;
            }
            queue.beat(id, settings.lease());
            astray = true;
        }
        astray = false;
        return settled;
    }

    /** What an earlier poll left undone: otherwise this worker, as long as it lives, would keep clips from everybody. */
    private int catchUp() {
        int settled = settle();
        if (astray) {
            queue.leave(id);
            astray = false;
        }
        return settled;
    }

    private int settle() {
        if (unsettled.isEmpty()) {
            return 0;
        }
        // An error here may hide a commit; settling again is harmless, for it counts once.
        ClipQueue.Settlement settlement = queue.settle(unsettled);
        List<Outcome> settled = List.copyOf(unsettled);
        unsettled.clear();
        feedback.settled(settled, settlement);
        return settled.size();
    }

    private ClipMaker.Report make(Lease lease) throws InterruptedException {
        called = false;
        try {
            return maker.make(lease, this::pass, new CallHandle());
        } catch (InterruptedException e) {
            catchUp();
            throw e;
        } catch (RuntimeException e) {
            if (!called) {
                throw e;
            }
            // A clip that breaks the worker must not do so for ever: this uses up an attempt, and then it is given up.
            log.error("clip {} could not be worked on", lease.clip().key(), e);
            return maker.broken(lease);
        }
    }

    private ClipMaker.Pass pass(Lease lease) throws InterruptedException {
        while (true) {
            RateLimiter.Reservation reservation =
                    limiter.reserve(List.of(lease.target().tokens()));
            if (reservation.slots().isEmpty()) {
                return ClipMaker.Pass.NO;
            }
            Instant slot = reservation.slots().get(0);
            feedback.waiting(reservation.slots(), queue.clock().instant());
            rest(Duration.between(queue.clock().instant(), slot));
            if (!queue.clock().instant().isAfter(slot.plus(RateLimiter.LATEST))) {
                called = !queue.begin(List.of(lease)).isEmpty();
                ClipMaker.Pass pass = reservation.probe() ? ClipMaker.Pass.AS_A_PROBE : ClipMaker.Pass.YES;
                return called ? pass : ClipMaker.Pass.NO;
            }
        }
    }

    /** While the storage is out: rests, and looks for its return. */
    private boolean lookForStorage() throws InterruptedException {
        boolean isOut = maker.outage().isOn();
        if (isOut) {
            maker.outage().look();
        }
        tell();
        return isOut;
    }

    /** Says what this worker waits for, if there is anything new. */
    private void tell() {
        Failure waits = maker.outage().failure();
        if (waits != told) {
            queue.waits(id, waits);
            told = waits;
        }
    }

    /** Waits, and keeps the lease alive meanwhile. */
    private void rest(Duration whole) throws InterruptedException {
        try {
            tell();
        } catch (RuntimeException e) {
            // It is said again at the next rest.
            log.warn("what the worker waits for could not be said: {}", e.toString());
        }
        Duration left = whole;
        for (; left.compareTo(settings.beatInterval()) > 0; left = left.minus(settings.beatInterval())) {
            sleeper.sleep(settings.beatInterval());
            try {
                queue.beat(id, settings.lease());
            } catch (RuntimeException e) {
                // The next beat may do; if none does, the clip is lost to another worker, and begin or settle say so.
                log.warn("the lease could not be renewed: {}", e.toString());
            }
        }
        sleeper.sleep(left);
    }

    private void takeToHeart(ClipMaker.Report report) {
        try {
            feedback.toAccount(limiter, report);
        } catch (RuntimeException e) {
            // The outcome matters more, and the next answer of the provider will say the same.
            log.warn("the account's state could not be recorded: {}", e.toString());
        }
    }
}
