package dev.ttsjobs.queue.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.contract.Jobs;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.job.AuditEntry;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.job.PhraseResult;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.limit.RateLimiter;
import dev.ttsjobs.queue.ClipQueue.Outcome;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import dev.ttsjobs.queue.EventQueue;
import dev.ttsjobs.queue.JobStore;
import dev.ttsjobs.queue.JobStore.JobQuery;
import dev.ttsjobs.queue.Lease;
import dev.ttsjobs.retry.RetryPolicy.Rounds;
import dev.ttsjobs.speech.ProviderHints;
import dev.ttsjobs.time.ManualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A row that this version cannot read, be it from a newer one or broken, stands in nobody else's way. */
class UnreadableRowsTest {

    private static final Duration LEASE = Duration.ofMinutes(1);

    private final ManualTime time = new ManualTime();
    private final WorkerId ann = new WorkerId(UUID.randomUUID());
    private HikariDataSource source;
    private JdbcJobQueue queue;

    private void open(TestDatabase database) {
        open(database, null);
    }

    private void open(TestDatabase database, PhraseHook hook) {
        source = database.open(2);
        JdbcJobQueue.Builder builder = JdbcJobQueue.builder(source).migrate().clock(time);
        queue = (hook == null ? builder : builder.onPhrasesEnded(hook)).build();
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
    void aFailureOfAnUnknownKindIsShownAsItIs(TestDatabase database) {
        open(database);
        JobId job = queue.submit(Jobs.of("alice").say("No", "Yes").build()).id();
        List<Lease> leases = claim(2);
        queue.settle(List.of(
                new Outcome.GivenUp(leases.get(0), Jobs.failure(FailureKind.REJECTED)),
                new Outcome.Made(leases.get(1), Jobs.facts(1000), true)));
        execute("UPDATE tts_side SET failure_kind = 'MOONSTRUCK' WHERE failure_kind IS NOT NULL");
        Failure failure = queue.results(job, 0, 2).get(0).sides().get("en").failure();
        assertEquals(Failure.of(FailureKind.UNAVAILABLE, "rejected", "made to fail"), failure);
        execute("UPDATE tts_side SET failure_code = NULL, failure_message = NULL WHERE failure_kind IS NOT NULL");
        assertEquals(
                FailureKind.UNAVAILABLE,
                queue.results(job, 0, 2).get(0).sides().get("en").failure().kind());
        assertTrue(queue.retry(job));
        make(claim(1));
        assertEquals(0, find(job).progress().failed());
    }

    @ParameterizedTest
    @EnumSource
    void aJobTheReadingOfWhichFailsIsNamedAndTheOthersAreListed(TestDatabase database) {
        open(database);
        List<JobId> all = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            all.add(queue.submit(Jobs.of("alice").say("text " + i).build()).id());
            time.advance(Duration.ofSeconds(1));
        }
        List<JobId> others = new ArrayList<>(all);
        List<String> broken = List.of("priority = 77", "status = 9", "attributes = '{\"secret\":'", "owner = ''");
        for (int i = 0; i < broken.size(); i++) {
            JobId poisoned = all.get(i + 1);
            execute("UPDATE tts_job SET " + broken.get(i) + " WHERE id = '" + poisoned + "'");
            others.remove(poisoned);
            String column = broken.get(i).substring(0, broken.get(i).indexOf(' '));
            for (Runnable asked : List.<Runnable>of(
                    () -> queue.find(poisoned), () -> queue.cancel(poisoned), () -> queue.retry(poisoned))) {
                String message =
                        assertThrows(QueueException.class, asked::run, column).getMessage();
                assertTrue(message.contains(poisoned.toString()) && message.contains(column), message);
                assertFalse(message.contains("secret"), message);
            }
        }
        assertEquals(
                others,
                ids(
                        queue.find(all).stream()
                                .sorted((a, b) -> a.id().compareTo(b.id()))
                                .toList(),
                        all));
        List<JobId> listed = new ArrayList<>();
        JobId last = null;
        while (true) {
            List<Job> page = queue.list(new JobQuery("alice", null, null, last, 1));
            if (page.isEmpty()) {
                break;
            }
            last = page.get(0).id();
            listed.add(0, last);
        }
        assertEquals(others, listed, "no page is short because of those that are left out");
        assertEquals(2, queue.list(new JobQuery(null, null, null, null, 5)).size());
    }

    private static List<JobId> ids(List<Job> jobs, List<JobId> order) {
        return order.stream()
                .filter(id -> jobs.stream().anyMatch(job -> job.id().equals(id)))
                .toList();
    }

