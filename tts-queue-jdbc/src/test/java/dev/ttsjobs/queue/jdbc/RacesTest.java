package dev.ttsjobs.queue.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.audio.AudioFacts;
import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.contract.Jobs;
import dev.ttsjobs.cost.PriceList;
import dev.ttsjobs.cost.Quotas;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobRefusedException;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.queue.ClipQueue.Outcome;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import dev.ttsjobs.queue.JobStore.AudioRecord;
import dev.ttsjobs.queue.JobStore.JobQuery;
import dev.ttsjobs.queue.JobStore.Receipt;
import dev.ttsjobs.queue.JobStore.Submission;
import dev.ttsjobs.queue.Lease;
import dev.ttsjobs.retry.RetryPolicy.Rounds;
import dev.ttsjobs.speech.AudioFormat;
import dev.ttsjobs.time.ManualTime;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Several queues on one database, as several processes would have it, all at the same moment. */
class RacesTest {

    private final List<JdbcJobQueue> queues = new ArrayList<>();
    private final WorkerId ann = new WorkerId(UUID.randomUUID());
    private HikariDataSource source;

    private void open(TestDatabase database, int count) {
        source = database.open(8);
        for (int i = 0; i < count; i++) {
            // One time for all: what each reckons the database's to be may differ by as long as the answer took, and
            // what
            // one puts back is then not due yet for the other.
            queues.add(JdbcJobQueue.builder(source)
                    .migrate()
                    .clock(InstantSource.system())
                    .build());
        }
        queues.get(0).beat(ann, Duration.ofMinutes(10));
    }

    @AfterEach
    void close() {
        queues.forEach(JdbcJobQueue::close);
        if (source != null) {
            source.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void noMoreSubmitsThanTheDayAllowsAreAccepted(TestDatabase database) throws Exception {
        open(database, 4);
        List<Callable<Integer>> tasks = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            JdbcJobQueue queue = queues.get(i % 4);
            tasks.add(() -> {
                int accepted = 0;
                for (int j = 0; j < 10; j++) {
                    try {
                        queue.submit(Jobs.of("alice")
                                .jobsPerDay(5)
                                .say("Hello", "Bye " + j)
                                .build());
                        accepted++;
                    } catch (JobRefusedException e) {
                        assertEquals(JobRefusedException.Reason.DAILY_LIMIT, e.reason());
                    }
                }
                return accepted;
            });
        }
        assertEquals(5, sum(Together.call(tasks)));
        LocalDate today = LocalDate.ofInstant(queues.get(0).clock().instant(), ZoneOffset.UTC);
        assertEquals(5, queues.get(0).jobsOn(today, "alice"));
    }

    @ParameterizedTest
    @EnumSource
    void noMoreSubmitsThanABudgetAllowsAreAccepted(TestDatabase database) throws Exception {
        open(database, 4);
        Quotas.Limits five = new Quotas.Limits(null, null, BigDecimal.valueOf(5));
        Quotas.Limits many = new Quotas.Limits(null, 10_000L, null);
        Quotas quotas = new Quotas(many, five, null, PriceList.flat(BigDecimal.valueOf(200_000)));
        List<Callable<Integer>> tasks = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            int owner = i % 3;
            JdbcJobQueue queue = queues.get(i % 4);
            tasks.add(() -> {
                int accepted = 0;
                for (int j = 0; j < 10; j++) {
                    try {
                        queue.submit(Jobs.of("owner " + owner)
                                .quotas(quotas)
                                .say("Hello")
                                .build());
                        accepted++;
                    } catch (JobRefusedException e) {
                        assertEquals(JobRefusedException.Reason.SPEND_LIMIT, e.reason());
                    }
                }
                return accepted;
            });
        }
        assertEquals(5, sum(Together.call(tasks)));
        assertEquals(
                25, number("SELECT SUM(amount) FROM tts_used WHERE measure = 0"), "refused ones count for nothing");
    }

