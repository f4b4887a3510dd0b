package dev.ttsjobs.limit;

import dev.ttsjobs.contract.RateLimiterContract;

class InProcessRateLimiterTest extends RateLimiterContract {

    @Override
    protected RateLimiter limiter(RateLimit limit) {
        return RateLimiter.inProcess(limit, time);
    }
}