    @ParameterizedTest
    @EnumSource
    void clipsAreSettledForAllJobsThatShareThem(TestDatabase database) {
        open(database);
        List<JobId> poisoned = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            poisoned.add(queue.submit(Jobs.of("bob").say("shared", "own " + i).build())
                    .id());
        }
        JobId healthy =
                queue.submit(Jobs.of("alice").say("shared", "mine").build()).id();
        queue.events().subscribe("mail");
        execute("UPDATE tts_job SET status = 9 WHERE id = '" + poisoned.get(0) + "'");
        execute("UPDATE tts_job SET attributes = 'no json' WHERE id = '" + poisoned.get(1) + "'");
        execute("UPDATE tts_job SET priority = -1, billed_clips = -5 WHERE id = '" + poisoned.get(2) + "'");
        make(claim(9));
        assertEquals(JobStatus.COMPLETED, find(healthy).status());
        assertEquals(0, queue.depth().queued() + queue.depth().leased());
        List<EventQueue.Delivery> mail = queue.events().take("mail", 9, LEASE).deliveries();
        assertTrue(mail.stream().anyMatch(each -> each.event().job().id().equals(healthy)), mail::toString);
        execute("UPDATE tts_job SET attributes = '{}', priority = 1");
        for (JobId job : poisoned) {
            assertEquals(JobStatus.COMPLETED, find(job).status(), "it was counted on meanwhile");
            assertEquals(2, find(job).progress().processed());
        }
    }

    /** The host is told of nothing that only stands in for what cannot be read. */
    @ParameterizedTest
    @EnumSource
    void thePhrasesOfAnUnreadableJobWaitForWhoCanTellTheHost(TestDatabase database) {
        List<String> owners = new ArrayList<>();
        open(
                database,
                (connection, phrases) ->
                        phrases.forEach(phrase -> owners.add(phrase.details().owner())));
        JobId poisoned = queue.submit(Jobs.of("bob").say("b").build()).id();
        JobId healthy = queue.submit(Jobs.of("alice").say("a", "c").build()).id();
        execute("UPDATE tts_job SET priority = 77 WHERE id = '" + poisoned + "'");
        make(claim(9));
        assertEquals(JobStatus.COMPLETED, find(healthy).status());
        execute("UPDATE tts_job SET priority = 1 WHERE id = '" + poisoned + "'");
        assertTrue(find(poisoned).progress().waitingFor().failure().message().contains("priority"));
        time.advance(Duration.ofSeconds(2));
        make(claim(9));
        assertEquals(JobStatus.COMPLETED, find(poisoned).status());
        assertFalse(owners.contains("unreadable"));
        assertTrue(owners.contains("bob"));
    }

    @ParameterizedTest
    @EnumSource
    void anEventThatCannotBeReadBecomesADeadLetterAndKeepsNoOtherBack(TestDatabase database) {
        open(database);
        EventQueue events = queue.events();
        events.subscribe("mail");
        JobId poisoned = queue.submit(Jobs.of("bob").say("a").build()).id();
        List<JobId> others = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            others.add(queue.submit(Jobs.of("alice").say("a", "b " + i).build()).id());
        }
        make(claim(9));
        execute("UPDATE tts_job SET attributes = '[1' WHERE id = '" + poisoned + "'");
        List<JobId> told = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            List<EventQueue.Delivery> taken = events.take("mail", 1, LEASE).deliveries();
            assertEquals(1, taken.size(), "another comes in the place of the one that cannot be read");
            told.add(taken.get(0).event().job().id());
            assertTrue(events.delivered(taken.get(0)));
        }
        assertEquals(others, ids(told.stream().map(this::find).toList(), others));
        Instant start = time.instant();
        for (int i = 0; i < 8; i++) {
            assertEquals(List.of(), events.take("mail", 9, LEASE).deliveries());
            time.advance(events.take("mail", 9, LEASE).next().orElse(Duration.ZERO));
        }
        assertTrue(Duration.between(start, time.instant()).compareTo(Duration.ofDays(1)) >= 0);
        assertEquals(1, number("SELECT COUNT(*) FROM tts_delivery WHERE state = 2"));
        assertEquals(List.of(), events.deadLetters("mail", 9), "it cannot be shown");
        assertTrue(assertThrows(QueueException.class, () -> events.deliveries(poisoned))
                .getMessage()
                .contains("attributes"));
        execute("UPDATE tts_job SET attributes = '{}' WHERE id = '" + poisoned + "'");
        EventQueue.Delivery dead = events.deadLetters("mail", 9).get(0);
        assertTrue(dead.lastError().contains("attributes"), dead.lastError());
        assertTrue(events.replay(poisoned, "mail", dead.event().id()));
        assertEquals(1, events.take("mail", 9, LEASE).deliveries().size());
    }

    /** Both are done beside the work itself, one at a time; whose heart waits for long looks dead. */
    @Test
    void manyEventsThatCannotBeReadKeepNoHeartFromBeating() throws Exception {
        source = TestDatabase.H2.open(3);
        List<Thread> asked = Collections.synchronizedList(new ArrayList<>());
        Thread heart = new Thread(() -> queue.beat(ann, LEASE));
        AtomicBoolean armed = new AtomicBoolean();
        queue = JdbcJobQueue.builder(TappedDataSource.of(source, (method, call) -> {
                    if (method.startsWith("execute") && armed.compareAndSet(true, false)) {
                        heart.start();
                        while (heart.getState() != Thread.State.WAITING) {
                            Thread.onSpinWait();
                        }
                    }
                    if (method.startsWith("execute")) {
                        asked.add(Thread.currentThread());
                    }
                    return call.make();
                }))
                .migrate()
                .clock(time)
                .build();
        queue.events().subscribe("mail");
        for (int i = 0; i < 20; i++) {
            queue.submit(Jobs.of("bob").say("a").build());
        }
        make(claim(1));
        execute("UPDATE tts_job SET attributes = '[1'");
        armed.set(true);
        assertEquals(List.of(), queue.events().take("mail", 1, LEASE).deliveries());
        heart.join();
        assertTrue(asked.lastIndexOf(heart) < asked.size() - 20, "it came between two looks");
    }

    @ParameterizedTest
    @EnumSource
    void anAccountThatIsPausedForWhatIsUnknownStaysPausedAndIsProbed(TestDatabase database) {
        open(database);
        RateLimiter limiter = queue.limiter("main", RateLimit.perMinute(600));
        limiter.pause(Jobs.failure(FailureKind.QUOTA_EXHAUSTED));
        execute("UPDATE tts_limiter SET paused_kind = 'MOONSTRUCK'");
        JobId job = queue.submit(Jobs.of("alice").say("a").build()).id();
        assertEquals(
                "quota_exhausted", find(job).progress().waitingFor().failure().code());
        RateLimiter.Pause pause = queue.pauses().get("main");
        assertEquals(FailureKind.UNAVAILABLE, pause.failure().kind());
        assertEquals("made to fail", pause.failure().message());
        assertEquals(List.of(), limiter.reserve(List.of(1)).slots());
        time.advanceTo(pause.probeAt());
        assertTrue(limiter.reserve(List.of(1)).probe());
        assertEquals(
                1, number("SELECT COUNT(*) FROM tts_limiter WHERE paused_kind = 'MOONSTRUCK'"), "the word is kept");
        limiter.succeeded(ProviderHints.NONE);
        assertTrue(limiter.pause().isEmpty());
    }

    @ParameterizedTest
    @EnumSource
    void anImpossiblePaceOfAnAccountIsTheConfiguredOne(TestDatabase database) {
        open(database);
        RateLimiter limiter = queue.limiter("main", RateLimit.perMinute(600));
        limiter.reserve(List.of(1));
        for (String factor : List.of("-1", "0", "1e300")) {
            execute("UPDATE tts_limiter SET factor = " + factor + ", version = version + 1");
            assertEquals(2, limiter.reserve(List.of(1, 1)).slots().size(), factor);
        }
    }

    @ParameterizedTest
    @EnumSource
    void jobsAreTriedAgainBesideThoseThatCannotBe(TestDatabase database) {
        open(database);
        Rounds rounds = new Rounds(3, Duration.ofMinutes(1));
        JobId poisonedJob =
                queue.submit(Jobs.of("bob").rounds(rounds).say("a").build()).id();
        JobId poisonedKind =
                queue.submit(Jobs.of("bob").rounds(rounds).say("b").build()).id();
        JobId poisonedClip =
                queue.submit(Jobs.of("bob").rounds(rounds).say("c").build()).id();
        List<JobId> healthy = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            healthy.add(
                    queue.submit(Jobs.of("alice").rounds(rounds).say("d " + i).build())
                            .id());
        }
        for (Lease lease : claim(9)) {
            queue.settle(List.of(new Outcome.GivenUp(lease, Jobs.failure(FailureKind.SERVER))));
        }
        execute("UPDATE tts_job SET priority = 77 WHERE id = '" + poisonedJob + "'");
        execute("UPDATE tts_side SET failure_kind = 'MOONSTRUCK' WHERE job ="
                + " (SELECT number FROM tts_job WHERE id = '" + poisonedKind + "')");
        execute("UPDATE tts_clip SET format = 'ogg2' WHERE body = 'c'");
        time.advance(Duration.ofMinutes(2));
        assertEquals(3, queue.retryDue());
        healthy.forEach(job -> assertEquals(JobStatus.PROCESSING, find(job).status()));
        assertEquals(JobStatus.FAILED, find(poisonedKind).status());
        assertEquals(JobStatus.FAILED, find(poisonedClip).status());
        make(claim(9));
        healthy.forEach(job -> assertEquals(JobStatus.COMPLETED, find(job).status()));
        assertEquals(0, queue.retryDue());
        String message = assertThrows(QueueException.class, () -> queue.retry(poisonedClip))
                .getMessage();
        assertTrue(message.contains("format") && message.contains("ogg2"), message);
    }

    @ParameterizedTest
    @EnumSource
    void aJobWhoseRoundsCannotBeEndsWithTheOthers(TestDatabase database) {
        open(database);
        Rounds rounds = new Rounds(3, Duration.ofMinutes(1));
        List<JobId> jobs = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            jobs.add(queue.submit(Jobs.of("alice").rounds(rounds).say("a " + i).build())
                    .id());
        }
        execute("UPDATE tts_job_rounds SET first_pause = -1 WHERE job = 1");
        execute("UPDATE tts_job_rounds SET done = -7 WHERE job = 2");
        queue.settle(claim(9).stream()
                .<Outcome>map(lease -> new Outcome.GivenUp(lease, Jobs.failure(FailureKind.SERVER)))
                .toList());
        jobs.forEach(job -> assertEquals(JobStatus.FAILED, find(job).status()));
        time.advance(Duration.ofMinutes(2));
        assertEquals(1, queue.retryDue());
    }

    @ParameterizedTest
    @EnumSource
    void pruningAndUsageGoOn(TestDatabase database) {
        open(database);
        for (int i = 0; i < 4; i++) {
            queue.submit(Jobs.of("alice").say("a " + i).build());
        }
        make(claim(9));
        execute("UPDATE tts_job SET status = 9, priority = 77, attributes = '?', billed_clips = -3 WHERE number = 2");
        assertEquals(4, queue.usage("alice").clips());
        execute("UPDATE tts_job SET clips = 2000000000, billed_attempts = 3000000000");
        assertEquals(Integer.MAX_VALUE, queue.usage("alice").clips());
        assertEquals(Integer.MAX_VALUE, queue.usage("alice").attempts());
        time.advance(Duration.ofDays(40));
        while (queue.prune(Duration.ofDays(30))) {
            // As a worker would.
        }
        assertEquals(0, number("SELECT COUNT(*) FROM tts_job"));
    }

    @ParameterizedTest
    @EnumSource
    void listsOfAudioAndOfTheAuditLogLeaveOutWhatTheyCannotShow(TestDatabase database) {
        open(database);
        for (int i = 0; i < 5; i++) {
            queue.submit(Jobs.of("alice").say("a " + i).build());
        }
        make(claim(9));
        execute("UPDATE tts_audio SET format = 'ogg2' WHERE clip IN (SELECT number FROM tts_clip WHERE body = 'a 1')");
        execute("UPDATE tts_audio SET bytes = -1 WHERE clip IN (SELECT number FROM tts_clip WHERE body = 'a 2')");
        List<JobStore.AudioRecord> audio = new ArrayList<>();
        for (List<JobStore.AudioRecord> page = queue.audio(null, 1);
                !page.isEmpty();
                page = queue.audio(audio.get(audio.size() - 1).key(), 1)) {
            audio.addAll(page);
        }
        assertEquals(3, audio.size());
        execute("UPDATE tts_audit SET action = 7 WHERE number = 4");
        execute("UPDATE tts_audit SET job = 'nobody' WHERE number = 3");
        List<AuditEntry> entries = queue.audit("alice", Long.MAX_VALUE, 2);
        assertEquals(List.of(5L, 2L), entries.stream().map(AuditEntry::number).toList());
        assertEquals(3, queue.audit(null, Long.MAX_VALUE, 9).size());
    }

    @ParameterizedTest
    @EnumSource
    void audioOfAnUnknownFormatIsToldOfBesideTheOthers(TestDatabase database) {
        open(database);
        JobId job = queue.submit(Jobs.of("alice").say("a", "b").build()).id();
        make(claim(9));
        execute("UPDATE tts_audio SET format = 'ogg2' WHERE clip = 1");
        List<PhraseResult> results = queue.results(job, 0, 9);
        Failure failure = results.get(0).sides().get("en").failure();
        assertTrue(failure.message().contains("ogg2"), failure::message);
        assertEquals(1_000, results.get(1).sides().get("en").audio().duration().toMillis());
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

    private void execute(String sql) {
        TestDatabase.execute(source, sql);
    }

    private long number(String sql) {
        return TestDatabase.number(source, sql);
    }
}
