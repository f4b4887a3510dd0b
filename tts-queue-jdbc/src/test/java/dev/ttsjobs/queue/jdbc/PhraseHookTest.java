package dev.ttsjobs.queue.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.contract.Jobs;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobRequest;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.queue.ClipQueue.Outcome;
import dev.ttsjobs.queue.ClipQueue.Settlement;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import dev.ttsjobs.queue.JobStore.Submission;
import dev.ttsjobs.queue.Lease;
import dev.ttsjobs.retry.RetryPolicy.Rounds;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.testing.TtsHarness;
import dev.ttsjobs.time.ManualTime;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A host's hook that throws for some phrase keeps nobody else from ending, and costs nothing. */
class PhraseHookTest {

    private final ManualTime time = new ManualTime();
    private final WorkerId ann = new WorkerId(UUID.randomUUID());
    /** The items that the hook throws for. */
    private final Set<String> refused = new HashSet<>();

    private final List<String> told = new ArrayList<>();
    private HikariDataSource source;
    private JdbcJobQueue queue;

    private void open(TestDatabase database) {
        open(database, this::refuse);
    }

    private void open(TestDatabase database, PhraseHook hook) {
        source = database.open(2);
        queue = JdbcJobQueue.builder(source)
                .migrate()
                .clock(time)
                .onPhrasesEnded(hook)
                .build();
    }

    private void refuse(Connection connection, List<PhraseHook.EndedPhrase> phrases) {
        for (PhraseHook.EndedPhrase phrase : phrases) {
            String item = String.valueOf(phrase.result().itemId());
            if (refused.contains(item)) {
                throw new IllegalStateException("no card for " + item);
            }
            told.add(item);
        }
    }

    @AfterEach
    void close() {
        queue.close();
        source.close();
    }

