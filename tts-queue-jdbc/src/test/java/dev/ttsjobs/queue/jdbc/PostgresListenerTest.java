package dev.ttsjobs.queue.jdbc;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Proxy;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

class PostgresListenerTest {

    /** Nobody starts it again: a host whose driver once lacked a class would only ever look for work by itself. */
    @Test
    void listensAnewWhateverItsConnectionsThrow() throws Exception {
        Semaphore asked = new Semaphore(0);
        DataSource broken = (DataSource) Proxy.newProxyInstance(
                DataSource.class.getClassLoader(), new Class<?>[] {DataSource.class}, (proxy, method, arguments) -> {
                    asked.release();
                    throw new NoClassDefFoundError("a jar is missing");
                });
        try (PostgresListener listener = new PostgresListener(broken, "work", what -> {}, rest -> {})) {
            listener.start();
            assertTrue(asked.tryAcquire(3, 10, TimeUnit.SECONDS));
        }
    }
}
