package dev.ttsjobs.queue.jdbc;

import org.junit.jupiter.api.BeforeAll;

class MariaDbOutboxTest extends JdbcOutboxContract {

    MariaDbOutboxTest() {
        super(TestDatabase.MARIADB);
    }

    @BeforeAll
    static void needsAServer() {
        MariaDbServer.require();
    }
}
