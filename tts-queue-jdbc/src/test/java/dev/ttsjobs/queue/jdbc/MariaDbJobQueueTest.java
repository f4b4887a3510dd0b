package dev.ttsjobs.queue.jdbc;

import org.junit.jupiter.api.BeforeAll;

class MariaDbJobQueueTest extends JdbcJobQueueContract {

    MariaDbJobQueueTest() {
        super(TestDatabase.MARIADB);
    }

    @BeforeAll
    static void needsAServer() {
        MariaDbServer.require();
    }
}
