package dev.ttsjobs.queue.jdbc;

class SqliteRateLimiterTest extends JdbcRateLimiterContract {

    SqliteRateLimiterTest() {
        super(TestDatabase.SQLITE);
    }
}
