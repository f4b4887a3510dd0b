package dev.ttsjobs.queue.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.contract.Jobs;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.queue.ClipQueue.Outcome;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import dev.ttsjobs.queue.Lease;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Many more threads than are sensible, all on the same few clips: no deadlock, nothing given up, every change of state legal, every job ends. */
class StormTest {

    private static final int THREADS = 64;
    private static final int OPERATIONS = 5;
    private static final int TEXTS = 40;

    @ParameterizedTest
    @EnumSource
    @Timeout(120)
    void nobodyIsGivenUpForAnother(TestDatabase database) throws Exception {
        try (HikariDataSource source = database.open(32);
                JdbcJobQueue queue = JdbcJobQueue.open(source)) {
            Transitions.watch(source, database);
            Queue<JobId> jobs = new ConcurrentLinkedQueue<>();
            jobs.add(queue.submit(job(new Random(0)).build()).id());
            List<Callable<Boolean>> tasks = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                Random random = new Random(i);
                tasks.add(() -> {
                    WorkerId worker = new WorkerId(UUID.randomUUID());
                    for (int j = 0; j < OPERATIONS; j++) {
                        operate(queue, worker, jobs, random);
                    }
                    queue.leave(worker);
                    return true;
                });
            }
            // What was undone and not tried again would be thrown here.
            Together.call(tasks);
            finish(queue);
            for (JobId job : jobs) {
                assertTrue(queue.find(job).orElseThrow().status().hasEnded());
            }
            assertEquals(0, number(source, "SELECT COUNT(*) FROM tts_clip_state WHERE state IN (0, 1, 2)"));
            Transitions.assertLegal(source, database);
            if (database == TestDatabase.POSTGRESQL) {
                assertEquals(
                        0, number(source, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"));
            }
        }
    }

    private static void operate(JdbcJobQueue queue, WorkerId worker, Queue<JobId> jobs, Random random) {
        switch (random.nextInt(6)) {
            case 0 -> queue.cancel(any(jobs, random));
            case 1 -> queue.retry(any(jobs, random));
            case 2, 3 -> work(queue, worker, random);
            default -> jobs.add(queue.submit(job(random).build()).id());
        }
    }

    private static JobId any(Queue<JobId> jobs, Random random) {
        List<JobId> all = List.copyOf(jobs);
        return all.get(random.nextInt(all.size()));
    }

    private static Jobs.Builder job(Random random) {
        Jobs.Builder job = Jobs.of("owner " + random.nextInt(5));
        for (int i = 0; i < 15; i++) {
            String text = "t" + random.nextInt(TEXTS);
            job.say(random.nextInt(4) == 0 ? Jobs.joined(text, "t" + random.nextInt(TEXTS)) : Jobs.clip(text));
        }
        return job;
    }

    private static int work(JdbcJobQueue queue, WorkerId worker, Random random) {
        queue.beat(worker, Duration.ofMinutes(10));
        List<Lease> leases = substituted(queue, queue.claim(worker, 12), random);
        Set<Lease> begun = queue.begin(leases);
        List<Outcome> outcomes = new ArrayList<>();
        for (Lease lease : leases) {
            if (begun.contains(lease)) {
                outcomes.add(
                        random.nextInt(6) == 0
                                ? new Outcome.GivenUp(lease, Jobs.failure(FailureKind.REJECTED))
                                : new Outcome.Made(lease, Jobs.facts(1000), true));
            } else {
                outcomes.add(new Outcome.Released(lease));
            }
        }
        queue.settle(outcomes);
        return leases.size();
    }

    /** Some are made by another family, to which several texts are one. */
    private static List<Lease> substituted(JdbcJobQueue queue, List<Lease> claimed, Random random) {
        Map<ClipKey, Lease> leases = new LinkedHashMap<>();
        claimed.forEach(lease -> leases.put(lease.clip().key(), lease));
        Map<Lease, Clip> others = new LinkedHashMap<>();
        claimed.stream()
                .filter(lease -> random.nextInt(3) == 0)
                .forEach(lease -> others.put(lease, Jobs.other("t" + random.nextInt(TEXTS / 4))));
        queue.substitute(others).forEach(lease -> leases.put(lease.clip().key(), lease));
        return List.copyOf(leases.values());
    }

    private static void finish(JdbcJobQueue queue) {
        WorkerId worker = new WorkerId(UUID.randomUUID());
        Random random = new Random(1);
        while (work(queue, worker, random) > 0) {
            continue;
        }
    }

    private static long number(HikariDataSource source, String sql) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            assertTrue(row.next());
            return row.getLong(1);
        }
    }
}
