package dev.ttsjobs.queue.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.contract.OutboxContract;
import dev.ttsjobs.queue.JobQueue;
import dev.ttsjobs.time.ManualTime;
import org.junit.jupiter.api.AfterEach;

/** The contract of the outbox on a database. */
abstract class JdbcOutboxContract extends OutboxContract {

    private final TestDatabase database;
    private HikariDataSource source;

    JdbcOutboxContract(TestDatabase database) {
        this.database = database;
    }

    @Override
    protected JobQueue open(ManualTime clock) {
        source = database.open(3);
        return JdbcJobQueue.builder(source).migrate().clock(clock).build();
    }

    @AfterEach
    void closeSource() {
        source.close();
    }
}
