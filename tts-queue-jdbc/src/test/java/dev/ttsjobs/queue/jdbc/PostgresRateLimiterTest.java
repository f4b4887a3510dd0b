package dev.ttsjobs.queue.jdbc;

class PostgresRateLimiterTest extends JdbcRateLimiterContract {

    PostgresRateLimiterTest() {
        super(TestDatabase.POSTGRESQL);
    }
}
