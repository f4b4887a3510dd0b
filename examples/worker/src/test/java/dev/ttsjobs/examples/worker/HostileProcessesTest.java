package dev.ttsjobs.examples.worker;

import static dev.ttsjobs.examples.worker.WorkerProcesses.CONCURRENCY;
import static dev.ttsjobs.examples.worker.WorkerProcesses.deck;
import static dev.ttsjobs.examples.worker.WorkerProcesses.hasEnded;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.SpeechJobs;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.queue.jdbc.JdbcJobQueue;
import dev.ttsjobs.queue.jdbc.QueueDataSources;
import dev.ttsjobs.time.Sleeper;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real worker processes that are frozen, told to end, and left without their database. These tests wait for processes and
 * for leases that really run out.
 */
@Timeout(180)
class HostileProcessesTest {

    @TempDir
    Path folder;

    private WorkerProcesses workers;
    private EmbeddedPostgres postgres;
    private String url;
    private HikariDataSource source;
    private JdbcJobQueue queue;
    private SpeechJobs jobs;

    @BeforeEach
    void open() throws IOException {
        postgres = startPostgres(0);
        url = "postgresql://postgres:x@localhost:" + postgres.getPort() + "/postgres";
        source = QueueDataSources.open(url, 3);
        queue = JdbcJobQueue.open(source);
        jobs = SpeechJobs.builder(queue).build();
    }

    private EmbeddedPostgres startPostgres(int port) throws IOException {
        return EmbeddedPostgres.builder()
                .setDataDirectory(folder.resolve("postgres"))
                .setCleanDataDirectory(false)
                .setPort(port)
                .start();
    }

    @AfterEach
    void close() throws Exception {
        workers.close();
        queue.close();
        source.close();
        postgres.close();
    }

    private static void signal(Process process, String signal) throws Exception {
        Process kill = new ProcessBuilder("kill", "-" + signal, String.valueOf(process.pid())).start();
        assertTrue(kill.waitFor(10, TimeUnit.SECONDS));
        assertEquals(0, kill.exitValue());
    }

    @Test
    void whatAWorkerSaysThatWasFrozenForLongerThanItsLeaseChangesNothing() throws Exception {
        workers = new WorkerProcesses(folder, Duration.ofMillis(400));
        JobId id = jobs.submit(deck(60)).id();
        Process frozen = workers.start(url);
        workers.await(Duration.ofSeconds(60), () -> workers.calls() >= 20);
        signal(frozen, "STOP");
        workers.start(url);
        // Its lease, another's two looks, and what it may have held of the database when it was frozen.
        workers.await(Duration.ofSeconds(90), () -> hasEnded(jobs, id));
        Job before = jobs.find(id).orElseThrow();

        signal(frozen, "CONT");
        // It has come back once it makes something again; what it had made before, it has said by then.
        workers.await(Duration.ofSeconds(30), () -> queue.depth().leased() == 0);
        Sleeper.system().sleep(Duration.ofSeconds(3));
        assertTrue(frozen.isAlive());
        assertEquals(before, jobs.find(id).orElseThrow(), "a stale completion was taken");
        workers.assertWhole(jobs, id);
        assertEquals(60, workers.provider.ledger().distinct());
        long beyond = workers.beyondTheDistinct();
        assertTrue(beyond <= CONCURRENCY, beyond + " calls beyond the distinct clips");
    }

    @Test
    void aWorkerThatIsToldToEndFinishesItsCallsAndGivesTheRestBack() throws Exception {
        workers = new WorkerProcesses(folder, Duration.ofMillis(1500));
        JobId id = jobs.submit(deck(40)).id();
        Process ending = workers.start(url);
        workers.await(Duration.ofSeconds(60), () -> workers.calls() >= 12);
        signal(ending, "TERM");
        assertTrue(ending.waitFor(20, TimeUnit.SECONDS), "calls of 1.5 s, and still not ended after 20 s");
        assertEquals(143, ending.exitValue());
        assertEquals(0, queue.depth().leased(), "left to its lease");
        long called = workers.calls();
        assertEquals(called, made(id), "every call that was begun is done and recorded");
        assertNotEquals(40, called, "it was told to end in the middle");
        workers.start(url);
        workers.await(Duration.ofSeconds(60), () -> hasEnded(jobs, id));
        workers.assertWhole(jobs, id);
        assertEquals(40, workers.calls());
    }

    private long made(JobId id) {
        return jobs.find(id).orElseThrow().usage().billedClips();
    }

    @Test
    void aDatabaseThatIsRestartedInTheMiddleIsWaitedForAndNothingIsBoughtTwice() throws Exception {
        workers = new WorkerProcesses(folder, Duration.ofMillis(200));
        JobId id = jobs.submit(deck(120)).id();
        Process worker = workers.start(url);
        workers.await(Duration.ofSeconds(60), () -> workers.calls() >= 30);
        int port = postgres.getPort();
        postgres.close();
        Sleeper.system().sleep(Duration.ofSeconds(2));
        postgres = startPostgres(port);
        workers.await(Duration.ofSeconds(60), () -> hasEnded(jobs, id));
        assertTrue(worker.isAlive());
        workers.assertWhole(jobs, id);
        assertEquals(120, workers.calls(), "the process lives, so nothing is bought twice");
    }
}
