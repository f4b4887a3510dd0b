package dev.ttsjobs.queue.jdbc;

class H2OutboxTest extends JdbcOutboxContract {

    H2OutboxTest() {
        super(TestDatabase.H2);
    }
}