    @ParameterizedTest
    @EnumSource
    void jobsThatManyTryAgainAtOnceAreTriedOnce(TestDatabase database) throws Exception {
        open(database, 4);
        for (int i = 0; i < 10; i++) {
            queues.get(0)
                    .submit(Jobs.of("alice")
                            .rounds(new Rounds(1, Duration.ofSeconds(1)))
                            .say("text " + i)
                            .build());
        }
        List<Lease> leases = queues.get(0).claim(ann, 10);
        queues.get(0).begin(leases);
        queues.get(0)
                .settle(leases.stream()
                        .<Outcome>map(lease -> new Outcome.GivenUp(lease, Jobs.failure(FailureKind.SERVER)))
                        .toList());
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            assertEquals(10, statement.executeUpdate("UPDATE tts_job_rounds SET due = 1 WHERE due IS NOT NULL"));
        }
        List<Callable<Integer>> tasks = new ArrayList<>();
        queues.forEach(queue -> tasks.add(queue::retryDue));
        assertEquals(10, sum(Together.call(tasks)));
        assertEquals(10, number("SELECT COUNT(*) FROM tts_audit WHERE action = 2"));
        assertEquals(10, queues.get(1).claim(ann, 20).size());
    }

    @ParameterizedTest
    @EnumSource
    void audioThatAJobTakesUpAtTheMomentItIsForgottenIsKeptOrMadeAgain(TestDatabase database) throws Exception {
        open(database, 2);
        JdbcJobQueue queue = queues.get(0);
        for (int round = 0; round < 15; round++) {
            String text = "t" + round;
            ClipKey key = Jobs.clip(text).key();
            queue.submit(Jobs.of("alice").say(text).build());
            List<Lease> leases = queue.claim(ann, 9);
            queue.begin(leases);
            AudioFacts facts = new AudioFacts(AudioFormat.MP3, 9, Duration.ofSeconds(1), "ab".repeat(32));
            queue.settle(List.of(new Outcome.Made(leases.get(0), facts, true)));
            List<AudioRecord> records = queue.audio(null, 99).stream()
                    .filter(record -> record.key().equals(key))
                    .toList();
            // As pruning does, sooner.
            TestDatabase.execute(source, "DELETE FROM tts_side");
            Set<ClipKey> removed = ConcurrentHashMap.newKeySet();
            List<Callable<Object>> both =
                    List.of(() -> queues.get(1).submit(Jobs.of("bob").say(text).build()), () -> {
                        Instant later = queue.clock().instant().plusSeconds(60);
                        for (ClipKey forgotten : queue.forget(records, later)) {
                            queue.whileForgotten(forgotten, () -> removed.add(forgotten));
                        }
                        return true;
                    });
            Together.call(both);
            boolean kept = !queue.made(List.of(key)).isEmpty();
            List<Lease> again = queue.claim(ann, 9);
            assertEquals(kept ? 0 : 1, again.size(), "on record, or queued for the job that wants it");
            assertTrue(!kept || removed.isEmpty(), "what is on record has its file");
            queue.begin(again);
            for (Lease lease : again) {
                queue.settle(List.of(new Outcome.Made(lease, facts, true)));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void equalSubmitsWithOneKeyAreOneJob(TestDatabase database) throws Exception {
        open(database, 4);
        List<Callable<Receipt>> tasks = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            JdbcJobQueue queue = queues.get(i % 4);
            tasks.add(() ->
                    queue.submit(Jobs.of("alice").key("k", '1').say("Hello").build()));
        }
        List<Receipt> receipts = Together.call(tasks);
        assertEquals(1, receipts.stream().map(Receipt::id).distinct().count());
        assertEquals(1, receipts.stream().filter(receipt -> !receipt.replayed()).count());
        assertEquals(1, queues.get(0).list(JobQuery.ofOwner("alice", 10)).size());
    }

    @ParameterizedTest
    @EnumSource
    void jobsWithTheSameClipsInAnyOrderShareThem(TestDatabase database) throws Exception {
        open(database, 4);
        List<Callable<Receipt>> tasks = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            JdbcJobQueue queue = queues.get(i % 4);
            Jobs.Builder job = Jobs.of("owner " + i);
            List<Integer> order = new ArrayList<>();
            for (int text = 0; text < 30; text++) {
                order.add(text);
            }
            Collections.shuffle(order, new Random(i));
            // What is a part for one job is a text of its own for another.
            order.forEach(
                    text -> job.say(text % 3 == 0 ? Jobs.joined("t" + text, "t" + (text + 1)) : Jobs.clip("t" + text)));
            tasks.add(() -> queue.submit(job.build()));
        }
        Together.call(tasks);
        assertEquals(40, number("SELECT COUNT(*) FROM tts_clip"));
        assertEquals(40, number("SELECT COUNT(*) FROM tts_clip_state"));
        assertEquals(20, number("SELECT COUNT(*) FROM tts_clip_part"));
        assertEquals(300, number("SELECT COUNT(*) FROM tts_side"));
    }

    @ParameterizedTest
    @EnumSource
    void aClipThatIsSettledWhileItIsAskedForEndsBothJobs(TestDatabase database) throws Exception {
        open(database, 2);
        for (int round = 0; round < 20; round++) {
            Submission first = Jobs.of("alice").say("text " + round).build();
            Submission second = Jobs.of("bob").say("text " + round).build();
            queues.get(0).submit(first);
            List<Lease> leases = queues.get(0).claim(ann, 1);
            queues.get(0).begin(leases);
            Together.call(List.of(
                    () -> queues.get(0).settle(made(leases)).lost().size(),
                    () -> queues.get(1).submit(second).replayed() ? 1 : 0));
            for (Submission job : List.of(first, second)) {
                assertEquals(
                        JobStatus.COMPLETED,
                        queues.get(1).find(job.id()).orElseThrow().status());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void ofTwoWhoFinishTheLastPartsOneQueuesTheWhole(TestDatabase database) throws Exception {
        open(database, 3);
        for (int round = 0; round < 20; round++) {
            Submission job =
                    Jobs.of("alice").say(Jobs.joined("a" + round, "b" + round)).build();
            queues.get(0).submit(job);
            List<Lease> parts = queues.get(0).claim(ann, 2);
            queues.get(0).begin(parts);
            assertEquals(2, parts.size());
            Submission other = Jobs.of("bob")
                    .say(Jobs.joined("b" + round, "a" + round))
                    .say("c" + round)
                    .build();
            Together.call(List.of(
                    () -> queues.get(0).settle(made(parts.subList(0, 1))).lost(),
                    () -> queues.get(1).settle(made(parts.subList(1, 2))).lost(),
                    () -> queues.get(2).submit(other).replayed()));
            List<Lease> rest = queues.get(0).claim(ann, 10);
            assertEquals(3, rest.size(), "two wholes and a text of the other job");
            queues.get(0).settle(made(rest));
        }
        assertTrue(queues.get(0).list(new JobQuery(null, null, null, null, 100)).stream()
                .allMatch(job -> job.status() == JobStatus.COMPLETED));
    }

    @ParameterizedTest
    @EnumSource
    void whateverHappensAtOnceEveryJobEndsWithExactCounts(TestDatabase database) throws Exception {
        open(database, 4);
        int clips = 2500;
        Set<JobId> jobs = new HashSet<>();
        for (int i = 0; i < clips / 50; i++) {
            Jobs.Builder job = Jobs.of("owner " + i % 7);
            for (int j = 0; j < 50; j++) {
                job.say("t" + (i * 50 + j));
            }
            jobs.add(queues.get(i % 4).submit(job.build()).id());
        }
        AtomicInteger deliveries = new AtomicInteger();
        List<Callable<Set<JobId>>> tasks = new ArrayList<>();
        for (JdbcJobQueue queue : queues) {
            tasks.add(() -> work(queue, deliveries, 25));
            tasks.add(() -> disturb(queue, jobs, clips));
        }
        Together.call(tasks).forEach(jobs::addAll);
        // Claims step around rows that others hold, and what failed was asked for again: now everything is brought to
        // an end.
        work(queues.get(0), deliveries, Integer.MAX_VALUE);
        List<Job> all = new ArrayList<>();
        for (JobId id : jobs) {
            all.add(queues.get(0).find(id).orElseThrow());
        }
        for (Job job : all) {
            assertTrue(job.status().hasEnded(), job::toString);
            if (job.status() != JobStatus.CANCELLED) {
                assertEquals(job.progress().total(), job.progress().processed(), job::toString);
            }
        }
        assertEquals(0, number("SELECT COUNT(*) FROM tts_clip_state WHERE state IN (0, 1, 2)"));
        assertEquals(0, number("SELECT COUNT(*) FROM tts_side WHERE state = 0"));
        assertEquals(
                0,
                number("SELECT COUNT(*) FROM tts_job j WHERE status <> 4 AND failed <>"
                        + " (SELECT COUNT(DISTINCT phrase) FROM tts_side s WHERE s.job = j.number AND s.state = 3)"));
        assertEquals(
                number("SELECT COUNT(*) FROM tts_clip_state WHERE state = 3"),
                deliveries.get(),
                "each clip was made once");
        assertEquals(
                number("SELECT COUNT(*) FROM tts_clip_state s JOIN tts_clip c ON c.number = s.clip"
                        + " WHERE s.state = 3 AND c.parts = 0"),
                number("SELECT SUM(billed_clips) FROM tts_job"),
                "and what was spoken was paid for once");
    }

    /** Claims and settles; one clip in forty fails, one in forty goes back. */
    private static Set<JobId> work(JdbcJobQueue queue, AtomicInteger deliveries, int rounds) {
        WorkerId worker = new WorkerId(UUID.randomUUID());
        Random random = new Random(rounds);
        queue.beat(worker, Duration.ofMinutes(10));
        for (int round = 0; round < rounds; round++) {
            List<Lease> claimed = queue.claim(worker, 32);
            if (claimed.isEmpty() && rounds == Integer.MAX_VALUE) {
                break;
            }
            Set<Lease> begun = queue.begin(claimed);
            List<Outcome> outcomes = new ArrayList<>();
            for (Lease lease : claimed) {
                int chance = random.nextInt(40);
                if (!begun.contains(lease) || chance == 0) {
                    outcomes.add(new Outcome.Released(lease));
                } else if (chance == 1) {
                    outcomes.add(new Outcome.GivenUp(lease, Jobs.failure(FailureKind.REJECTED)));
                } else {
                    outcomes.add(new Outcome.Made(lease, Jobs.facts(1000), true));
                }
            }
            Set<Lease> lost = queue.settle(outcomes).lost();
            assertEquals(Set.of(), lost, "no lease was taken away");
            deliveries.addAndGet((int)
                    outcomes.stream().filter(Outcome.Made.class::isInstance).count());
        }
        return Set.of();
    }

    /** Submits what overlaps with everything, calls off some of it, and retries what failed. */
    private static Set<JobId> disturb(JdbcJobQueue queue, Set<JobId> known, int clips) {
        Random random = new Random(known.size());
        List<JobId> own = new ArrayList<>(known);
        for (int i = 0; i < 40; i++) {
            switch (random.nextInt(4)) {
                case 0 -> queue.cancel(own.get(random.nextInt(own.size())));
                case 1 -> queue.retry(own.get(random.nextInt(own.size())));
                default -> {
                    Jobs.Builder job = Jobs.of("disturber");
                    for (int j = 0; j < 10; j++) {
                        String text = "t" + random.nextInt(clips);
                        job.say(
                                random.nextInt(5) == 0
                                        ? Jobs.joined(text, "t" + random.nextInt(clips))
                                        : Jobs.clip(text));
                    }
                    own.add(queue.submit(job.build()).id());
                }
            }
        }
        return new HashSet<>(own);
    }

    @ParameterizedTest
    @EnumSource
    void pruningTakesNothingFromSubmitsAndRetriesAtTheSameMoment(TestDatabase database) throws Exception {
        source = database.open(8);
        ManualTime time = new ManualTime();
        for (int i = 0; i < 4; i++) {
            queues.add(JdbcJobQueue.builder(source).migrate().clock(time).build());
        }
        JdbcJobQueue queue = queues.get(0);
        queue.beat(ann, Duration.ofMinutes(10));
        List<JobId> old = new ArrayList<>();
        for (int i = 0; i < 150; i++) {
            old.add(queue.submit(Jobs.of("old" + i % 3)
                            .say("t" + i % 10, "t" + (i + 1) % 10)
                            .build())
                    .id());
        }
        List<Lease> leases = queue.claim(ann, 10);
        queue.begin(leases);
        queue.settle(leases.stream()
                .<Outcome>map(lease -> lease.clip().text().equals("t0")
                        ? new Outcome.GivenUp(lease, Jobs.failure(FailureKind.SERVER))
                        : new Outcome.Made(lease, Jobs.facts(1000), true))
                .toList());
        time.advance(Duration.ofDays(30));
        List<Callable<Integer>> tasks = new ArrayList<>();
        for (JdbcJobQueue each : queues) {
            tasks.add(() -> {
                while (each.prune(Duration.ofDays(30))) {
                    continue;
                }
                return 0;
            });
            tasks.add(() -> {
                int retried = 0;
                for (int i = 0; i < 20; i++) {
                    each.submit(Jobs.of("new").say("t" + i % 10, "t0").build());
                    retried += each.retry(old.get(random(i, old.size()))) ? 1 : 0;
                }
                return retried;
            });
        }
        int retried = sum(Together.call(tasks));
        while (queue.prune(Duration.ofDays(30))) {
            continue;
        }
        assertEquals(80 + retried, number("SELECT COUNT(*) FROM tts_job"));
        assertEquals(160 + 2 * retried, number("SELECT COUNT(*) FROM tts_side"));
        assertEquals(160 + 2 * retried, number("SELECT COUNT(*) FROM tts_phrase"));
        assertEquals(0, number("SELECT COUNT(*) FROM tts_pruned_job"));
        long billed = 0;
        for (int i = 0; i < 3; i++) {
            billed += queue.usage("old" + i).billedClips();
            assertEquals(100, queue.usage("old" + i).clips());
        }
        assertEquals(9, billed, "each clip that was made was paid for once, by a job that may be gone");
        List<Lease> again = queue.claim(ann, 10);
        assertEquals(1, again.size());
        queue.begin(again);
        queue.settle(made(again));
        assertEquals(0, number("SELECT COUNT(*) FROM tts_job WHERE status < 2"));
    }

    private static int random(int seed, int bound) {
        return new Random(seed).nextInt(bound);
    }

    private static List<Outcome> made(List<Lease> leases) {
        return leases.stream()
                .<Outcome>map(lease -> new Outcome.Made(lease, Jobs.facts(1000), true))
                .toList();
    }

    private static int sum(List<Integer> numbers) {
        return numbers.stream().mapToInt(Integer::intValue).sum();
    }

    private long number(String sql) {
        return TestDatabase.number(source, sql);
    }
}
