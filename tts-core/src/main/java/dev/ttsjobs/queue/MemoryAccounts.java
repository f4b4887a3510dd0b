package dev.ttsjobs.queue;

import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.limit.RateLimiter;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The accounts of the in-memory queue: their limits and their pauses. */
final class MemoryAccounts {

    private final InstantSource clock;
    private final Map<String, RateLimiter> limiters = new LinkedHashMap<>();
    /** Accounts that were paused by hand before anybody named their limit. */
    private final Map<String, RateLimiter.Pause> pausedUnseen = new LinkedHashMap<>();

    MemoryAccounts(InstantSource clock) {
        this.clock = clock;
    }

    RateLimiter limiter(String account, RateLimit limit) {
        return limiters.computeIfAbsent(account, name -> {
            RateLimiter limiter = RateLimiter.inProcess(limit, clock);
            Optional.ofNullable(pausedUnseen.remove(name)).ifPresent(pause -> limiter.pause(pause.failure()));
            return limiter;
        });
    }

    void pause(String account, String reason) {
        Failure failure = JobStore.byHand(account, reason);
        RateLimiter limiter = limiters.get(account);
        if (limiter != null) {
            limiter.pause(failure);
        } else {
            pausedUnseen.put(account, new RateLimiter.Pause(failure, clock.instant(), RateLimiter.Pause.NEVER, 0));
        }
    }

    boolean resume(String account) {
        boolean paused = pauses().containsKey(account);
        pausedUnseen.remove(account);
        Optional.ofNullable(limiters.get(account)).ifPresent(RateLimiter::resume);
        return paused;
    }

    Map<String, RateLimiter.Pause> pauses() {
        Map<String, RateLimiter.Pause> pauses = new TreeMap<>(pausedUnseen);
        limiters.forEach((account, limiter) -> limiter.pause().ifPresent(pause -> pauses.put(account, pause)));
        return pauses;
    }

    /** What is waited for because of pauses. */
    Stream<Job.WaitingFor> waitedFor() {
        return pauses().values().stream().map(pause -> new Job.WaitingFor(pause.failure(), pause.since()));
    }
}
