package dev.ttsjobs.queue.jdbc;

class SqliteJobQueueTest extends JdbcJobQueueContract {

    SqliteJobQueueTest() {
        super(TestDatabase.SQLITE);
    }
}
