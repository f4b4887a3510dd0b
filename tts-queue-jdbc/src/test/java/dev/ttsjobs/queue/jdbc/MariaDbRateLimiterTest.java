package dev.ttsjobs.queue.jdbc;

import org.junit.jupiter.api.BeforeAll;

class MariaDbRateLimiterTest extends JdbcRateLimiterContract {

    MariaDbRateLimiterTest() {
        super(TestDatabase.MARIADB);
    }

    @BeforeAll
    static void needsAServer() {
        MariaDbServer.require();
    }
}
