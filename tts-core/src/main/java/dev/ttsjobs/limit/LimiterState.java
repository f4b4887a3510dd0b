package dev.ttsjobs.limit;

import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.limit.RateLimiter.Pause;
import dev.ttsjobs.limit.RateLimiter.Reservation;
import dev.ttsjobs.speech.ProviderHints;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The arithmetic of a {@link RateLimiter}: what is kept of an account, and how it changes. Pure: every method takes the
 * time and gives a new state, so that a row in a database and a field in a process follow the same rules. The method is
 * the generic cell rate algorithm with two independent clocks, requests and tokens. Immutable and thread-safe.
 *
 * @param nextRequest when the request clock allows the next call, its burst aside
 * @param nextToken when the token clock does
 * @param blockedUntil before when nobody may send
 * @param factor by how much the configured rate is cut, or raised where the provider allows more: 0.0001 to 10,000
 * @param factorAt when the factor was last changed
 * @param pause the pause in force; null for none
 */
public record LimiterState(
        Instant nextRequest,
        Instant nextToken,
        Instant blockedUntil,
        double factor,
        Instant factorAt,
        @Nullable Pause pause) {

    /** What is sent is kept this much under the limit, so that jitter on the way does not turn into refusals. */
    private static final double MARGIN = 0.01;

    private static final Duration CUT_APART = Duration.ofSeconds(5);
    private static final Duration CLEAN_BEFORE_RAISE = Duration.ofSeconds(30);
    private static final Duration LONGEST_BLOCK = Duration.ofMinutes(10);
    private static final Duration SHORTEST_BLOCK = Duration.ofMillis(500);
    /** How often to ask whether somebody has ended a pause by hand, for those whom no word of it reaches. */
    private static final Duration LOOK_APART = Duration.ofSeconds(5);

    private static final Duration FIRST_OUTAGE_PROBE = Duration.ofSeconds(5);
    private static final double CUT = 0.95;
    private static final double LOWEST_CUT = 0.05;
    private static final double LOWEST_FACTOR = 0.0001;
    private static final double HIGHEST_FACTOR = 10_000;

    /** Towards what the headers allow, no more than so much in 10 s: others may call the same account. */
    private static final double RAISE = 1.1;

    private static final Duration RAISE_APART = Duration.ofSeconds(10);

    /** Whoever has used up this share of what is allowed is not told to be quicker. */
    private static final double SHARE_TO_SPARE = 0.1;

    public LimiterState {
        Objects.requireNonNull(nextRequest, "nextRequest");
        Objects.requireNonNull(nextToken, "nextToken");
        Objects.requireNonNull(blockedUntil, "blockedUntil");
        Objects.requireNonNull(factorAt, "factorAt");
        if (!(factor >= LOWEST_FACTOR && factor <= HIGHEST_FACTOR)) {
            throw new IllegalArgumentException("factor must be from " + LOWEST_FACTOR + " to " + HIGHEST_FACTOR);
        }
    }

    /** An account that nobody has called yet. */
    public static LimiterState fresh() {
        return new LimiterState(Instant.EPOCH, Instant.EPOCH, Instant.EPOCH, 1, Instant.EPOCH, null);
    }

    /**
     * A state with what it granted.
     *
     * @param state the state afterwards
     * @param reservation what was reserved
     */
    public record Granted(LimiterState state, Reservation reservation) {}

    /** Reserves slots; see {@link RateLimiter#reserve}. */
    public Granted reserve(Instant now, RateLimit limit, List<Integer> costs) {
        if (costs.isEmpty()) {
            return new Granted(this, new Reservation(List.of(), now));
        }
        return pause == null ? reserveAll(now, limit, costs) : reserveProbe(now, limit, costs.get(0), pause);
    }

    private Granted reserveAll(Instant now, RateLimit limit, List<Integer> costs) {
        LimiterState healed = healed(now);
        // Another process may have raised it further than this one is told to go; and tokens are never raised.
        double rate = isUnlimited(limit)
                ? healed.factor
                : Math.min(healed.factor, limit.mostPerMinute() / limit.requestsPerMinute());
        long requestNanos = interval(limit.requestsPerMinute(), rate);
        double tokenNanos = limit.tokensPerMinute() == null ? 0 : interval(limit.tokensPerMinute(), Math.min(1, rate));
        Duration tolerance = Duration.ofNanos(requestNanos * (limit.burst() - 1L));
        Instant earliest = later(now, blockedUntil);
        Instant request = later(nextRequest, earliest.minus(tolerance));
        Instant token = later(nextToken, earliest);
        List<Instant> slots = new ArrayList<>(costs.size());
        for (int cost : costs) {
            Instant slot = later(earliest, later(request, token));
            // With burst credit left, the request clock runs behind the wall clock.
            slots.add(slot);
            request = later(request, slot.minus(tolerance)).plusNanos(requestNanos);
            token = later(token, slot).plusNanos((long) (tokenNanos * cost));
            earliest = slot;
        }
        // A clock that limits nothing stands still, so that an unlimited account's row need not be written.
        LimiterState after = new LimiterState(
                requestNanos == 0 ? nextRequest : request,
                tokenNanos == 0 ? nextToken : token,
                blockedUntil,
                healed.factor,
                healed.factorAt,
                null);
        return new Granted(after, new Reservation(slots, slots.get(slots.size() - 1)));
    }

    /** A probe is a call like any other: it keeps to the limit, and the calls after it keep their distance from it. */
    private Granted reserveProbe(Instant now, RateLimit limit, int cost, Pause paused) {
        if (paused.isByHand()) {
            return new Granted(this, new Reservation(List.of(), now.plus(LOOK_APART)));
        }
        if (now.isBefore(paused.probeAt())) {
            return new Granted(this, new Reservation(List.of(), paused.probeAt()));
        }
        Granted probe = reserveAll(now, limit, List.of(cost));
        LimiterState after = probe.state;
        Instant slot = probe.reservation.slots().get(0);
        Instant next = slot.plus(probeInterval(limit, paused));
        Pause probed = new Pause(paused.failure(), paused.since(), next, paused.probes() + 1);
        return new Granted(
                new LimiterState(
                        after.nextRequest, after.nextToken, blockedUntil, after.factor, after.factorAt, probed),
                new Reservation(List.of(slot), next, true));
    }

    /** An outage is probed soon and then more slowly; an empty purse at the configured interval. */
    private static Duration probeInterval(RateLimit limit, Pause paused) {
        if (paused.failure().kind() != FailureKind.OUTAGE) {
            return limit.probeInterval();
        }
        Duration growing = FIRST_OUTAGE_PROBE.multipliedBy(1L << Math.min(paused.probes(), 6));
        return growing.compareTo(limit.probeInterval()) < 0 ? growing : limit.probeInterval();
    }

    /** Everybody waits; see {@link RateLimiter#slowDown}. */
    public LimiterState slowedDown(Instant now, @Nullable Duration retryAfter) {
        Duration wait = retryAfter == null || retryAfter.compareTo(SHORTEST_BLOCK) < 0 ? SHORTEST_BLOCK : retryAfter;
        Instant until = now.plus(wait.compareTo(LONGEST_BLOCK) > 0 ? LONGEST_BLOCK : wait);
        boolean cut = !now.isBefore(factorAt.plus(CUT_APART));
        return new LimiterState(
                nextRequest,
                nextToken,
                later(blockedUntil, until),
                cut ? Math.max(Math.min(factor, LOWEST_CUT), factor * CUT) : factor,
                cut ? now : factorAt,
                pause);
    }

    /** Only probes go through; see {@link RateLimiter#pause(Failure)}. */
    public LimiterState paused(Instant now, RateLimit limit, Failure failure) {
        Pause before = pause;
        if (failure.kind() == FailureKind.PAUSED) {
            Instant since = before != null && before.isByHand() ? before.since() : now;
            return withPause(new Pause(failure, since, Pause.NEVER, 0));
        }
        if (before != null && before.isByHand()) {
            // What calls say that were under way is found out again once it is resumed.
            return this;
        }
        if (before != null) {
            // The same pause goes on, with the newest reason; its next probe was set when this one was let through.
            return withPause(new Pause(failure, before.since(), before.probeAt(), before.probes()));
        }
        Pause begun = new Pause(failure, now, now, 0);
        return withPause(new Pause(failure, now, now.plus(probeInterval(limit, begun)), 0));
    }

    private LimiterState withPause(@Nullable Pause other) {
        return new LimiterState(nextRequest, nextToken, blockedUntil, factor, factorAt, other);
    }

    /** A call went through; see {@link RateLimiter#succeeded}. */
    public LimiterState succeeded(Instant now, RateLimit limit, ProviderHints hints) {
        Long allowed = hints.requestsPerMinute();
        double learned = factor;
        Instant at = factorAt;
        if (allowed != null && allowed > 0 && !isUnlimited(limit) && allowed < limit.requestsPerMinute() * factor) {
            learned = Math.max(LOWEST_FACTOR, allowed / limit.requestsPerMinute());
            at = now;
        } else if (allowed != null && mayRise(now, limit, allowed, hints.requestsRemaining())) {
            double most = Math.min(allowed, limit.mostPerMinute()) / limit.requestsPerMinute();
            learned = Math.min(Math.min(most, HIGHEST_FACTOR), factor * RAISE);
            at = now.minus(CLEAN_BEFORE_RAISE).plus(RAISE_APART);
        }
        boolean stays = pause != null && pause.isByHand();
        return new LimiterState(nextRequest, nextToken, blockedUntil, learned, at, stays ? pause : null);
    }

    /** Whether the rate may rise above the configured one: below it, it heals by itself. */
    private boolean mayRise(Instant now, RateLimit limit, long allowed, @Nullable Long remaining) {
        double present = limit.requestsPerMinute() * factor;
        return factor >= 1
                && present < Math.min(allowed, limit.mostPerMinute())
                && (remaining == null || remaining >= allowed * SHARE_TO_SPARE)
                && !now.isBefore(factorAt.plus(CLEAN_BEFORE_RAISE));
    }

    /** No pause; see {@link RateLimiter#resume}. */
    public LimiterState resumed() {
        return withPause(null);
    }

    /** After 30 s without a cut the rate comes back by one part in a hundred every 10 s. */
    private LimiterState healed(Instant now) {
        Duration clean = Duration.between(factorAt, now).minus(CLEAN_BEFORE_RAISE);
        if (factor >= 1 || clean.isNegative()) {
            return this;
        }
        long steps = 1 + clean.toSeconds() / 10;
        double raised = Math.min(1, factor + 0.01 * steps);
        Instant at = now.minus(CLEAN_BEFORE_RAISE).plusSeconds(10).minusNanos(clean.toNanos() % 10_000_000_000L);
        return new LimiterState(nextRequest, nextToken, blockedUntil, raised, at, pause);
    }

    /** No part of which is anything: what the headers say of requests is then nothing to reckon with. */
    private static boolean isUnlimited(RateLimit limit) {
        return Double.isInfinite(limit.requestsPerMinute());
    }

    private static long interval(double perMinute, double factor) {
        return (long) (60e9 / (perMinute * factor * (1 - MARGIN)));
    }

    private static Instant later(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }
}
