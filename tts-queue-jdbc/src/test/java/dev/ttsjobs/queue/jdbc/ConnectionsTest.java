package dev.ttsjobs.queue.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.contract.Jobs;
import dev.ttsjobs.contract.RealTime;
import dev.ttsjobs.event.JobEvent;
import dev.ttsjobs.event.JobEventHandler;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.testing.ScriptedSynthesizer;
import dev.ttsjobs.worker.EventWorker;
import dev.ttsjobs.worker.SpeechWorker;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** How many connections a process takes: as it asks its pool for them, and as PostgreSQL sees it. */
class ConnectionsTest {

    private static final int MOST = 3;
    private static final int JOBS = 150;
    private static final String SEEN = "SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = 'process'";

    /** Those that are held or waited for, and the most that ever were. */
    private final AtomicInteger asked = new AtomicInteger();

    private final AtomicInteger peak = new AtomicInteger();

    @Test
    void workersHandlersOfEventsAndTheListenerTakeThreeAtMost() throws Exception {
        String name;
        try (HikariDataSource other = TestDatabase.POSTGRESQL.open(2);
                JdbcJobQueue elsewhere = JdbcJobQueue.open(other)) {
            try (Connection connection = other.getConnection()) {
                name = connection.getCatalog();
            }
            String url = TestDatabase.url(name);
            Semaphore told = new Semaphore(0);
            try (HikariDataSource source = QueueDataSources.open(url + "&ApplicationName=process", MOST);
                    JdbcJobQueue queue = JdbcJobQueue.builder(counted(source)).build();
                    Connection view = DriverManager.getConnection(url)) {
                EventWorker events = EventWorker.builder(queue.events())
                        .handler(handler("first", told))
                        .handler(handler("second", told))
                        .pollInterval(Duration.ofMillis(10))
                        .build()
                        .start();
                SpeechWorker worker = SpeechWorker.builder(queue, AudioStorage.inMemory(), new ScriptedSynthesizer())
                        .limit(RateLimit.UNLIMITED)
                        .lease(Duration.ofSeconds(1))
                        .pollInterval(Duration.ofMillis(10))
                        .build()
                        .start();
                // Both have subscribed.
                RealTime.await(Duration.ofSeconds(20), () -> count(view, "SELECT COUNT(*) FROM tts_handler") == 2);
                for (int i = 0; i < JOBS; i++) {
                    elsewhere.submit(Jobs.of("ann").say("a" + i, "b" + i).build());
                }
                assertTrue(told.tryAcquire(2 * JOBS, 60, TimeUnit.SECONDS), "not all events came");
                assertEquals(JOBS, count(view, "SELECT COUNT(*) FROM tts_job WHERE status = 2"));
                assertEquals(MOST, peak.get(), "nobody waits for a connection in a pool of three");
                assertEquals(MOST, count(view, SEEN));
                assertEquals(1, count(view, SEEN + " AND query LIKE 'LISTEN%'"));
                worker.close();
                events.close();
            }
        }
    }

    private DataSource counted(DataSource pool) {
        return proxy(DataSource.class, (method, arguments) -> {
            if (!method.getName().equals("getConnection")) {
                return method.invoke(pool, arguments);
            }
            peak.accumulateAndGet(asked.incrementAndGet(), Math::max);
            Connection connection = pool.getConnection();
            AtomicBoolean closed = new AtomicBoolean();
            return proxy(Connection.class, (each, its) -> {
                if (each.getName().equals("close") && closed.compareAndSet(false, true)) {
                    connection.close();
                    asked.decrementAndGet();
                    return null;
                }
                return each.invoke(connection, its);
            });
        });
    }

    @FunctionalInterface
    private interface Calls {
        Object make(Method method, Object[] arguments) throws Throwable;
    }

    private static <T> T proxy(Class<T> type, Calls calls) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    try {
                        return calls.make(method, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    private static JobEventHandler handler(String name, Semaphore told) {
        return new JobEventHandler() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public void handle(JobEvent event) {
                told.release();
            }
        };
    }

    private static int count(Connection connection, String query) {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getInt(1);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
