package dev.ttsjobs.queue.jdbc;

class SqliteOutboxTest extends JdbcOutboxContract {

    SqliteOutboxTest() {
        super(TestDatabase.SQLITE);
    }
}
