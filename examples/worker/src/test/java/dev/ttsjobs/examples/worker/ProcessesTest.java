package dev.ttsjobs.examples.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.SpeechJobs;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.PhraseResult;
import dev.ttsjobs.queue.jdbc.JdbcJobQueue;
import dev.ttsjobs.queue.jdbc.MariaDbServer;
import dev.ttsjobs.queue.jdbc.QueueDataSources;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Real worker processes, killed for real, against a provider that records what it was paid for. These tests wait for
 * processes and for leases that really run out, and so they do it all at the same time.
 *
 * <p>The long run: {@code mvn -pl examples/worker -am test -Dtest=ProcessesTest -Dsurefire.failIfNoSpecifiedTests=false
 * -Dtts.kills=100}, on each database.
 */
@Execution(ExecutionMode.CONCURRENT)
class ProcessesTest {

    private static final int KILLS = Integer.getInteger("tts.kills", 3);
    private static final int PHRASES = 40 * KILLS + 80;

    @TempDir
    Path folder;

    private WorkerProcesses workers;

    @BeforeEach
    void startProvider() throws IOException {
        workers = new WorkerProcesses(folder, Duration.ofMillis(100));
    }

    @AfterEach
    void endAll() throws InterruptedException {
        workers.close();
    }

    @Test
    void twoWorkersOnOnePostgresShareAJobAndTenEqualJobsCostOne() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start()) {
            String url = "postgresql://postgres:x@localhost:" + postgres.getPort() + "/postgres";
            try (HikariDataSource source = QueueDataSources.open(url, 10);
                    JdbcJobQueue queue = JdbcJobQueue.open(source)) {
                SpeechJobs jobs = SpeechJobs.builder(queue).build();
                workers.start(url);
                workers.start(url);
                List<JobId> ids = submitAtOnce(jobs, 10, 60);
                workers.await(
                        Duration.ofSeconds(60), () -> ids.stream().allMatch(id -> WorkerProcesses.hasEnded(jobs, id)));
                ids.forEach(id -> workers.assertWhole(jobs, id));
                assertEquals(60, workers.calls());
                assertEquals(60, workers.provider.ledger().distinct());
            }
        }
    }

    @Test
    void aKilledWorkersClipsAreMadeByAnotherOnPostgres() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start()) {
            killInTheMiddle("postgresql://postgres:x@localhost:" + postgres.getPort() + "/postgres");
        }
    }

    @Test
    void aKilledWorkersClipsAreMadeByAnotherOnSqlite() throws Exception {
        killInTheMiddle("jdbc:sqlite:" + folder.resolve("queue.db"));
    }

    @Test
    void aKilledWorkersClipsAreMadeByAnotherOnMariaDb() throws Exception {
        killInTheMiddle(MariaDbServer.serviceUrl("mariadb", MariaDbServer.newDatabase()));
    }

    /** A file that one process at a time may have: nobody looks on. */
    @Test
    void aKilledWorkersClipsAreMadeByTheNextOnAnH2File() throws Exception {
        String url = "jdbc:h2:file:" + folder.resolve("queue");
        JobId id;
        try (HikariDataSource source = QueueDataSources.open(url, 3);
                JdbcJobQueue queue = JdbcJobQueue.open(source)) {
            id = SpeechJobs.builder(queue)
                    .build()
                    .submit(WorkerProcesses.deck(PHRASES))
                    .id();
        }
        killAgainAndAgain(url);
        Set<String> stored;
        try (HikariDataSource source = QueueDataSources.open(url, 3);
                JdbcJobQueue queue = JdbcJobQueue.open(source)) {
            stored = storedNames(queue, id);
        }
        long callsBefore = workers.calls();
        Process last = workers.start(url);
        workers.await(Duration.ofSeconds(60), () -> workers.haveSaid("job " + id + " has ended"));
        last.destroy();
        assertTrue(last.waitFor(30, TimeUnit.SECONDS), "it does not end");
        try (HikariDataSource source = QueueDataSources.open(url, 3);
                JdbcJobQueue queue = JdbcJobQueue.open(source)) {
            assertAllMade(SpeechJobs.builder(queue).build(), id, stored, callsBefore);
        }
    }

    private void killInTheMiddle(String url) throws Exception {
        try (HikariDataSource source = QueueDataSources.open(url, 3);
                JdbcJobQueue queue = JdbcJobQueue.open(source)) {
            SpeechJobs jobs = SpeechJobs.builder(queue).build();
            JobId id = jobs.submit(WorkerProcesses.deck(PHRASES)).id();
            killAgainAndAgain(url);
            Set<String> stored = storedNames(queue, id);
            long callsBefore = workers.calls();
            workers.start(url);
            workers.await(Duration.ofSeconds(60), () -> WorkerProcesses.hasEnded(jobs, id));
            assertAllMade(jobs, id, stored, callsBefore);
        }
    }

    private void killAgainAndAgain(String url) throws Exception {
        for (int kills = 1; kills <= KILLS; kills++) {
            Process worker = workers.start(url);
            int enough = kills * 40;
            workers.await(Duration.ofSeconds(60), () -> workers.calls() >= enough);
            worker.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
    }

    private void assertAllMade(SpeechJobs jobs, JobId id, Set<String> stored, long callsBefore) {
        workers.assertWhole(jobs, id);
        assertEquals(PHRASES, workers.provider.ledger().distinct());
        long again = workers.beyondTheDistinct();
        assertTrue(again <= (long) KILLS * WorkerProcesses.CONCURRENCY, again + " calls beyond the distinct clips");
        assertTrue(workers.calls() - callsBefore <= PHRASES - stored.size(), "stored audio was bought again");
    }

    private Set<String> storedNames(JdbcJobQueue queue, JobId id) {
        Set<String> names = new HashSet<>();
        for (PhraseResult phrase : queue.results(id, 0, 100_000)) {
            PhraseResult.Audio audio = phrase.sides().get("en").audio();
            if (audio != null) {
                names.add(audio.name().value());
            }
        }
        return names;
    }

    private static List<JobId> submitAtOnce(SpeechJobs jobs, int times, int phrases) throws Exception {
        ExecutorService users = Executors.newFixedThreadPool(times);
        try {
            List<Callable<JobId>> submits = new ArrayList<>();
            for (int i = 0; i < times; i++) {
                submits.add(() -> jobs.submit(WorkerProcesses.deck(phrases)).id());
            }
            List<JobId> ids = new ArrayList<>();
            for (Future<JobId> id : users.invokeAll(submits)) {
                ids.add(id.get());
            }
            return ids;
        } finally {
            users.shutdown();
        }
    }
}
