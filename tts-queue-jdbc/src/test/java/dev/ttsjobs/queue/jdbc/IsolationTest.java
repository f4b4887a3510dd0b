package dev.ttsjobs.queue.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.contract.Jobs;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.queue.ClipQueue.Outcome;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import dev.ttsjobs.queue.JobStore;
import dev.ttsjobs.queue.Lease;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Hosts whose transactions see, unless they say otherwise, no more than what was there when they began. */
class IsolationTest {

    /** Each that is above READ COMMITTED, where the database has it. */
    @Retention(RetentionPolicy.RUNTIME)
    @ParameterizedTest
    @CsvSource({
        "POSTGRESQL, TRANSACTION_REPEATABLE_READ",
        "POSTGRESQL, TRANSACTION_SERIALIZABLE",
        "H2, TRANSACTION_REPEATABLE_READ",
        "H2, TRANSACTION_SERIALIZABLE"
    })
    private @interface OnEveryLevel {}

    @OnEveryLevel
    void ofTwoWhoFinishTheLastPartsOfATextAtTheSameMomentTheSecondSeesBoth(TestDatabase database, String level)
            throws Exception {
        try (HikariDataSource source = opened(database, level)) {
            CountDownLatch inside = new CountDownLatch(1);
            PhraseHook hook = (connection, phrases) -> {
                if (inside.getCount() > 0) {
                    inside.countDown();
                    awaitWaiting(database, source);
                }
            };
            try (JdbcJobQueue queue =
                    JdbcJobQueue.builder(source).migrate().onPhrasesEnded(hook).build()) {
                WorkerId ann = new WorkerId(UUID.randomUUID());
                queue.submit(Jobs.of("alice").say("a").build());
                queue.submit(Jobs.of("bob").say(Jobs.joined("a", "b")).build());
                queue.beat(ann, Duration.ofMinutes(1));
                List<Lease> parts = queue.claim(ann, 2);
                assertEquals(Set.of(Jobs.clip("a"), Jobs.clip("b")), Set.copyOf(clips(parts)));
                Lease first = parts.get(clips(parts).indexOf(Jobs.clip("a")));
                Lease second = parts.get(clips(parts).indexOf(Jobs.clip("b")));
                Together.call(List.of(() -> queue.settle(made(first)), () -> {
                    assertTrue(inside.await(20, TimeUnit.SECONDS));
                    return queue.settle(made(second));
                }));
                assertEquals(
                        List.of(Jobs.joined("a", "b").key()),
                        queue.claim(ann, 2).stream()
                                .map(lease -> lease.clip().key())
                                .toList());
            }
        }
    }

    /** A host that has looked at something before, and so does not see that the text was made meanwhile. */
    @OnEveryLevel
    void aJobOfATransactionThatSeesThePastIsRefusedRatherThanLeftWaiting(TestDatabase database, String level)
            throws Exception {
        try (HikariDataSource source = opened(database, level);
                JdbcJobQueue queue = JdbcJobQueue.builder(source).migrate().build()) {
            WorkerId ann = new WorkerId(UUID.randomUUID());
            queue.submit(Jobs.of("alice").say("a").build());
            queue.beat(ann, Duration.ofMinutes(1));
            Lease lease = queue.claim(ann, 1).get(0);
            JobStore.Submission late = Jobs.of("bob").say("a").build();
            try (Connection host = source.getConnection()) {
                host.setAutoCommit(false);
                try (Statement statement = host.createStatement()) {
                    statement.executeQuery("SELECT * FROM tts_clip_state");
                }
                queue.settle(made(lease));
                assertThrows(QueueException.class, () -> queue.submit(late, host));
                host.rollback();
                queue.submit(late, host);
                host.commit();
            }
            assertEquals(
                    JobStatus.COMPLETED, queue.find(late.id()).orElseThrow().status());
        }
    }

    @Test
    void whoWaitedForAnotherToMakeTheTablesMakesNoOthers() throws Exception {
        TestDatabase database = TestDatabase.POSTGRESQL;
        try (HikariDataSource source = opened(database, "TRANSACTION_REPEATABLE_READ");
                Connection other = source.getConnection();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("SELECT pg_advisory_xact_lock(hashtext('tts_schema'))");
            Together.call(List.of(
                    () -> {
                        JdbcSchema.apply(source, "tts_");
                        return true;
                    },
                    () -> {
                        awaitWaiting(database, source);
                        statement.execute(JdbcSchema.script("postgresql", "tts_"));
                        other.commit();
                        return true;
                    }));
            try (ResultSet row = statement.executeQuery("SELECT COUNT(*) FROM tts_schema")) {
                assertTrue(row.next());
                assertEquals(1, row.getInt(1));
            }
        }
    }

    private static List<Outcome> made(Lease lease) {
        return List.of(new Outcome.Made(lease, Jobs.facts(1000), true));
    }

    private static List<Clip> clips(List<Lease> leases) {
        return leases.stream().map(Lease::clip).toList();
    }

    private static HikariDataSource opened(TestDatabase database, String level) {
        HikariConfig config = new HikariConfig();
        try (HikariDataSource source = database.open(1)) {
            config.setJdbcUrl(source.getJdbcUrl());
        }
        config.setTransactionIsolation(level);
        return new HikariDataSource(config);
    }

    /** Until another transaction waits for this one. */
    private static void awaitWaiting(TestDatabase database, HikariDataSource source) throws SQLException {
        String waiting = database == TestDatabase.H2
                ? "SELECT COUNT(*) FROM information_schema.sessions WHERE blocker_id IS NOT NULL"
                : "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            boolean waits = false;
            while (!waits) {
                try (ResultSet row = statement.executeQuery(waiting)) {
                    waits = row.next() && row.getInt(1) > 0;
                }
            }
        }
    }
}