    @ParameterizedTest
    @EnumSource
    void thePhraseThatItThrowsForWaitsAloneAndItsGroupEnds(TestDatabase database) {
        open(database);
        refused.addAll(List.of("item-5"));
        JobId job = queue.submit(
                        Jobs.of("alice").say("a", "b", "c", "d", "e", "f", "g").build())
                .id();
        queue.beat(ann, Duration.ofHours(1));
        List<Lease> leases = queue.claim(ann, 7);
        queue.begin(leases);
        List<Outcome> outcomes = new ArrayList<>(leases.stream()
                .<Outcome>map(lease -> new Outcome.Made(lease, Jobs.facts(1000), true))
                .toList());
        outcomes.set(2, new Outcome.GivenUp(leases.get(2), Jobs.failure(FailureKind.REJECTED)));

        Settlement settlement = queue.settle(outcomes);
        assertEquals(Set.of(leases.get(5)), settlement.lost());
        assertEquals(Set.of(job), settlement.changed());
        assertEquals(Set.of(), settlement.ended());
        Job.Progress progress = find(job).progress();
        assertEquals(6, progress.processed());
        Job.WaitingFor waiting = progress.waitingFor();
        assertEquals(FailureKind.HOST, waiting.failure().kind());
        assertTrue(waiting.failure().message().contains("no card for item-5"), waiting::toString);
        assertEquals(time.instant(), waiting.since());
        assertEquals(List.of(), queue.claim(ann, 9), "it rests");
        assertEquals(5, find(job).usage().billedClips(), "it is paid for when it has ended");

        List<Duration> pauses = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            Instant due = queue.outlook().later().orElseThrow();
            pauses.add(Duration.between(time.instant(), due));
            time.advanceTo(due);
            Lease again = queue.claim(ann, 9).get(0);
            assertEquals(leases.get(5).clip(), again.clip());
            assertEquals(1, again.attempts());
            assertNull(again.verdict());
            refused.removeIf(item -> pauses.size() == 12);
            queue.settle(List.of(new Outcome.Made(again, Jobs.facts(1000), true)));
        }
        assertEquals(
                List.of(2L, 4L, 8L, 16L, 32L, 64L, 128L, 256L, 512L, 600L, 600L, 600L),
                pauses.stream().map(Duration::toSeconds).toList());
        assertEquals(JobStatus.COMPLETED, find(job).status());
        assertNull(find(job).progress().waitingFor());
        assertEquals(6, find(job).usage().billedClips());
        assertEquals(7, told.stream().distinct().count());
        assertEquals(0, count("tts_refused"));
    }

    @ParameterizedTest
    @EnumSource
    void whatWasRefusedIsNeitherCalledForNorBoughtAgain(TestDatabase database) throws Exception {
        open(database);
        try (TtsHarness harness = TtsHarness.of(time, queue, AudioStorage.inMemory(), jobs -> {}, worker -> {})) {
            refused.addAll(List.of("made", "rejected"));
            harness.synthesizer().failText("No", Jobs.failure(FailureKind.REJECTED));
            JobId job = harness.jobs()
                    .submit(JobRequest.builder("alice")
                            .phrase("made", "en", "Yes")
                            .phrase("rejected", "en", "No")
                            .phrase("other", "en", "Perhaps")
                            .build())
                    .id();
            for (int i = 0; i < 5; i++) {
                while (harness.worker().poll() > 0) {
                    // Until nothing is due.
                }
                assertEquals(1, find(job).progress().processed());
                time.advance(Duration.ofMinutes(1));
            }
            refused.clear();
            time.advance(Duration.ofMinutes(10));
            harness.drain();
            Job ended = find(job);
            assertEquals(JobStatus.COMPLETED, ended.status());
            assertEquals(1, ended.progress().failed());
            assertEquals(
                    FailureKind.REJECTED,
                    queue.results(job, 1, 1).get(0).sides().get("en").failure().kind());
            assertEquals(2, ended.usage().billedClips());
            assertEquals(3, harness.synthesizer().calls().size(), "each text once");
            assertEquals(List.of("other", "made", "rejected"), told);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aTextThatIsAskedForAnewIsTriedAnew(TestDatabase database) {
        open(database);
        refused.add("item-0");
        JobId job = queue.submit(Jobs.of("alice").say("No").build()).id();
        giveUp(queue.claim(ann, 1).get(0));
        queue.cancel(job);
        time.advance(Duration.ofMinutes(1));
        refused.clear();
        queue.submit(Jobs.of("bob").say("No").build());
        Lease anew = queue.claim(ann, 1).get(0);
        assertNull(anew.verdict());
        assertEquals(0, count("tts_refused"));
    }

    @ParameterizedTest
    @EnumSource
    void whatIsLeftOfJobsThatWereCalledOffIsPruned(TestDatabase database) {
        open(database);
        refused.add("item-0");
        JobId job = queue.submit(Jobs.of("alice").say("No").build()).id();
        giveUp(queue.claim(ann, 1).get(0));
        time.advance(Duration.ofSeconds(2));
        giveUp(queue.claim(ann, 1).get(0));
        assertEquals(1, count("tts_refused"));
        while (queue.prune(Duration.ofDays(1))) {
            // What is still wanted stays.
        }
        assertEquals(1, count("tts_refused"));
        queue.cancel(job);
        while (queue.prune(Duration.ofDays(1))) {
            // As a worker would.
        }
        assertEquals(0, count("tts_refused"));
    }

    @ParameterizedTest
    @EnumSource
    void aJobThatItThrowsForKeepsNoOtherFromBeingTriedAgain(TestDatabase database) {
        open(database);
        Rounds rounds = new Rounds(1, Duration.ofSeconds(10));
        JobId first = queue.submit(Jobs.of("alice").rounds(rounds).say("a", "b").build())
                .id();
        for (Lease lease : queue.claim(ann, 2)) {
            queue.begin(List.of(lease));
            queue.settle(List.of(new Outcome.GivenUp(lease, Jobs.failure(FailureKind.SERVER))));
        }
        time.advance(Duration.ofSeconds(1));
        JobId second =
                queue.submit(Jobs.of("bob").rounds(rounds).say("c").build()).id();
        Lease other = queue.claim(ann, 1).get(0);
        queue.begin(List.of(other));
        queue.settle(List.of(new Outcome.GivenUp(other, Jobs.failure(FailureKind.SERVER))));
        queue.submit(Jobs.of("carol").say("b").build());
        queue.settle(List.of(new Outcome.Made(queue.claim(ann, 1).get(0), Jobs.facts(1000), false)));
        time.advance(Duration.ofSeconds(20));
        refused.add("item-1");

        assertEquals(1, queue.retryDue());
        assertEquals(JobStatus.PROCESSING, find(second).status());
        assertEquals(0, queue.retryDue(), "it rests");
        time.advance(Duration.ofMinutes(5));
        assertThrows(QueueException.class, () -> queue.retryDue());
        refused.clear();
        time.advance(Duration.ofMinutes(5));
        assertEquals(1, queue.retryDue());
        assertEquals(JobStatus.PROCESSING, find(first).status());
    }

    /** PostgreSQL takes no more statements in a transaction in which one has failed, whoever catches what it threw. */
    @Test
    void aHookThatCatchesItsOwnErrorsIsFoundOut() {
        boolean[] broken = {true};
        open(TestDatabase.POSTGRESQL, (connection, phrases) -> {
            try (Statement statement = connection.createStatement()) {
                if (broken[0]
                        && phrases.stream().anyMatch(phrase -> phrase.result().index() == 1)) {
                    statement.execute("SELECT 1 / 0");
                }
            } catch (SQLException e) {
                told.add("caught");
            }
        });
        JobId job = queue.submit(Jobs.of("alice").say("a", "b", "c").build()).id();
        List<Lease> leases = queue.claim(ann, 3);
        queue.settle(leases.stream()
                .<Outcome>map(lease -> new Outcome.Made(lease, Jobs.facts(1000), false))
                .toList());
        assertTrue(told.contains("caught"));
        assertEquals(2, find(job).progress().processed());
        assertEquals(
                FailureKind.HOST, find(job).progress().waitingFor().failure().kind());
        broken[0] = false;
        time.advance(Duration.ofSeconds(2));
        queue.settle(List.of(new Outcome.Made(queue.claim(ann, 1).get(0), Jobs.facts(1000), false)));
        assertEquals(JobStatus.COMPLETED, find(job).status());
    }

    /** After an error the database has rolled everything back, and whoever catches it goes on in another transaction. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "POSTGRESQL")
    void aHookThatLosesTheTransactionIsFoundOut(TestDatabase database) throws SQLException {
        int[] losses = {3};
        open(database, (connection, phrases) -> {
            boolean second = phrases.stream().anyMatch(phrase -> phrase.result().index() == 1);
            if (second && losses[0] > 0) {
                losses[0]--;
                connection.rollback();
            }
            try (PreparedStatement card = connection.prepareStatement("INSERT INTO card (idx) VALUES (?)")) {
                for (PhraseHook.EndedPhrase phrase : phrases) {
                    card.setInt(1, phrase.result().index());
                    card.execute();
                }
            }
        });
        execute("CREATE TABLE card (idx INTEGER)");
        JobId job = queue.submit(Jobs.of("alice").say("a", "b", "c").build()).id();
        List<Lease> leases = queue.claim(ann, 3);
        assertEquals(
                Set.of(),
                queue.settle(leases.stream()
                                .<Outcome>map(lease -> new Outcome.Made(lease, Jobs.facts(1000), false))
                                .toList())
                        .lost());
        assertEquals(JobStatus.COMPLETED, find(job).status());
        assertEquals(3, find(job).progress().processed());
        assertEquals(3, count("card"), "each told once in what was committed");
        assertEquals(0, count("tts_clip_state WHERE state <> 3"));
        assertEquals(0, losses[0]);

        losses[0] = Integer.MAX_VALUE;
        Submission ready = Jobs.of("bob").say("a", "b").build();
        assertThrows(QueueException.class, () -> queue.submit(ready));
        assertTrue(queue.find(ready.id()).isEmpty(), "nothing is half-written");
        assertEquals(3, count("card"));
        losses[0] = 1;
        queue.submit(ready);
        assertEquals(JobStatus.COMPLETED, find(ready.id()).status());
        assertEquals(5, count("card"));
    }

    @Test
    void aHookThatIsTheVictimOfADeadlockIsFoundOut() throws Exception {
        CountDownLatch locked = new CountDownLatch(1);
        AtomicReference<CompletableFuture<Void>> other = new AtomicReference<>();
        open(TestDatabase.MARIADB, (connection, phrases) -> {
            try (Statement statement = connection.createStatement()) {
                statement.execute("UPDATE card SET told = told + 1 WHERE idx = 0");
                locked.countDown();
                statement.execute("UPDATE card SET told = told + 1 WHERE idx = 1");
            } catch (SQLException e) {
                told.add(e.getSQLState());
            }
        });
        execute("CREATE TABLE card (idx INTEGER PRIMARY KEY, told INTEGER)");
        execute("INSERT INTO card SELECT seq, 0 FROM seq_0_to_999");
        JobId job = queue.submit(Jobs.of("alice").say("a").build()).id();
        Lease lease = queue.claim(ann, 1).get(0);
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            // Whoever has changed more is spared.
            statement.execute("UPDATE card SET told = told + 1 WHERE idx > 0");
            other.set(CompletableFuture.runAsync(
                    () -> queue.settle(List.of(new Outcome.Made(lease, Jobs.facts(1000), false)))));
            assertTrue(locked.await(10, TimeUnit.SECONDS));
            statement.execute("UPDATE card SET told = told + 1 WHERE idx = 0");
            connection.commit();
        }
        other.get().get(30, TimeUnit.SECONDS);
        assertEquals(List.of("40001"), told);
        assertEquals(JobStatus.COMPLETED, find(job).status());
        assertEquals(2, count("card WHERE idx < 2 AND told = 2"), "by each of the two once");
    }

    /** As many as are looked at together. */
    @Test
    void jobsThatItThrowsForDoNotStandInTheWayOfThoseBehindThem() {
        open(TestDatabase.H2);
        Rounds rounds = new Rounds(1, Duration.ofSeconds(10));
        List<JobId> jobs = new ArrayList<>();
        for (int i = 0; i < 101; i++) {
            jobs.add(queue.submit(Jobs.of("alice")
                            .rounds(rounds)
                            .say(i < 100 ? "a" : "b", "c")
                            .build())
                    .id());
        }
        for (Lease lease : queue.claim(ann, 3)) {
            giveUp(lease, FailureKind.SERVER);
        }
        queue.submit(Jobs.of("carol").say("a").build());
        queue.settle(List.of(new Outcome.Made(queue.claim(ann, 1).get(0), Jobs.facts(1000), false)));
        time.advance(Duration.ofSeconds(30));
        refused.add("item-0");
        assertThrows(QueueException.class, () -> queue.retryDue());
        assertEquals(1, queue.retryDue());
        assertEquals(JobStatus.PROCESSING, find(jobs.get(100)).status());
        assertEquals(0, queue.retryDue());
        refused.clear();
        time.advance(Duration.ofMinutes(5));
        assertEquals(100, queue.retryDue());
    }

    /** Another process has it tried again, and it fails again, after this one has seen that it is due. */
    @ParameterizedTest
    @EnumSource(names = {"H2", "POSTGRESQL"})
    void aRoundThatAnotherHasTakenMeanwhileIsNotTakenAgain(TestDatabase database) {
        List<Runnable> meanwhile = new ArrayList<>();
        open(database, (connection, phrases) -> List.copyOf(meanwhile).forEach(Runnable::run));
        Rounds rounds = new Rounds(5, Duration.ofSeconds(10));
        queue.submit(Jobs.of("alice").rounds(rounds).say("a", "b").build());
        for (Lease lease : queue.claim(ann, 2)) {
            giveUp(lease, FailureKind.SERVER);
        }
        time.advance(Duration.ofSeconds(1));
        JobId second =
                queue.submit(Jobs.of("bob").rounds(rounds).say("c").build()).id();
        giveUp(queue.claim(ann, 1).get(0), FailureKind.SERVER);
        queue.submit(Jobs.of("carol").say("b").build());
        queue.settle(List.of(new Outcome.Made(queue.claim(ann, 1).get(0), Jobs.facts(1000), false)));
        time.advance(Duration.ofSeconds(30));
        try (JdbcJobQueue other = JdbcJobQueue.builder(source).clock(time).build()) {
            meanwhile.add(() -> {
                meanwhile.clear();
                other.retry(second);
                Lease lease = other.claim(ann, 1).get(0);
                other.begin(List.of(lease));
                other.settle(List.of(new Outcome.GivenUp(lease, Jobs.failure(FailureKind.SERVER))));
            });
            assertEquals(1, queue.retryDue());
        }
        assertEquals(JobStatus.FAILED, find(second).status(), "its next round is not due yet");
    }

    /** Called off when it was looked at, and wanted and refused once more when its row is locked. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SQLITE")
    void pruningLeavesWhatWasRefusedAgainMeanwhile(TestDatabase database) {
        source = database.open(2);
        List<Runnable> meanwhile = new ArrayList<>();
        queue = JdbcJobQueue.builder(TappedDataSource.of(source, (method, call) -> {
                    Object answer = call.make();
                    if (method.equals("setAutoCommit") && !meanwhile.isEmpty()) {
                        Runnable next = meanwhile.remove(0);
                        next.run();
                    }
                    return answer;
                }))
                .migrate()
                .clock(time)
                .onPhrasesEnded(this::refuse)
                .build();
        refused.add("item-0");
        JobId job = queue.submit(Jobs.of("alice").say("No").build()).id();
        giveUp(queue.claim(ann, 1).get(0));
        queue.cancel(job);
        try (JdbcJobQueue other = JdbcJobQueue.builder(source)
                .clock(time)
                .onPhrasesEnded(this::refuse)
                .build()) {
            meanwhile.add(() -> {
                other.submit(Jobs.of("bob").say("No").build());
                Lease lease = other.claim(ann, 1).get(0);
                other.begin(List.of(lease));
                other.settle(List.of(new Outcome.GivenUp(lease, Jobs.failure(FailureKind.REJECTED))));
            });
            while (queue.prune(Duration.ofDays(1))) {
                // As a worker would.
            }
        }
        assertEquals(List.of(), meanwhile);
        assertEquals(1, count("tts_refused"));
    }

    private void giveUp(Lease lease) {
        giveUp(lease, FailureKind.REJECTED);
    }

    private void giveUp(Lease lease, FailureKind kind) {
        queue.begin(List.of(lease));
        queue.settle(List.of(new Outcome.GivenUp(lease, Jobs.failure(kind))));
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private Job find(JobId job) {
        return queue.find(job).orElseThrow();
    }

    private int count(String table) {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                var row = statement.executeQuery("SELECT COUNT(*) FROM " + table)) {
            row.next();
            return row.getInt(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
