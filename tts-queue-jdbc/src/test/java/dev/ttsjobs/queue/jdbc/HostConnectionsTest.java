package dev.ttsjobs.queue.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.contract.Jobs;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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

    @Test
    void whatWaitsForACommitIsGivenBackSo() throws Exception {
        try (var source = TestDatabase.H2.open(1);
                Connection only = DriverManager.getConnection(source.getJdbcUrl())) {
            DataSource pool =
                    TappedDataSource.of(theOnly(only), (method, call) -> method.equals("close") ? null : call.make());
            only.setAutoCommit(false);
            JdbcSchema.apply(pool, "tts_");
            assertFalse(only.getAutoCommit());
            try (JdbcJobQueue queue = JdbcJobQueue.builder(pool).build()) {
                queue.submit(Jobs.of("ann").say("a").build());
                assertTrue(queue.outlook().isWorkDue());
                assertFalse(only.getAutoCommit());
                only.rollback();
                assertTrue(queue.outlook().isWorkDue());
            }
        }
    }

    /** A host's pool may give out one whose other end is gone, and would soon have none left if it were kept. */
    @ParameterizedTest
    @ValueSource(strings = {"getAutoCommit", "setAutoCommit", "getNetworkTimeout", "setNetworkTimeout"})
    void oneThatCannotBeSetUpIsGivenBack(String broken) throws Exception {
        AtomicInteger out = new AtomicInteger();
        try (var source = TestDatabase.H2.open(1)) {
            HostConnections connections = new HostConnections(TappedDataSource.of(source, (method, call) -> {
                if (method.equals(broken)) {
                    throw new SQLException("the other end is gone", "08006");
                }
                Object answer = method.equals("getAutoCommit") ? (Object) false : call.make();
                out.addAndGet(method.equals("getConnection") ? 1 : method.equals("close") ? -1 : 0);
                return answer;
            }));
            connections.areRemote();
            assertThrows(SQLException.class, connections::openConnection);
            assertEquals(0, out.get());
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
