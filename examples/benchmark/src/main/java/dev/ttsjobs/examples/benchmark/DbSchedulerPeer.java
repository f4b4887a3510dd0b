package dev.ttsjobs.examples.benchmark;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import javax.sql.DataSource;

/** db-scheduler as its documentation tunes it for throughput: lock-and-fetch, batch scheduling, a short poll. */
final class DbSchedulerPeer {

    private static final String TABLE = """
            CREATE TABLE scheduled_tasks (
              task_name TEXT NOT NULL,
              task_instance TEXT NOT NULL,
              task_data BYTEA,
              execution_time TIMESTAMP WITH TIME ZONE NOT NULL,
              picked BOOLEAN NOT NULL,
              picked_by TEXT,
              last_success TIMESTAMP WITH TIME ZONE,
              last_failure TIMESTAMP WITH TIME ZONE,
              consecutive_failures INT,
              last_heartbeat TIMESTAMP WITH TIME ZONE,
              version BIGINT NOT NULL,
              priority SMALLINT,
              state TEXT,
              PRIMARY KEY (task_name, task_instance));
            CREATE INDEX execution_time_idx ON scheduled_tasks (execution_time);
            CREATE INDEX last_heartbeat_idx ON scheduled_tasks (last_heartbeat)
            """;

    private DbSchedulerPeer() {}

    /** Runs the task for each number below {@code count} and says how many seconds that took. */
    static double round(DataSource source, int threads, int count, IntConsumer work) throws Exception {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(TABLE);
        }
        CountDownLatch undone = new CountDownLatch(count);
        OneTimeTask<Integer> task = Tasks.oneTime("speak", Integer.class).execute((instance, context) -> {
            work.accept(instance.getData());
            undone.countDown();
        });
        Scheduler scheduler = Scheduler.create(source, task)
                .threads(threads)
                .pollUsingLockAndFetch(0.5, 4.0)
                .pollingInterval(Duration.ofMillis(100))
                .build();
        List<TaskInstance<?>> instances = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            instances.add(task.instance(String.valueOf(i), i));
        }
        scheduler.scheduleBatch(instances, Instant.now());
        long start = System.nanoTime();
        scheduler.start();
        try {
            if (!undone.await(Bench.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException(undone.getCount() + " tasks were not run");
            }
            // The database is asked only once there is next to nothing left but to put the last ones on record.
            Bench.await(Bench.PATIENCE, "db-scheduler", () -> left(source) == 0);
            return (System.nanoTime() - start) / 1e9;
        } finally {
            scheduler.stop();
        }
    }

    private static int left(DataSource source) {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT count(*) FROM (SELECT 1 FROM scheduled_tasks LIMIT 1) AS one")) {
            row.next();
            return row.getInt(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
