package dev.ttsjobs.queue.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.contract.Jobs;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobRefusedException;
import dev.ttsjobs.job.Priority;
import dev.ttsjobs.queue.ClipQueue.Outcome;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import dev.ttsjobs.queue.JobQueue;
import dev.ttsjobs.queue.JobStore.JobQuery;
import dev.ttsjobs.queue.JobStore.Submission;
import dev.ttsjobs.queue.Lease;
import dev.ttsjobs.retry.RetryPolicy.Rounds;
import dev.ttsjobs.time.ManualTime;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Random sequences of operations look the same from outside on a database and on the in-memory queue. */
class DifferentialTest {

    static final List<String> TABLES = List.of(
            "clip",
            "clip_state",
            "clip_part",
            "audio",
            "job",
            "idempotency",
            "daily",
            "phrase",
            "side",
            "worker",
            "pruned_job",
            "pruned_usage",
            "job_rounds");

    private static final int STEPS = 24;
    private static final int SEEDS = Integer.getInteger("tts.differential.seeds", 25);
    private static final long FIRST = Long.getLong("tts.differential.first", 1L);

    @ParameterizedTest
    @EnumSource
    void everySequenceGoesAsOnTheModel(TestDatabase database) throws SQLException {
        try (HikariDataSource source = database.open(3)) {
            JdbcJobQueue.open(source).close();
            for (long seed = FIRST; seed < FIRST + SEEDS; seed++) {
                empty(source);
                new Run(seed, source).go();
            }
        }
    }

