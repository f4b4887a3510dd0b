package dev.ttsjobs.queue.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.contract.Jobs;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import dev.ttsjobs.queue.JobStore.JobQuery;
import dev.ttsjobs.queue.JobStore.Submission;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What MariaDB does otherwise than the other databases. */
class MariaDbTest {

    private HikariDataSource source;
    private JdbcJobQueue queue;

    @BeforeEach
    void open() {
        MariaDbServer.require();
        source = TestDatabase.MARIADB.open(4);
        queue = JdbcJobQueue.open(source);
    }

    @AfterEach
    void close() {
        if (source != null) {
            queue.close();
            source.close();
        }
    }

    @Test
    void namesThatLookAlikeAreNotTheSame() {
        List<String> names =
                List.of("ann", "Ann", "ann ", "\u00e9t\u00e9", "e\u0301te\u0301", "ete", "stra\u00dfe", "strasse");
        Map<String, JobId> jobs = new HashMap<>();
        for (String name : names) {
            // One key for all: it is each owner's own.
            Submission job = Jobs.of(name).key("k", '1').say("Hello").build();
            assertFalse(queue.submit(job).replayed(), name);
            jobs.put(name, job.id());
        }
        for (String name : names) {
            assertEquals(
                    List.of(jobs.get(name)),
                    queue.list(JobQuery.ofOwner(name, 10)).stream()
                            .map(each -> each.id())
                            .toList());
        }
    }

    @Test
    void textsOfAnyLengthAndScriptComeBackAsTheyWere() {
        String text = "\ud83d\ude00 \u4f60\u597d e\u0301 ".repeat(20_000);
        queue.submit(Jobs.of("alice").say(text).build());
        assertEquals(
                text,
                queue.claim(new WorkerId(UUID.randomUUID()), 1).get(0).clip().text());
    }

    @Test
    void aHostsTransactionThatHidesWhatOthersCommitIsRefused() throws SQLException {
        Submission job = Jobs.of("alice").say("Hello").build();
        try (Connection host = source.getConnection()) {
            host.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            host.setAutoCommit(false);
            IllegalStateException refused = assertThrows(IllegalStateException.class, () -> queue.submit(job, host));
            assertTrue(refused.getMessage().contains("READ COMMITTED"), refused::getMessage);
            host.rollback();
        }
        assertTrue(queue.find(job.id()).isEmpty());
    }

    /** The other transaction has written more, so it is the host's that InnoDB undoes. */
    @Test
    void aHostsTransactionThatADeadlockUndidIsNotGoneOnWith() throws Exception {
        queue.submit(Jobs.of("alice").say("Hello").build());
        try (Connection host = source.getConnection();
                Connection other = source.getConnection();
                Statement hosts = host.createStatement();
                Statement others = other.createStatement()) {
            hosts.execute("CREATE TABLE card (id INTEGER PRIMARY KEY, done INTEGER)");
            host.setAutoCommit(false);
            other.setAutoCommit(false);
            hosts.execute("INSERT INTO card VALUES (-1, 0)");
            others.execute("INSERT INTO card SELECT seq, 0 FROM seq_1_to_1000");
            others.execute("SELECT * FROM tts_clip_state FOR UPDATE");
            Submission job = Jobs.of("bob").say("Hello").build();
            Together.call(List.of(
                    () -> {
                        QueueException gone = assertThrows(QueueException.class, () -> queue.submit(job, host));
                        assertTrue(gone.getMessage().contains("was rolled back"), gone::getMessage);
                        return true;
                    },
                    () -> {
                        others.execute("UPDATE card SET done = 1 WHERE id = -1");
                        return true;
                    }));
            host.commit();
            other.commit();
            assertTrue(queue.find(job.id()).isEmpty());
            try (ResultSet rows = others.executeQuery("SELECT COUNT(*) FROM card")) {
                assertTrue(rows.next());
                assertEquals(1000, rows.getInt(1));
            }
            other.rollback();
        }
    }

    @Test
    void whatIsLookedUpByNumberIsNotSearchedFor() throws SQLException {
        Jobs.Builder job = Jobs.of("alice");
        for (int i = 0; i < 1500; i++) {
            job.say("text " + i);
        }
        queue.submit(job.build());
        Sql sql = new Sql(Dialect.MARIADB, "tts_");
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("ANALYZE TABLE tts_clip_state");
            String locked = sql.text("lockStates").replace(":clips", "'[3,1,7]'");
            try (ResultSet plan = statement.executeQuery("EXPLAIN " + locked)) {
                assertTrue(plan.next() && plan.getString("table").equals("list"), locked);
                assertTrue(plan.next() && plan.getString("type").equals("eq_ref"), locked);
            }
            String updated = sql.text("setDone").replace("<clips>", "3,1,7");
            try (ResultSet plan = statement.executeQuery("EXPLAIN " + updated)) {
                assertTrue(plan.next() && plan.getString("type").equals("range"), updated);
                assertEquals(3, plan.getInt("rows"));
            }
            String next =
                    sql.text("nextClips").replace(":now", "9000000000000000000").replace(":max", "32");
            try (ResultSet plan = statement.executeQuery("EXPLAIN " + next)) {
                assertTrue(plan.next());
                assertEquals("tts_clip_next", plan.getString("key"));
                assertFalse(plan.getString("Extra").contains("filesort"), plan.getString("Extra"));
            }
        }
    }
}
