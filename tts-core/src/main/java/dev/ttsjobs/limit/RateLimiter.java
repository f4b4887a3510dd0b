package dev.ttsjobs.limit;

import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.speech.ProviderHints;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The pace of one provider account, shared by all who call it. It says when a call may be sent and never waits itself.
 * Times are those of {@link dev.ttsjobs.queue.ClipQueue#clock()}. Implementations are thread-safe.
 */
public interface RateLimiter {

    /** A slot that is missed by more than this is dropped and reserved anew: calls sent late in a bunch are refused. */
    Duration LATEST = Duration.ofMillis(250);

    /**
     * Reserves a time slot for each of some calls that are in hand, by their costs in tokens (each at least 1). Ask only
     * for calls that will be made: a slot that is not used is lost to everybody.
     *
     * <p>While the account is paused there is no slot, except one for one caller each time a probe is due.
     */
    Reservation reserve(List<Integer> costs);

    /**
     * Everybody waits: the provider asked for a slower pace. The rate is lowered for a while, at most once in 5 s.
     *
     * @param retryAfter how long nobody may send; null when the provider did not say
     */
    void slowDown(@Nullable Duration retryAfter);

    /**
     * Pauses the account: from now on only probes are let through, until one succeeds or {@link #resume} is called. With a
     * failure of the kind {@code PAUSED} it is paused by hand: nothing is let through, no probe either, and nothing but
     * {@link #resume} ends it.
     */
    void pause(Failure failure);

    /** A call went through: ends a pause that was not made by hand, and takes to heart what the provider said of its limits. */
    void succeeded(ProviderHints hints);

    /** Ends a pause, whoever made it. */
    void resume();

    /** The pause that is in force; empty when calls go through. */
    Optional<Pause> pause();

    /** A limit that one process keeps for itself, by the same arithmetic as the shared ones. */
    static RateLimiter inProcess(RateLimit limit, InstantSource clock) {
        return new InProcessRateLimiter(clock, limit);
    }

    /**
     * What was reserved.
     *
     * @param slots when to send, one for each cost from the first on; fewer, or none, when there is no slot for the rest
     * @param askAgainAt when to ask for the rest; not before the last slot
     * @param probe whether the account is paused, and the one slot is for finding out whether it works again
     */
    record Reservation(List<Instant> slots, Instant askAgainAt, boolean probe) {

        public Reservation(List<Instant> slots, Instant askAgainAt) {
            this(slots, askAgainAt, false);
        }

        public Reservation {
            slots = List.copyOf(slots);
            Objects.requireNonNull(askAgainAt, "askAgainAt");
        }
    }

    /**
     * A paused account.
     *
     * @param failure why
     * @param since since when
     * @param probeAt when the next probe is let through; {@link #NEVER} when it is paused by hand
     * @param probes how many were let through in this pause
     */
    record Pause(Failure failure, Instant since, Instant probeAt, int probes) {

        /** Later than any time that matters. */
        public static final Instant NEVER = Instant.parse("2250-01-01T00:00:00Z");

        public Pause {
            Objects.requireNonNull(failure, "failure");
            Objects.requireNonNull(since, "since");
            Objects.requireNonNull(probeAt, "probeAt");
        }

        /** Whether somebody paused it by hand, so that it lasts until somebody resumes it. */
        public boolean isByHand() {
            return failure.kind() == FailureKind.PAUSED;
        }
    }
}