    private static void empty(HikariDataSource source) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            for (String table : TABLES) {
                statement.addBatch("DELETE FROM tts_" + table);
            }
            statement.executeBatch();
        }
    }

    /** One sequence on both. Whatever an operation gives, or what it throws, is the same on both, and so is all that is seen. */
    private static final class Run {
        private static final List<String> TEXTS = List.of("a", "b", "c", "d", "e", "f", "g", "h");
        private static final List<Clip> WHOLES =
                List.of(Jobs.joined("a", "b"), Jobs.joined("b", "p", "c"), Jobs.joined("p", "q"));

        private final long seed;
        private final Random random;
        private final ManualTime time = new ManualTime();
        private final JobQueue model = JobQueue.inMemory(time);
        private final JobQueue jdbc;
        private final List<String> story = new ArrayList<>();
        private final List<Submission> submissions = new ArrayList<>();
        private final List<Lease> leases = new ArrayList<>();
        private final List<WorkerId> workers;

        Run(long seed, HikariDataSource source) {
            this.seed = seed;
            this.random = new Random(seed);
            this.jdbc = JdbcJobQueue.builder(source).clock(time).build();
            this.workers = List.of(new WorkerId(id()), new WorkerId(id()));
        }

        private UUID id() {
            return new UUID(random.nextLong(), random.nextLong());
        }

        void go() {
            workers.forEach(worker -> both("beat", queue -> queue.beat(worker, Duration.ofSeconds(30))));
            for (int step = 0; step < STEPS; step++) {
                act();
                if (step % 6 == 5) {
                    look();
                }
            }
        }

        private void act() {
            switch (random.nextInt(14)) {
                case 0, 1, 2 -> submit();
                case 3, 4 -> claim();
                case 5, 6, 7 -> settle();
                case 8 -> onAJob("cancel", JobQueue::cancel);
                case 9 -> onAJob("retry", JobQueue::retry);
                case 10 -> aboutWorkers();
                case 11 -> prune();
                case 12 -> {
                    time.advance(Duration.ofMinutes(random.nextInt(60)));
                    both("retry what is due", JobQueue::retryDue);
                }
                default -> {
                    Duration step = List.of(Duration.ofSeconds(1), Duration.ofSeconds(20), Duration.ofHours(7))
                            .get(random.nextInt(3));
                    story.add("advance " + step);
                    time.advance(step);
                }
            }
        }

        private void submit() {
            if (!submissions.isEmpty() && random.nextInt(8) == 0) {
                Submission again = any(submissions);
                both("submit again", queue -> receipt(queue, again));
                return;
            }
            Jobs.Builder job = Jobs.of(random.nextBoolean() ? "ann" : "bob")
                    .id(new JobId(id()))
                    .reference(random.nextBoolean() ? "deck" : null)
                    .priority(any(List.of(Priority.values())))
                    .rounds(Rounds.of(random.nextInt(3)))
                    .jobsPerDay(random.nextInt(4) == 0 ? 3 : 0);
            if (random.nextInt(4) == 0) {
                job.key("key" + random.nextInt(2), (char) ('0' + random.nextInt(2)));
            }
            int phrases = 1 + random.nextInt(4);
            for (int i = 0; i < phrases; i++) {
                switch (random.nextInt(4)) {
                    case 0 -> job.say(any(WHOLES));
                    case 1 -> job.pair(any(TEXTS), any(TEXTS));
                    default -> job.say(any(TEXTS));
                }
            }
            Submission submission = job.build();
            submissions.add(submission);
            both(
                    "submit " + submission.details().owner() + " "
                            + submission.clips().values().stream()
                                    .map(Clip::text)
                                    .toList(),
                    queue -> receipt(queue, submission));
        }

        private static Object receipt(JobQueue queue, Submission submission) {
            try {
                return queue.submit(submission);
            } catch (JobRefusedException e) {
                return e.reason() + " " + e.retryAfter();
            }
        }

        private void claim() {
            WorkerId worker = any(workers);
            int max = 1 + random.nextInt(4);
            List<Lease> claimed = both("claim " + max, queue -> queue.claim(worker, max));
            List<Lease> held = random.nextInt(3) == 0 ? substitute(claimed) : claimed;
            leases.addAll(held);
            if (random.nextInt(4) > 0) {
                both("begin", queue -> queue.begin(held));
            }
        }

        private List<Lease> substitute(List<Lease> claimed) {
            Map<Lease, Clip> others = new LinkedHashMap<>();
            // Several texts are one in the other family.
            claimed.forEach(lease -> others.put(lease, Jobs.other(any(TEXTS.subList(0, 3)))));
            if (!leases.isEmpty() && random.nextInt(4) == 0) {
                Lease old = any(leases);
                others.put(new Lease(old.clip(), old.worker(), old.epoch() - 1, 0), Jobs.other("lost"));
            }
            Set<Lease> taken = both("substitute " + others.values(), queue -> queue.substitute(others));
            Map<Lease, Lease> byOwn = new LinkedHashMap<>();
            claimed.forEach(lease -> byOwn.put(lease, lease));
            taken.forEach(lease -> byOwn.put(
                    new Lease(lease.clip(), lease.worker(), lease.epoch(), lease.attempts(), lease.verdict(), null),
                    lease));
            return List.copyOf(byOwn.values());
        }

        private void settle() {
            if (leases.isEmpty()) {
                return;
            }
            Map<Lease, Outcome> outcomes = new LinkedHashMap<>();
            int count = 1 + random.nextInt(3);
            for (int i = 0; i < count; i++) {
                // Mostly the latest ones, now and then one that was lost long ago.
                Lease lease = random.nextInt(5) == 0
                        ? any(leases)
                        : leases.get(leases.size() - 1 - random.nextInt(Math.min(4, leases.size())));
                outcomes.put(lease, outcome(lease));
            }
            both("settle " + outcomes.values(), queue -> queue.settle(outcomes.values()));
        }

        private Outcome outcome(Lease lease) {
            return switch (random.nextInt(8)) {
                case 0 ->
                    new Outcome.GivenUp(lease, Jobs.failure(any(List.of(FailureKind.REJECTED, FailureKind.SERVER))));
                case 1 ->
                    new Outcome.Again(lease, Jobs.failure(any(List.of(FailureKind.values()))), Duration.ofSeconds(5));
                case 2 -> new Outcome.Released(lease);
                case 3 -> new Outcome.Made(lease, Jobs.facts(500), false);
                default -> new Outcome.Made(lease, Jobs.facts(1000), true);
            };
        }

        private void onAJob(String what, BiFunction<JobQueue, JobId, Boolean> operation) {
            if (!submissions.isEmpty()) {
                JobId job = any(submissions).id();
                both(what + " " + job, queue -> operation.apply(queue, job));
            }
        }

        private void prune() {
            if (random.nextBoolean()) {
                time.advance(Duration.ofHours(25));
            }
            both("prune", queue -> {
                while (queue.prune(Duration.ofDays(1))) {
                    continue;
                }
                return true;
            });
        }

        private void aboutWorkers() {
            WorkerId worker = any(workers);
            switch (random.nextInt(4)) {
                case 0 ->
                    both("leave", queue -> {
                        queue.leave(worker);
                        return true;
                    });
                case 1 -> both("beat", queue -> queue.beat(worker, Duration.ofSeconds(30)));
                default -> both("rescue", queue -> queue.rescue(Duration.ofSeconds(10)));
            }
        }

        private void look() {
            both("what there is to see", queue -> {
                Map<String, Object> seen = new LinkedHashMap<>();
                List<Job> jobs = queue.list(new JobQuery(null, null, null, null, 100));
                seen.put("jobs", jobs);
                jobs.forEach(job -> seen.put(job.id().toString(), queue.results(job.id(), 0, 100)));
                seen.put("outlook", queue.outlook());
                seen.put("depth", queue.depth());
                seen.put("ann", queue.usage("ann"));
                LocalDate today = LocalDate.ofInstant(time.instant(), ZoneOffset.UTC);
                seen.put("today", queue.jobsOn(today, "ann") + " " + queue.jobsOn(today, "bob"));
                seen.put(
                        "made",
                        queue.made(TEXTS.stream()
                                .flatMap(text -> Stream.of(Jobs.clip(text), Jobs.other(text)))
                                .map(Clip::key)
                                .toList()));
                return seen;
            });
        }

        private <T> T any(List<T> from) {
            return from.get(random.nextInt(from.size()));
        }

        private <T> T both(String what, Function<JobQueue, T> operation) {
            story.add(what);
            T expected = operation.apply(model);
            T actual = operation.apply(jdbc);
            assertEquals(expected, actual, () -> "seed " + seed + " after\n" + String.join("\n", story));
            return expected;
        }
    }
}
