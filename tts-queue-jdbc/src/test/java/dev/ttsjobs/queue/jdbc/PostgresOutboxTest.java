package dev.ttsjobs.queue.jdbc;

class PostgresOutboxTest extends JdbcOutboxContract {

    PostgresOutboxTest() {
        super(TestDatabase.POSTGRESQL);
    }
}
