package dev.ttsjobs.limit;

import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.speech.ProviderHints;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A limit that one process keeps for itself. */
final class InProcessRateLimiter implements RateLimiter {

    private final InstantSource clock;
    private final RateLimit limit;
    private LimiterState state = LimiterState.fresh();

    InProcessRateLimiter(InstantSource clock, RateLimit limit) {
        this.clock = clock;
        this.limit = limit;
    }

    @Override
    public synchronized Reservation reserve(List<Integer> costs) {
        LimiterState.Granted granted = state.reserve(clock.instant(), limit, costs);
        state = granted.state();
        return granted.reservation();
    }

    @Override
    public synchronized void slowDown(@Nullable Duration retryAfter) {
        state = state.slowedDown(clock.instant(), retryAfter);
    }

    @Override
    public synchronized void pause(Failure failure) {
        state = state.paused(clock.instant(), limit, failure);
    }

    @Override
    public synchronized void succeeded(ProviderHints hints) {
        state = state.succeeded(clock.instant(), limit, hints);
    }

    @Override
    public synchronized void resume() {
        state = state.resumed();
    }

    @Override
    public synchronized Optional<Pause> pause() {
        return Optional.ofNullable(state.pause());
    }
}
