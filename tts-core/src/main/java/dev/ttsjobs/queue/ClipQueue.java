package dev.ttsjobs.queue;

import dev.ttsjobs.audio.AudioFacts;
import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.limit.RateLimiter;
import dev.ttsjobs.retry.RetryPolicy;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The worker's half of the queue. A worker joins, claims clips, puts each call on record before it makes it, and settles
 * what came of it. Implementations are thread-safe.
 */
public interface ClipQueue {

    /** The queue's own time, by which leases and limits run; the same for every process on one queue. */
    InstantSource clock();

    /**
     * Says that a worker lives: enters it, or renews all its leases, which then hold for {@code lease} from now. A worker
     * beats before its first claim and several times within a lease. One that was thought dead is entered again, but the
     * leases it had are lost.
     */
    Beat beat(WorkerId worker, Duration lease);

    /**
     * Says what a worker waits for that can do nothing until it is there again: its storage, say. As long as nobody else has
     * anything in hand, running jobs wait for it, too. Holds until it is taken back, the worker leaves, or it is found dead;
     * does nothing for a worker that is not entered, which is why whoever waits says so after each beat.
     *
     * @param what why it waits; null when it waits no longer
     */
    void waits(WorkerId worker, @Nullable Failure what);

    /** Takes a worker off: what it still holds goes back into the queue at once, without costing an attempt. */
    void leave(WorkerId worker);

    /**
     * Takes the next clips in the order of priority, fair share and age. Fewer than {@code max}, or none, when no more are
     * due.
     */
    List<Lease> claim(WorkerId worker, int max);

    /**
     * Takes, for leased clips, the right to make others in their place: the same texts in other voices, while nobody can
     * speak the clips themselves. Each is held along with its lease, so that nobody else makes it meanwhile, and is never
     * queued on that account. Once the returned lease is settled as {@link Outcome.Made}, what waits for the leased clip in
     * any living job has the other's audio, and the leased clip is let go of; any other outcome lets go of the other and
     * leaves everything as it was. Jobs that come later want the leased clip again.
     *
     * @param others clips that are spoken, not joined, by the lease in whose clip's place they are to be made
     * @return those of the leases for which that may be done, each with the other clip; not those that were lost or are
     *     unwanted, nor a clip that is joined from parts or is a part itself, nor where another has the other clip in hand
     * @throws IllegalArgumentException when another clip is a joined one, or the leased one itself
     */
    Set<Lease> substitute(Map<Lease, Clip> others);

    /** The other clips, if they can be made in the place of their leases' own. */
    static Map<Lease, Clip> requireOthers(Map<Lease, Clip> others) {
        others.forEach((lease, other) -> {
            if (!other.parts().isEmpty() || other.key().equals(lease.clip().key())) {
                throw new IllegalArgumentException(
                        "a clip is made in the place of another one, and is not joined from parts");
            }
        });
        return others;
    }

    /**
     * Puts an attempt on record for each lease, just before its call. A lease that is not in the result was lost or is no
     * longer wanted, and must not be called for.
     */
    Set<Lease> begin(Collection<Lease> leases);

    /**
     * Records outcomes as a group, in one transaction, with the progress of all jobs that wait for these clips. Outcomes
     * of lost leases change nothing, and that is no error.
     */
    Settlement settle(Collection<Outcome> outcomes);

    /**
     * Puts clips of dead workers back into the queue. A worker counts as dead when its lease was found run out by two
     * calls of this method at least {@code apart} from each other, so that an outage of the queue itself kills nobody.
     *
     * @return how many clips went back
     */
    int rescue(Duration apart);

    /**
     * Deletes, in one short transaction, some of what is no longer needed: jobs that ended longer ago than the retention,
     * with their phrases, events and deliveries; idempotency keys that no longer count; counts of days and months before
     * the retention. Not a job that some handler is still to be told of. What the jobs cost stays in the usage of their owners;
     * clips and their audio stay, for they are what keeps anything from being bought twice. Safe in many processes at once.
     *
     * @param retention a day or more
     * @return whether there may be more to delete now
     * @throws IllegalArgumentException when the retention is shorter than a day
     */
    boolean prune(Duration retention);

    /**
     * Runs jobs anew whose time has come to be tried again by themselves; see {@link RetryPolicy.Rounds}. At most some
     * hundred at once. Safe in many processes at once: each job is run anew once.
     *
     * @return how many
     */
    int retryDue();

