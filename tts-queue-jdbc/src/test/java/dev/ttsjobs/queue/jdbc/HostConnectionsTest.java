package dev.ttsjobs.queue.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.contract.Jobs;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pools that a host has made for its own ends, by connections of which drivers wait for an answer for ever. */
class HostConnectionsTest {

    @ParameterizedTest
    @CsvSource({"POSTGRESQL, 0, 12000", "POSTGRESQL, 40000, 40000", "MARIADB, 0, 12000"})
    void noAnswerIsWaitedForWithoutEndAndAllIsGivenBackAsItWas(TestDatabase database, int hosts, int waited)
            throws Exception {
        String url;
        try (var source = database.open(1)) {
            url = source.getJdbcUrl();
        }
        try (Connection only = DriverManager.getConnection(url)) {
            only.setNetworkTimeout(Runnable::run, hosts);
            only.setAutoCommit(true);
            Set<Integer> during = ConcurrentHashMap.newKeySet();
            // A pool that resets nothing.
            DataSource pool = TappedDataSource.of(theOnly(only), (method, call) -> {
                if (method.startsWith("execute")) {
                    during.add(only.getNetworkTimeout());
                }
                return method.equals("close") ? null : call.make();
            });
            JdbcSchema.apply(pool, "tts_");
            try (JdbcJobQueue queue = JdbcJobQueue.builder(pool).build()) {
                during.clear();
                queue.submit(Jobs.of("ann").say("a").build());
                assertTrue(queue.outlook().isWorkDue());
            }
            assertEquals(Set.of(waited), during);
            assertEquals(hosts, only.getNetworkTimeout());
        }
    }

    private static DataSource theOnly(Connection connection) {
        return (DataSource) Proxy.newProxyInstance(
                DataSource.class.getClassLoader(), new Class<?>[] {DataSource.class}, (proxy, method, arguments) -> {
                    assertEquals("getConnection", method.getName());
                    return connection;
                });
    }
}
