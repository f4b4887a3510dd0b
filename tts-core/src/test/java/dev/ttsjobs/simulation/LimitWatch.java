package dev.ttsjobs.simulation;

import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.limit.RateLimiter;
import dev.ttsjobs.limit.RateLimiter.Reservation;
import dev.ttsjobs.time.ManualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Whether what is sent keeps to the limit: arithmetic of its own beside the limiter's. */
final class LimitWatch {

    private static final Duration SHORTEST_PROBE = Duration.ofSeconds(5);

    private final ManualTime time;
    private final RateLimit limit;
    private final Duration step;
    private final Map<Effects, Instant> slots = new HashMap<>();
    private final Set<Effects> calledInPause = new HashSet<>();
    private Instant request = Instant.EPOCH;
    private Instant token = Instant.EPOCH;
    private Instant blockedUntil = Instant.EPOCH;
    private boolean paused;
    private boolean outage;
    private Instant probed = Instant.EPOCH;

    LimitWatch(ManualTime time, RateLimit limit) {
        this.time = time;
        this.limit = limit;
        step = Duration.ofNanos((long) (60e9 / limit.requestsPerMinute()));
    }

    void reserved(Effects caller, List<Integer> costs, Reservation reservation) {
        Instant now = time.instant();
        List<Instant> granted = reservation.slots();
        Violation.unless(granted.size() <= costs.size(), () -> "more slots than were asked for");
        if (paused && !granted.isEmpty()) {
            Duration rest = outage ? SHORTEST_PROBE : limit.probeInterval();
            Violation.unless(
                    granted.size() == 1 && !now.isBefore(probed.plus(rest)),
                    () -> "a slot while the account is paused, " + Duration.between(probed, now) + " after the last");
            probed = now;
        }
        for (int i = 0; i < granted.size(); i++) {
            count(now, granted.get(i), costs.get(i));
        }
        if (!granted.isEmpty()) {
            slots.put(caller, granted.get(0));
        }
        if (paused) {
            calledInPause.remove(caller);
        }
    }

    private void count(Instant now, Instant slot, int cost) {
        Instant earliest = request.minus(step.multipliedBy(limit.burst() - 1L));
        Violation.unless(!slot.isBefore(now), () -> "a slot in the past");
        Violation.unless(!slot.isBefore(blockedUntil), () -> "a slot before the provider wants one");
        Violation.unless(
                !slot.isBefore(earliest),
                () -> "a slot " + Duration.between(slot, earliest) + " sooner than the limit of requests allows");
        request = later(request, slot).plus(step);
        Double tokens = limit.tokensPerMinute();
        if (tokens != null) {
            Instant next = token;
            Violation.unless(
                    !slot.isBefore(next),
                    () -> "a slot " + Duration.between(slot, next) + " sooner than the limit of tokens allows");
            token = later(token, slot).plusNanos((long) (60e9 / tokens * cost));
        }
    }

    /** A call is about to be put on record: it is at its slot, not before, and not much later. */
    void goes(Effects caller) {
        Instant now = time.instant();
        Instant slot = slots.get(caller);
        Violation.unless(slot != null && !now.isBefore(slot), () -> "a call before its slot");
        Violation.unless(
                !now.isAfter(slot.plus(RateLimiter.LATEST)),
                () -> "a call " + Duration.between(slot, now) + " after its slot");
    }

    void sent(Effects caller) {
        Violation.unless(slots.remove(caller) != null, () -> "a call without a slot");
        Violation.unless(!paused || calledInPause.add(caller), () -> "a second call while the account is paused");
    }

    void slowedDown(Duration retryAfter) {
        if (retryAfter != null) {
            Duration kept = retryAfter.compareTo(Duration.ofMinutes(10)) > 0 ? Duration.ofMinutes(10) : retryAfter;
            blockedUntil = later(blockedUntil, time.instant().plus(kept));
        }
    }

    void paused(Failure failure) {
        if (!paused) {
            probed = time.instant();
            outage = false;
            calledInPause.clear();
        }
        paused = true;
        outage |= failure.kind() == FailureKind.OUTAGE;
    }

    void resumed() {
        paused = false;
    }

    private static Instant later(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }
}