    /**
     * The retention, if it is long enough: as long as idempotency keys count, so that each of them names a job that is there.
     *
     * @throws IllegalArgumentException when it is shorter than a day, or longer than 36,500
     */
    static Duration requireRetention(Duration retention) {
        if (retention.compareTo(Duration.ofDays(1)) < 0 || retention.compareTo(Duration.ofDays(36_500)) > 0) {
            throw new IllegalArgumentException("ended jobs are kept for 1 to 36,500 days");
        }
        return retention;
    }

    /** What there is to do, at the least cost there is: an idle worker asks nothing else. */
    Outlook outlook();

    /**
     * Has {@code wake} called, from any thread, when there may be new work, a job was called off, or an account was paused
     * by hand, until the handle is closed. Signals may be late, doubled or lost.
     */
    Signal onWork(Runnable wake);

    /** The limit of an account, shared by everybody on this queue. */
    RateLimiter limiter(String account, RateLimit limit);

    /** A figure of the queue's load, for metrics and health; cheap, but not for every call. */
    Depth depth();

    /**
     * What a worker learns when it renews its leases.
     *
     * @param unwanted clips it holds that no living job wants any longer
     */
    record Beat(Set<ClipKey> unwanted) {}

    /**
     * What settling changed.
     *
     * @param lost the leases whose outcomes were ignored
     * @param changed the jobs that moved on
     * @param ended those of them that ended with it
     */
    record Settlement(Set<Lease> lost, Set<JobId> changed, Set<JobId> ended) {}

    /**
     * What lies ahead.
     *
     * @param now when this was asked, by the queue's clock
     * @param next when the next clip is due, which is {@code now} when any is due already; empty when none is queued
     * @param held whether any clip is in any worker's hands
     */
    record Outlook(Instant now, Optional<Instant> next, boolean held) {

        public boolean isWorkDue() {
            return next.filter(due -> !due.isAfter(now)).isPresent();
        }

        /** When the next clip is due, if it is not due yet. */
        public Optional<Instant> later() {
            return next.filter(due -> due.isAfter(now));
        }
    }

    /**
     * The queue's load.
     *
     * @param queued clips that wait
     * @param leased clips in workers' hands
     * @param oldest since when the longest waiting due clip waits; empty when none does
     */
    record Depth(long queued, long leased, Optional<Instant> oldest) {}

    /** Ends a registration. */
    interface Signal extends AutoCloseable {
        @Override
        void close();
    }

    /** How a worker's turn with a clip ended. */
    sealed interface Outcome {

        Lease lease();

        /**
         * The audio is stored, durably, under the name of the lease's {@link Lease#target() target}.
         *
         * @param paid whether a provider was called for it in this turn, or an earlier turn left it unrecorded
         */
        record Made(Lease lease, AudioFacts facts, boolean paid) implements Outcome {

            public Made {
                Objects.requireNonNull(lease, "lease");
                Objects.requireNonNull(facts, "facts");
            }
        }

        /** It is given up: every job that wants it is told why. */
        record GivenUp(Lease lease, Failure failure) implements Outcome {

            public GivenUp {
                Objects.requireNonNull(lease, "lease");
                Objects.requireNonNull(failure, "failure");
            }
        }

        /**
         * It goes back into the queue after a failure.
         *
         * @param delay how long it rests first; zero or more
         */
        record Again(Lease lease, Failure failure, Duration delay) implements Outcome {

            public Again {
                Objects.requireNonNull(lease, "lease");
                Objects.requireNonNull(failure, "failure");
                Objects.requireNonNull(delay, "delay");
            }
        }

        /**
         * It goes back into the queue untouched: nothing was sent for it, and any attempt on record is taken back.
         *
         * @param rest how long it rests first; zero or more
         */
        record Released(Lease lease, Duration rest) implements Outcome {

            public Released {
                Objects.requireNonNull(lease, "lease");
                Objects.requireNonNull(rest, "rest");
            }

            public Released(Lease lease) {
                this(lease, Duration.ZERO);
            }
        }
    }

    /**
     * One start of one worker process. Random, never a host name: a process that comes back is another worker. Immutable and
     * thread-safe.
     *
     * @param value the UUID
     */
    record WorkerId(UUID value) {

        public WorkerId {
            Objects.requireNonNull(value, "value");
        }

        @Override
        public String toString() {
            return value.toString();
        }
    }
}
