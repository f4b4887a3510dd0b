package dev.ttsjobs.worker;

import dev.ttsjobs.event.JobListener;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.time.Ticker;
import java.time.Duration;
import java.util.random.RandomGenerator;

/** How a worker works; made by {@link SpeechWorker.Builder}. */
record WorkerSettings(
        int concurrency,
        RateLimit limit,
        Duration lease,
        Duration pollInterval,
        Duration retention,
        JobListener listener,
        RandomGenerator random,
        Ticker ticker) {

    /** How far ahead time slots are reserved: what a crash wastes, and how long a newcomer waits for its share. */
    private static final double HORIZON_SECONDS = 0.4;

    /** The most clips that may be in hand without their call having begun; more would only be kept from other workers. */
    int window() {
        return isUnlimited() ? concurrency : Math.max(2, 2 * slotsAhead());
    }

    /** The most clips in hand, those included whose outcome has yet to be settled. */
    int inHand() {
        return isUnlimited() ? 4 * concurrency : concurrency;
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
