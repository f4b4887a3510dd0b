package dev.ttsjobs.queue.jdbc;

class H2RateLimiterTest extends JdbcRateLimiterContract {

    H2RateLimiterTest() {
        super(TestDatabase.H2);
    }
}
