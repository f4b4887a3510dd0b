package dev.ttsjobs.worker;

import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.event.JobListener;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.limit.RateLimiter;
import dev.ttsjobs.queue.ClipQueue;
import dev.ttsjobs.queue.ClipQueue.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the account, the log and the host's listener what came of turns. Used by one thread at a time. */
final class Feedback {

    private static final Logger log = LoggerFactory.getLogger(Feedback.class);

    private final JobListener listener;
    private final String account;
    /** Has those look for work who stand in for the account. */
    private final Runnable standIns;

    private boolean paused;

    Feedback(JobListener listener, String account, Runnable standIns) {
        this.listener = listener;
        this.account = account;
        this.standIns = standIns;
    }

    void toAccount(RateLimiter limiter, ClipMaker.Report report) {
        Failure failure = report.failure();
        if (report.hints() != null) {
            limiter.succeeded(report.hints());
            if (paused) {
                found(limiter.pause());
            }
        } else if (failure != null && failure.kind() == FailureKind.RATE_LIMITED) {
            log.info("account {} was asked to slow down: {}", account, failure.code());
            limiter.slowDown(failure.retryAfter());
        } else if (failure != null && failure.kind().pausesAccount()) {
            limiter.pause(failure);
            isPaused(failure);
        }
    }

    /** The account was asked about. */
    void found(Optional<RateLimiter.Pause> pause) {
        if (pause.isPresent()) {
            isPaused(pause.get().failure());
        } else if (paused) {
            paused = false;
            log.info("account {} works again", account);
            tell(to -> to.accountChanged(account, null));
        }
    }

    private void isPaused(Failure failure) {
        if (!paused) {
            paused = true;
            log.warn("account {} is paused, its clips stay queued: {}: {}", account, failure.code(), failure.message());
            tell(to -> to.accountChanged(account, failure));
        }
    }

    /** The storage is out, or works again; said by any thread. */
    void storageChanged(@Nullable Failure failure) {
        tell(to -> to.storageChanged(failure));
    }

    void settled(Collection<Outcome> outcomes, ClipQueue.Settlement settlement) {
        for (Outcome outcome : outcomes) {
            if (settlement.lost().contains(outcome.lease())) {
                ClipKey key = outcome.lease().clip().key();
                log.info("the lease of clip {} was lost: what came of it does not count", key);
                tell(to -> to.leaseLost(key));
            } else if (outcome instanceof Outcome.Made made) {
                ClipKey key = made.lease().target().key();
                if (made.lease().instead() != null) {
                    log.info(
                            "account {} made {} in the place of clip {}",
                            account,
                            key,
                            made.lease().clip().key());
                }
                tell(to -> to.clipMade(key, made.paid()));
            } else if (outcome instanceof Outcome.Again again) {
                failed(again.lease().clip().key(), again.failure(), false);
            } else if (outcome instanceof Outcome.GivenUp givenUp) {
                failed(givenUp.lease().clip().key(), givenUp.failure(), true);
            }
        }
        if (paused && outcomes.stream().anyMatch(outcome -> !(outcome instanceof Outcome.Made))) {
            // What went back may be spoken by others.
            standIns.run();
        }
        settlement.changed().forEach(id -> tell(to -> to.jobChanged(id)));
        settlement
                .ended()
                .forEach(id -> LogContext.about(id, () -> {
                    log.info("job {} has ended", id);
                    tell(to -> to.jobEnded(id));
                }));
    }

    /** Slots were reserved for calls. */
    void waiting(Collection<Instant> slots, Instant now) {
        for (Instant slot : slots) {
            Duration wait = slot.isAfter(now) ? Duration.between(now, slot) : Duration.ZERO;
            tell(to -> to.callWaits(wait));
        }
    }

    private void failed(ClipKey key, Failure failure, boolean givenUp) {
        log.info("clip {} {}: {}: {}", key, givenUp ? "is given up" : "failed", failure.code(), failure.message());
        tell(to -> to.clipFailed(key, failure, givenUp));
    }

    private void tell(Consumer<JobListener> what) {
        try {
            what.accept(listener);
        } catch (RuntimeException | Error e) {
            log.warn("a job listener failed", e);
        }
    }
}
