package dev.ttsjobs.queue.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.contract.Jobs;
import dev.ttsjobs.event.JobListener;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.job.AuditEntry;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobRefusedException;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.queue.ClipQueue;
import dev.ttsjobs.queue.ClipQueue.Outcome;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import dev.ttsjobs.queue.JobStore.Receipt;
import dev.ttsjobs.queue.JobStore.Submission;
import dev.ttsjobs.queue.Lease;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.testing.ScriptedSynthesizer;
import dev.ttsjobs.worker.SpeechWorker;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The host's transactions and the queue's, in one database. */
class HostTransactionTest {

    private final WorkerId ann = new WorkerId(UUID.randomUUID());
    private HikariDataSource source;
    private JdbcJobQueue queue;

    private void open(TestDatabase database) throws SQLException {
        source = database.open(3);
        queue = JdbcJobQueue.open(source);
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE card (id VARCHAR(200) PRIMARY KEY, done INTEGER)");
        }
    }

    @AfterEach
    void close() {
        if (source != null) {
            queue.close();
            source.close();
        }
    }

    /** All its clips are there already, so it ends with the submit. */
    @ParameterizedTest
    @EnumSource
    void theEndOfAJobIsToldOfIfTheHostCommitsOnly(TestDatabase database) throws SQLException {
        open(database);
        queue.submit(Jobs.of("alice").say("Hello").build());
        queue.beat(ann, Duration.ofSeconds(30));
        List<Lease> leases = queue.claim(ann, 1);
        queue.begin(leases);
        queue.settle(List.of(new Outcome.Made(leases.get(0), Jobs.facts(100), true)));
        queue.events().subscribe("mail");
        Submission kept = Jobs.of("alice").say("Hello").build();
        try (Connection host = source.getConnection()) {
            host.setAutoCommit(false);
            queue.submit(Jobs.of("alice").say("Hello").build(), host);
            host.rollback();
            queue.submit(kept, host);
            host.commit();
        }
        assertEquals(
                List.of(kept.id()),
                queue.events().take("mail", 10, Duration.ofMinutes(1)).deliveries().stream()
                        .map(each -> each.event().job().id())
                        .toList());
    }

    @ParameterizedTest
    @EnumSource
    void aSubmitIsInTheAuditLogIfTheHostCommitsOnly(TestDatabase database) throws SQLException {
        open(database);
        Submission kept = Jobs.of("alice").by("ann", "192.0.2.1").say("Hello").build();
        try (Connection host = source.getConnection()) {
            host.setAutoCommit(false);
            queue.submit(Jobs.of("alice").by("bob", "192.0.2.2").say("Hello").build(), host);
            host.rollback();
            assertEquals(List.of(), queue.audit(null, Long.MAX_VALUE, 10));
            queue.submit(kept, host);
            host.commit();
        }
        assertEquals(
                List.of(kept.id()),
                queue.audit("alice", Long.MAX_VALUE, 10).stream()
                        .map(AuditEntry::job)
                        .toList());
    }

    @ParameterizedTest
    @EnumSource
    void aJobOfACommittedTransactionIsThereWithTheHostsRows(TestDatabase database) throws SQLException {
        open(database);
        Submission job = Jobs.of("alice").say("Hello").build();
        try (Connection host = source.getConnection()) {
            host.setAutoCommit(false);
            insertCard(host, "1");
            queue.submit(job, host);
            assertFalse(host.getAutoCommit());
            assertFalse(host.isClosed());
            insertCard(host, "2");
            host.commit();
        }
        assertTrue(queue.find(job.id()).isPresent());
        assertEquals(2, cards());
        assertEquals(1, queue.claim(ann, 10).size());
    }

    /** It would look by itself after minutes only. */
    @ParameterizedTest
    @EnumSource
    void aWorkerOfThisProcessBeginsAsSoonAsTheHostSaysThatItHasCommitted(TestDatabase database) throws Exception {
        open(database);
        Semaphore ended = new Semaphore(0);
        JobListener listener = new JobListener() {
            @Override
            public void jobEnded(JobId id) {
                ended.release();
            }
        };
        try (SpeechWorker worker = SpeechWorker.builder(queue, AudioStorage.inMemory(), new ScriptedSynthesizer())
                .pollInterval(Duration.ofMinutes(10))
                .listener(listener)
                .build()
                .start()) {
            queue.submit(Jobs.of("alice").say("Hello").build());
            assertTrue(ended.tryAcquire(20, TimeUnit.SECONDS), "it is up and idle again");
            try (Connection host = source.getConnection()) {
                host.setAutoCommit(false);
                queue.submit(Jobs.of("alice").say("Bye").build(), host);
                host.commit();
            }
            queue.wake();
            assertTrue(ended.tryAcquire(20, TimeUnit.SECONDS));
            worker.close(Duration.ofSeconds(5));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aRolledBackTransactionLeavesNothing(TestDatabase database) throws SQLException {
        open(database);
        Submission job = Jobs.of("alice").key("k", '1').say("Hello").build();
        try (Connection host = source.getConnection()) {
            host.setAutoCommit(false);
            queue.submit(job, host);
            host.rollback();
        }
        assertEquals(Optional.empty(), queue.find(job.id()));
        assertEquals(List.of(), queue.claim(ann, 10));
        assertEquals(0, queue.jobsOn(LocalDate.ofInstant(queue.clock().instant(), ZoneOffset.UTC), "alice"));
        assertEquals(0, queue.usage("alice").clips());
        assertFalse(
                queue.submit(Jobs.of("alice").key("k", '2').say("Bye").build()).replayed());
    }

    /** Whoever found a row that another had inserted, and took it for committed, would have a job of nothing. */
    @ParameterizedTest
    @EnumSource
    void whoWaitedForASubmitThatWasRolledBackIsTheFirst(TestDatabase database) throws Exception {
        open(database);
        Submission sameKey = Jobs.of("alice").key("k", '1').say("Hello").build();
        Submission sameText = Jobs.of("bob").say("Hello").build();
        List<CompletableFuture<Receipt>> waiting = new ArrayList<>();
        ExecutorService others = Executors.newFixedThreadPool(2);
        try (Connection host = source.getConnection()) {
            host.setAutoCommit(false);
            queue.submit(Jobs.of("alice").key("k", '1').say("Hello").build(), host);
            for (Submission job : List.of(sameKey, sameText)) {
                waiting.add(CompletableFuture.supplyAsync(() -> queue.submit(job), others));
            }
            assertThrows(TimeoutException.class, () -> waiting.get(0).get(200, TimeUnit.MILLISECONDS));
            host.rollback();
        }
        for (CompletableFuture<Receipt> each : waiting) {
            assertFalse(each.get(20, TimeUnit.SECONDS).replayed());
        }
        others.shutdown();
        assertTrue(queue.submit(Jobs.of("alice").key("k", '1').say("Hello").build())
                .replayed());
        List<Lease> leases = queue.claim(ann, 10);
        assertEquals(1, leases.size());
        queue.begin(leases);
        queue.settle(List.of(new Outcome.Made(leases.get(0), Jobs.facts(1000), true)));
        for (Submission job : List.of(sameKey, sameText)) {
            assertEquals(JobStatus.COMPLETED, queue.find(job.id()).orElseThrow().status());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aRefusedJobLeavesTheHostsTransactionAsItWas(TestDatabase database) throws SQLException {
        open(database);
        queue.submit(Jobs.of("alice").jobsPerDay(1).say("Hello").build());
        try (Connection host = source.getConnection()) {
            host.setAutoCommit(false);
            insertCard(host, "1");
            Submission refused =
                    Jobs.of("alice").key("k", '1').jobsPerDay(1).say("Bye").build();
            assertThrows(JobRefusedException.class, () -> queue.submit(refused, host));
            insertCard(host, "2");
            host.commit();
        }
        assertEquals(2, cards());
        Submission again =
                Jobs.of("alice").key("k", '1').jobsPerDay(2).say("Bye").build();
        assertFalse(queue.submit(again).replayed(), "the key stands for no job that was refused");
        assertTrue(queue.find(again.id()).isPresent());
    }

    @ParameterizedTest
    @EnumSource
    void aConnectionInAutoCommitModeIsRefused(TestDatabase database) throws SQLException {
        open(database);
        Submission job = Jobs.of("alice").say("Hello").build();
        try (Connection host = source.getConnection()) {
            assertThrows(IllegalStateException.class, () -> queue.submit(job, host));
        }
        assertEquals(Optional.empty(), queue.find(job.id()));
    }

    @ParameterizedTest
    @EnumSource
    void aPoolWithoutAutoCommitWillDo(TestDatabase database) throws SQLException {
        open(database);
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(source.getJdbcUrl());
        config.setAutoCommit(false);
        config.setMaximumPoolSize(1);
        try (HikariDataSource manual = new HikariDataSource(config);
                JdbcJobQueue other = JdbcJobQueue.open(manual)) {
            Submission job = Jobs.of("alice").say("Hello").build();
            other.submit(job);
            assertTrue(queue.find(job.id()).isPresent());
            List<Lease> leases = other.claim(ann, 1);
            other.begin(leases);
            other.settle(List.of(new Outcome.Made(leases.get(0), Jobs.facts(1000), true)));
            assertEquals(JobStatus.COMPLETED, queue.find(job.id()).orElseThrow().status());
            try (Connection host = manual.getConnection()) {
                assertFalse(host.getAutoCommit());
            }
        }
    }

    @Test
    void aDriverThatMergesInsertsWillDo() throws SQLException {
        open(TestDatabase.POSTGRESQL);
        String url = source.getJdbcUrl();
        try (HikariDataSource merging = QueueDataSources.open(url + "&reWriteBatchedInserts=true", 2);
                JdbcJobQueue other = JdbcJobQueue.open(merging)) {
            Submission job = Jobs.of("alice")
                    .say("a", "b", "c")
                    .say(Jobs.joined("a", "d"))
                    .build();
            other.submit(job);
            assertEquals(4, other.claim(ann, 10).size());
        }
    }

    @Test
    void workersElsewhereAreWokenByTheCommitAndNotBefore() throws Exception {
        open(TestDatabase.POSTGRESQL);
        Semaphore woken = new Semaphore(0);
        try (JdbcJobQueue elsewhere = JdbcJobQueue.open(source)) {
            ClipQueue.Signal signal = elsewhere.onWork(woken::release);
            assertTrue(woken.tryAcquire(10, TimeUnit.SECONDS), "once when it begins to listen");
            try (Connection host = source.getConnection()) {
                host.setAutoCommit(false);
                queue.submit(Jobs.of("alice").say("Hello").build(), host);
                assertFalse(woken.tryAcquire(200, TimeUnit.MILLISECONDS));
                host.commit();
            }
            assertTrue(woken.tryAcquire(2, TimeUnit.SECONDS));
            queue.submit(Jobs.of("alice").say("Bye").build());
            assertTrue(woken.tryAcquire(2, TimeUnit.SECONDS));
            assertEquals(2, elsewhere.claim(ann, 10).size());
            queue.pause("acme", "not now");
            assertTrue(elsewhere.pauses().get("acme").isByHand());
            woken.drainPermits();
            assertTrue(queue.resume("acme"));
            assertTrue(woken.tryAcquire(2, TimeUnit.SECONDS));
            signal.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void theHostsPartIsInTheTransactionOfThePhrases(TestDatabase database) throws SQLException {
        open(database);
        List<String> told = new ArrayList<>();
        boolean[] broken = {true};
        PhraseHook hook = (connection, phrases) -> {
            for (PhraseHook.EndedPhrase phrase : phrases) {
                told.add(phrase.result().itemId());
                insertCard(connection, phrase.job() + " " + phrase.result().index());
            }
            if (broken[0]) {
                throw new SQLException("the host has changed its mind");
            }
        };
        try (JdbcJobQueue hooked =
                JdbcJobQueue.builder(source).onPhrasesEnded(hook).build()) {
            Submission job = Jobs.of("alice").say("a", "b").build();
            hooked.submit(job);
            List<Lease> leases = hooked.claim(ann, 2);
            hooked.begin(leases);
            List<Outcome> outcomes = List.of(
                    new Outcome.Made(leases.get(0), Jobs.facts(1000), true),
                    new Outcome.GivenUp(leases.get(1), Jobs.failure(FailureKind.REJECTED)));
            broken[0] = false;
            assertEquals(Set.of(), hooked.settle(outcomes).lost());
            assertEquals(List.of("item-0", "item-1"), told);
            assertEquals(2, cards());
            hooked.settle(outcomes);
            assertEquals(2, told.size(), "a phrase ends once");
            Submission ready = Jobs.of("bob").say("a", "new").build();
            broken[0] = true;
            assertThrows(QueueException.class, () -> hooked.submit(ready));
            assertEquals(Optional.empty(), hooked.find(ready.id()));
            broken[0] = false;
            told.clear();
            hooked.submit(ready);
            assertEquals(List.of("item-0"), told, "what is there ends with the submit");
            assertEquals(3, cards());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPoolOfOneWillDo(TestDatabase database) throws SQLException {
        open(database);
        try (HikariDataSource single = database.open(1);
                JdbcJobQueue small = JdbcJobQueue.open(single)) {
            Submission job =
                    Jobs.of("alice").say("a", "b").say(Jobs.joined("c", "d")).build();
            small.beat(ann, Duration.ofSeconds(30));
            small.submit(job);
            for (List<Lease> some = small.claim(ann, 3); !some.isEmpty(); some = small.claim(ann, 3)) {
                small.begin(some);
                small.settle(some.stream()
                        .<Outcome>map(lease -> new Outcome.Made(lease, Jobs.facts(1000), true))
                        .toList());
            }
            small.rescue(Duration.ofSeconds(10));
            small.leave(ann);
            assertEquals(JobStatus.COMPLETED, small.find(job.id()).orElseThrow().status());
        }
    }

    private static void insertCard(Connection connection, String id) throws SQLException {
        try (var statement = connection.prepareStatement("INSERT INTO card (id, done) VALUES (?, 0)")) {
            statement.setString(1, id);
            statement.executeUpdate();
        }
    }

    private int cards() throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT COUNT(*) FROM card")) {
            assertTrue(row.next());
            return row.getInt(1);
        }
    }
}
