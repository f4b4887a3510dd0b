package dev.ttsjobs.queue.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.contract.RateLimiterContract;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.limit.RateLimiter;
import org.junit.jupiter.api.AfterEach;

/** The contract of the limit on a database. */
abstract class JdbcRateLimiterContract extends RateLimiterContract {

    private final TestDatabase database;
    private HikariDataSource source;

    JdbcRateLimiterContract(TestDatabase database) {
        this.database = database;
    }

    @Override
    protected RateLimiter limiter(RateLimit limit) {
        source = database.open(1);
        return JdbcJobQueue.builder(source).migrate().clock(time).build().limiter("acme", limit);
    }

    @AfterEach
    void closeSource() {
        source.close();
    }
}
