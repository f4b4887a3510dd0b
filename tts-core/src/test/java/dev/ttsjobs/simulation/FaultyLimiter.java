package dev.ttsjobs.simulation;

import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.limit.RateLimiter;
import dev.ttsjobs.speech.ProviderHints;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The account's limit as one life of a process sees it. */
final class FaultyLimiter implements RateLimiter {

    private final Effects effects;
    private final RateLimiter limiter;
    private final LimitWatch watch;

    FaultyLimiter(Effects effects, RateLimiter limiter) {
        this.effects = effects;
        this.limiter = limiter;
        this.watch = effects.limits();
    }

    @Override
    public Reservation reserve(List<Integer> costs) {
        return effects.queue("reserve", costs, () -> {
            Reservation reservation = limiter.reserve(costs);
            watch.reserved(effects, costs, reservation);
            return reservation;
        });
    }

    @Override
    public void slowDown(Duration retryAfter) {
        effects.queue("slow down", retryAfter, () -> {
            limiter.slowDown(retryAfter);
            watch.slowedDown(retryAfter);
            return "done";
        });
    }

    @Override
    public void pause(Failure failure) {
        effects.queue("pause", failure, () -> {
            limiter.pause(failure);
            watch.paused(failure);
            return "done";
        });
    }

    @Override
    public void succeeded(ProviderHints hints) {
        effects.queue("succeeded", "", () -> {
            limiter.succeeded(hints);
            watch.resumed();
            return "done";
        });
    }

    @Override
    public void resume() {
        effects.queue("resume", "", () -> {
            limiter.resume();
            watch.resumed();
            return "done";
        });
    }

    @Override
    public Optional<Pause> pause() {
        return limiter.pause();
    }
}
