package dev.ttsjobs.queue.jdbc;

class PostgresJobQueueTest extends JdbcJobQueueContract {

    PostgresJobQueueTest() {
        super(TestDatabase.POSTGRESQL);
    }
}
