package dev.ttsjobs.queue.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.contract.Jobs;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobRequest;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.queue.ClipQueue.Outcome;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import dev.ttsjobs.queue.Lease;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.testing.TtsHarness;
import dev.ttsjobs.time.ManualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A clip whose row this version cannot read, be it from a newer one or broken, keeps nobody else from being made, and costs nothing. */
class UnreadableClipsTest {

    private static final Clip POISON = Jobs.clip("secret poison");

    private final ManualTime time = new ManualTime();
    private final WorkerId ann = new WorkerId(UUID.randomUUID());
    private HikariDataSource source;
    private JdbcJobQueue queue;

    private void open(TestDatabase database) {
        source = database.open(2);
        queue = JdbcJobQueue.builder(source).migrate().clock(time).build();
    }

    @AfterEach
    void close() {
        if (queue != null) {
            queue.close();
            source.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void oneAmongAThousandKeepsNobodyFromBeingMade(TestDatabase database) {
        open(database);
        JobId healthy =
                queue.submit(Jobs.of("alice").say(texts("before", 500)).build()).id();
        JobId mixed = queue.submit(
                        Jobs.of("bob").say("good").say(POISON).say("better").build())
                .id();
        JobId later =
                queue.submit(Jobs.of("carol").say(texts("after", 500)).build()).id();
        poison("format = 'ogg2'");

        Set<String> made = new HashSet<>();
        List<Lease> leases = claim(32);
        for (; !leases.isEmpty(); leases = claim(32)) {
            assertTrue(leases.size() == 32 || made.size() + leases.size() == 1_002, "a group is filled up");
            leases.forEach(lease -> made.add(lease.clip().text()));
            make(leases);
        }
        assertEquals(1_002, made.size());
        assertFalse(made.contains(POISON.text()));
        assertEquals(JobStatus.COMPLETED, find(healthy).status());
        assertEquals(JobStatus.COMPLETED, find(later).status());
        Job.Progress progress = find(mixed).progress();
        assertEquals(2, progress.processed());
        Failure why = progress.waitingFor().failure();
        assertEquals(FailureKind.UNAVAILABLE, why.kind());
        assertTrue(why.message().contains("format") && why.message().contains("ogg2"), why::message);
        assertFalse(why.message().contains("secret"), why::message);
        assertEquals(0, number("SELECT attempts FROM tts_clip_state WHERE clip = " + poisonNumber()));
        assertEquals(0, queue.depth().leased());
    }

    @ParameterizedTest
    @EnumSource
    void aHundredOfThemAtTheHeadOfTheQueueHideNobody(TestDatabase database) {
        open(database);
        queue.submit(Jobs.of("alice").say(texts("poison", 100)).build());
        queue.submit(Jobs.of("bob").say(texts("good", 5)).build());
        execute("UPDATE tts_clip SET format = 'ogg2' WHERE body LIKE 'poison%'");
        assertEquals(4, claim(4).size());
        assertEquals(1, claim(4).size());
        assertEquals(100, queue.depth().queued());
        assertEquals(5, queue.depth().leased());
    }

    /** Until a newer worker, which can read it, takes it in between. */
    @ParameterizedTest
    @EnumSource
    void itRestsLongerEachTimeAndFailsAfterADay(TestDatabase database) throws InterruptedException {
        open(database);
        try (TtsHarness harness = TtsHarness.of(time, queue, AudioStorage.inMemory(), options -> {}, worker -> {})) {
            JobId job = harness.jobs()
                    .submit(JobRequest.builder("alice")
                            .phrase("good", "en", "Good")
                            .phrase("poison", "en", POISON.text())
                            .build())
                    .id();
            execute("UPDATE tts_clip SET speed = 9 WHERE body = '" + POISON.text() + "'");
            List<Long> pauses = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                harness.worker().poll();
                Instant due = queue.outlook().later().orElseThrow();
                pauses.add(Duration.between(time.instant(), due).toSeconds());
                time.advanceTo(due);
            }
            assertEquals(List.of(5L, 10L, 20L, 40L, 80L, 160L, 320L, 640L, 1280L, 1800L), pauses);
            long day = Micros.of(time.instant().minus(Duration.ofDays(1)));
            execute("UPDATE tts_refused SET since = " + (day + 1));
            harness.worker().poll();
            assertFalse(find(job).status().hasEnded());
            time.advanceTo(queue.outlook().later().orElseThrow());
            harness.worker().poll();
            assertEquals(JobStatus.COMPLETED, find(job).status());
            Failure failure = queue.results(job, 1, 1).get(0).sides().get("en").failure();
            assertEquals(FailureKind.UNAVAILABLE, failure.kind());
            assertTrue(failure.message().contains("speed") && failure.message().contains("9"), failure::message);
            assertTrue(failure.message().contains("newer version"), failure::message);
            assertFalse(failure.message().contains("secret"), failure::message);
            assertEquals(1, harness.synthesizer().calls().size());
            assertEquals(1, find(job).usage().billedClips());
            assertEquals(0, number("SELECT COUNT(*) FROM tts_refused"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aWorkerThatCanReadItMakesItMeanwhile(TestDatabase database) {
        open(database);
        JobId job = queue.submit(Jobs.of("alice").say(POISON).build()).id();
        poison("format = 'ogg2'");
        assertEquals(List.of(), claim(8));
        assertEquals(List.of(), claim(8), "it rests");
        assertNotNull(find(job).progress().waitingFor());
        poison("format = 'mp3'");
        time.advance(Duration.ofSeconds(5));
        List<Lease> leases = claim(8);
        assertEquals(POISON, leases.get(0).clip());
        assertEquals(0, leases.get(0).attempts());
        make(leases);
        assertEquals(JobStatus.COMPLETED, find(job).status());
        assertNull(find(job).progress().waitingFor());
    }

    @ParameterizedTest
    @EnumSource
    void whateverIsBrokenInARowIsNamed(TestDatabase database) {
        open(database);
        for (String broken : List.of(
                "speed = 0",
                "format = 'x" + "\n" + "y'",
                "clip_key = 'XYZ'",
                "tokens = -1",
                "model = ''",
                "voice = ''",
                "body = ''",
                "parts = 2")) {
            String column = broken.substring(0, broken.indexOf(' '));
            Clip clip = Jobs.clip("secret " + column);
            JobId job = queue.submit(Jobs.of("alice").say(clip).build()).id();
            execute("UPDATE tts_clip SET " + broken + " WHERE body = '" + clip.text() + "'");
            assertEquals(List.of(), claim(3), broken);
            String message = find(job).progress().waitingFor().failure().message();
            assertTrue(message.contains(column), () -> broken + ": " + message);
            assertFalse(message.contains("secret") || message.contains("\n"), () -> broken + ": " + message);
        }
    }

    /** SQLite keeps what it is given, whatever the column's type; there a number may be a word, or out of all range. */
    @ParameterizedTest
    @EnumSource(names = "SQLITE")
    void aNumberThatIsNoneIsNamed(TestDatabase database) {
        open(database);
        JobId job =
                queue.submit(Jobs.of("alice").say("good").say(POISON).build()).id();
        for (String broken : List.of("tokens = 'many'", "tokens = 99999999999", "speed = 'fast'")) {
            poison("tokens = 5, speed = 1");
            poison(broken);
            claim(3);
            String message = find(job).progress().waitingFor().failure().message();
            assertTrue(message.contains(broken.substring(0, broken.indexOf(' '))), () -> broken + ": " + message);
            time.advance(Duration.ofHours(1));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aWholeWhosePartCannotBeReadIsSetAsideWithIt(TestDatabase database) {
        open(database);
        Clip whole = Jobs.joined("secret poison", "and more");
        JobId job =
                queue.submit(Jobs.of("alice").say(whole).say("good").build()).id();
        make(claim(8));
        execute("UPDATE tts_clip SET format = 'ogg2' WHERE body = 'and more'");
        assertEquals(List.of(), claim(8));
        assertEquals(1, find(job).progress().processed());
        assertTrue(find(job).progress().waitingFor().failure().message().contains("ogg2"));
    }

    @ParameterizedTest
    @EnumSource
    void aPartThatCannotBeReadIsToldOfByTheJobOfItsWhole(TestDatabase database) {
        open(database);
        JobId job = queue.submit(Jobs.of("alice")
                        .say(Jobs.joined("secret poison", "and more"))
                        .build())
                .id();
        poison("speed = 9");
        make(claim(8));
        assertTrue(find(job).progress().waitingFor().failure().message().contains("speed"));
        assertEquals(0, find(job).progress().processed());
    }

    @ParameterizedTest
    @EnumSource
    void theBeatOfAWorkerThatHoldsItGoesOnAndItsRescueToo(TestDatabase database) {
        open(database);
        JobId job = queue.submit(
                        Jobs.of("alice").say(texts("text", 1_000)).say(POISON).build())
                .id();
        queue.beat(ann, Duration.ofSeconds(20));
        assertEquals(1_001, queue.claim(ann, 1_001).size());
        poison("clip_key = 'XYZ', format = 'ogg2'");
        assertEquals(Set.of(), queue.beat(ann, Duration.ofSeconds(20)).unwanted());
        execute("UPDATE tts_clip_state SET worker = NULL WHERE clip = 7");
        time.advance(Duration.ofMinutes(1));
        queue.rescue(Duration.ofSeconds(10));
        time.advance(Duration.ofSeconds(10));
        assertEquals(1_001, queue.rescue(Duration.ofSeconds(10)), "also that of which the worker was struck out");
        WorkerId bob = new WorkerId(UUID.randomUUID());
        queue.beat(bob, Duration.ofSeconds(20));
        assertEquals(1_000, queue.claim(bob, 1_001).size());
        assertTrue(queue.cancel(job));
        assertEquals(1_000, queue.beat(bob, Duration.ofSeconds(20)).unwanted().size());
    }

    @ParameterizedTest
    @EnumSource
    void aRetryRunsWhatCanBeRead(TestDatabase database) {
        open(database);
        JobId job = queue.submit(
                        Jobs.of("alice").say("one").say(POISON).say("three").build())
                .id();
        for (Lease lease : claim(8)) {
            queue.settle(List.of(new Outcome.GivenUp(lease, Jobs.failure(FailureKind.UNAVAILABLE))));
        }
        assertEquals(JobStatus.FAILED, find(job).status());
        poison("format = 'ogg2'");
        assertTrue(queue.retry(job));
        List<Lease> again = claim(8);
        assertEquals(
                List.of("one", "three"),
                again.stream().map(lease -> lease.clip().text()).toList());
        make(again);
        assertEquals(JobStatus.COMPLETED, find(job).status());
        assertEquals(1, find(job).progress().failed());
    }

    private List<Lease> claim(int max) {
        queue.beat(ann, Duration.ofDays(1));
        return queue.claim(ann, max);
    }

    private void make(List<Lease> leases) {
        queue.begin(leases);
        queue.settle(leases.stream()
                .<Outcome>map(lease -> new Outcome.Made(lease, Jobs.facts(1000), true))
                .toList());
    }

    private Job find(JobId job) {
        return queue.find(job).orElseThrow();
    }

    private static String[] texts(String start, int count) {
        return IntStream.range(0, count).mapToObj(i -> start + " " + i).toArray(String[]::new);
    }

    private void poison(String broken) {
        execute("UPDATE tts_clip SET " + broken + " WHERE body = '" + POISON.text() + "'");
    }

    private long poisonNumber() {
        return number("SELECT number FROM tts_clip WHERE body = '" + POISON.text() + "'");
    }

    private void execute(String sql) {
        TestDatabase.execute(source, sql);
    }

    private long number(String sql) {
        return TestDatabase.number(source, sql);
    }
}
