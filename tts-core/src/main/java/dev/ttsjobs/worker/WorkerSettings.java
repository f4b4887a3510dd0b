package dev.ttsjobs.worker;

import dev.ttsjobs.event.JobListener;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.limit.RateLimiter;
import dev.ttsjobs.time.Ticker;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/**
 * How a worker works; made by {@link SpeechWorker.Builder}.
 *
 * @param needed whether it is to claim anything now; asked before each claim
 */
record WorkerSettings(
        int concurrency,
        RateLimit limit,
        Duration lease,
        Duration pollInterval,
        Duration retention,
        JobListener listener,
        RandomGenerator random,
        Ticker ticker,
        BooleanSupplier needed) {

    /** How far ahead time slots are reserved: what a crash wastes, and how long a newcomer waits for its share. */
    private static final double HORIZON_SECONDS = 0.4;

    private static final Duration SETTLED_WITHIN = Duration.ofMillis(40);

    /** The most clips that may be in hand without their call having begun; more would only be kept from other workers. */
    int window() {
        return isUnlimited() ? 2 * concurrency : Math.max(2, 2 * slotsAhead());
    }

    /** How many clips are worth a word to the queue, as long as others are left to call for. */
    int claimGroup() {
        return Math.max(1, window() / 4);
    }

    /** How many slots may be left when more are asked for. */
    int slotsLeft() {
        return slotsAhead() / 2;
    }

    /** How long before its slot an attempt is put on record, so that nothing is left to do at the slot but to call. */
    Duration recordedAhead() {
        return Duration.ofNanos((long) (HORIZON_SECONDS * 1e9));
    }

    /**
     * How late after its slot a call may begin. What is later goes back into the queue, limit or not: a process that stood
     * still for longer may have lost its lease.
     */
    Duration latest() {
        return isUnlimited() ? beatInterval() : RateLimiter.LATEST;
    }

    /**
     * The least time between two calls: what is late after a stall follows at twice the pace, not all at once.
     */
    Duration callsApart() {
        return isUnlimited() || limit.burst() > 1
                ? Duration.ZERO
                : Duration.ofNanos((long) (30e9 / limit.requestsPerMinute()));
    }

    /** How many outcomes are settled without waiting for more. */
    int settleGroup() {
        return isUnlimited() ? 2 * concurrency : concurrency;
    }

    /** How long an outcome waits for others to be settled with, while calls are under way that may bring some. */
    Duration settledWithin() {
        return SETTLED_WITHIN;
    }

    /** The most clips in hand, those included whose outcome has yet to be settled. */
    int inHand() {
        return isUnlimited() ? 6 * concurrency : concurrency + window();
    }

    /**
     * The most clips whose attempt is on record and whose outcome is not in. Where no limit spaces the calls, as many again
     * as are called at once stand ready, so that a call that ends is followed by the next without a word to the queue.
     */
    int begun() {
        return isUnlimited() ? 2 * concurrency : concurrency;
    }

    private boolean isUnlimited() {
        return Double.isInfinite(limit.requestsPerMinute());
    }

    /** How many time slots are reserved at once. */
    int slotsAhead() {
        double ahead = Math.ceil(limit.requestsPerMinute() / 60 * HORIZON_SECONDS);
        return (int) Math.max(1, Math.min(concurrency, ahead));
    }

    /** Leases are renewed three times before they would run out. */
    Duration beatInterval() {
        return lease.dividedBy(3);
    }

    /** The same while there is nothing to do: twice as long. */
    Duration nextIdlePoll() {
        return nextPoll().multipliedBy(2);
    }

    /** The wait before the next look without a signal; spread, so that workers do not look together. */
    Duration nextPoll() {
        return Duration.ofNanos((long) (pollInterval.toNanos() * (0.8 + 0.2 * random.nextDouble())));
    }
}
