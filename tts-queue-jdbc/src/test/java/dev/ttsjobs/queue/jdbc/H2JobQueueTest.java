package dev.ttsjobs.queue.jdbc;

class H2JobQueueTest extends JdbcJobQueueContract {

    H2JobQueueTest() {
        super(TestDatabase.H2);
    }
}
