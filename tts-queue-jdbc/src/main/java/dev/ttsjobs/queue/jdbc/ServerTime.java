package dev.ttsjobs.queue.jdbc;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * The time of a database server, from this machine's clock and what the server has said. A quick answer tells it well, a
 * slow one hardly: one that took 300 ms may be wrong by 150 ms, and slots or due times that are wrong by that much keep
 * clips waiting, or send them on top of each other's. So the best reading is kept for as long as no other contradicts it,
 * and trusted less as it grows old. Thread-safe.
 */
final class ServerTime {

    /** How far two clocks drift apart while one is being put right: 1 part in so many. */
    private static final int DRIFT = 2_000;

    private static final Duration GOOD = Duration.ofMillis(1);

    private final InstantSource here;
    private volatile @Nullable Reading best;

    /**
     * A reading of both clocks.
     *
     * @param offset from here to there
     * @param error by how much that may be wrong, to either side
     * @param at when it was made, by the clock here
     */
    private record Reading(Duration offset, Duration error, Instant at) {

        Duration errorAt(Instant now) {
            return error.plus(Duration.between(at, now).abs().dividedBy(DRIFT));
        }

        /** Where the clock here was set since, the readings tell different times. */
        boolean agreesWith(Reading later) {
            Duration most = errorAt(later.at).plus(later.error);
            return offset.minus(later.offset).abs().compareTo(most) <= 0;
        }
    }

    ServerTime(InstantSource here) {
        this.here = here;
    }

    Instant now() {
        Reading known = best;
        return known == null ? here.instant() : here.instant().plus(known.offset);
    }

    /** Whether the server's time is known to a millisecond or so, as things stand. */
    boolean isGood() {
        Reading known = best;
        return known != null && known.errorAt(here.instant()).compareTo(GOOD) <= 0;
    }

    /**
     * Takes in what the server said.
     *
     * @param asked when it was asked, by the clock here
     */
    synchronized void heard(Instant asked, Instant there) {
        Instant now = here.instant();
        Duration half = Duration.between(asked, now).dividedBy(2);
        Reading fresh = new Reading(Duration.between(asked.plus(half), there), half.abs(), now);
        Reading known = best;
        if (known == null || !known.agreesWith(fresh) || fresh.error.compareTo(known.errorAt(now)) <= 0) {
            best = fresh;
        }
    }
}
