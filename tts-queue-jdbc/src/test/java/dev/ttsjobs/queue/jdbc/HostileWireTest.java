package dev.ttsjobs.queue.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.contract.Jobs;
import dev.ttsjobs.contract.RealTime;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.speech.SpeechAudio;
import dev.ttsjobs.speech.SpeechRequest;
import dev.ttsjobs.speech.SpeechSynthesizer;
import dev.ttsjobs.speech.SpeechSynthesizer.CallHandle;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.testing.ScriptedSynthesizer;
import dev.ttsjobs.worker.SpeechWorker;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Started workers whose way to PostgreSQL is cut, frozen and slowed, while calls are made and paid for. Waits for real
 * timeouts; those of the driver are set to 2 s instead of 12.
 */
@Timeout(120)
class HostileWireTest {

    private static final Duration POLL = Duration.ofSeconds(1);

    private final AudioStorage storage = AudioStorage.inMemory();
    private final ScriptedSynthesizer provider = new ScriptedSynthesizer();
    private HikariDataSource direct;
    private final List<SpeechWorker> workers = new ArrayList<>();
    private HostileWire wire;
    private HikariDataSource wired;
    private JdbcJobQueue near;
    private JdbcJobQueue far;

    @BeforeEach
    void open() throws IOException {
        direct = TestDatabase.POSTGRESQL.open(3);
        near = JdbcJobQueue.open(direct);
        String url = direct.getJdbcUrl();
        int port = Integer.parseInt(url.replaceAll(".*:(\\d+)/.*", "$1"));
        wire = new HostileWire(port);
        String through = url.replace(":" + port + "/", ":" + wire.port() + "/");
        wired = QueueDataSources.open(through + "&socketTimeout=2&connectTimeout=1", 3);
        far = JdbcJobQueue.builder(wired).build();
    }

    @AfterEach
    void close() throws IOException {
        closeWorkers();
        far.close();
        wired.close();
        wire.close();
        near.close();
        direct.close();
        storage.close();
    }

    /** Takes as long over each as a quick provider does. */
    private void startWorker(JdbcJobQueue queue, Duration poll, Duration lease) {
        SpeechSynthesizer slow = new SpeechSynthesizer() {
            @Override
            public SpeechAudio synthesize(SpeechRequest request, CallHandle handle) {
                SpeechAudio audio = provider.synthesize(request, handle);
                RealTime.pass(Duration.ofMillis(50));
                return audio;
            }

            @Override
            public String account() {
                return provider.account();
            }

            @Override
            public String family() {
                return provider.family();
            }
        };
        workers.add(SpeechWorker.builder(queue, storage, slow)
                .limit(RateLimit.perMinute(3000))
                .concurrency(8)
                .pollInterval(poll)
                .lease(lease)
                .build()
                .start());
    }

    private void closeWorkers() {
        workers.forEach(worker -> worker.close(Duration.ofSeconds(5)));
    }

    private JobId submit(String name, int texts) {
        Jobs.Builder job = Jobs.of("ann");
        for (int i = 0; i < texts; i++) {
            job.say(name + " " + i);
        }
        return near.submit(job.build()).id();
    }

    private boolean hasEnded(JobId job) {
        return near.find(job).orElseThrow().status().hasEnded();
    }

    private void assertMadeOnce(JobId id, int texts) {
        Job job = near.find(id).orElseThrow();
        assertEquals(JobStatus.COMPLETED, job.status());
        assertEquals(0, job.progress().failed());
        assertEquals(texts, job.usage().billedClips());
        List<String> said =
                provider.calls().stream().map(SpeechRequest::text).sorted().toList();
        assertEquals(said.stream().distinct().toList(), said, "something was bought twice");
        assertEquals(texts, said.size());
    }

    private void assertMadeOnceAndLeftBehindNothing(JobId id, int texts) {
        assertMadeOnce(id, texts);
        closeWorkers();
        assertEquals(0, near.depth().leased());
    }

    @Test
    void aWireThatIsCutAgainAndAgainLosesNothingAndBuysNothingTwice() throws Exception {
        JobId job = submit("cut", 80);
        startWorker(far, POLL, Duration.ofSeconds(20));
        for (int calls = 15; calls < 80; calls += 25) {
            awaitCalls(calls);
            wire.cut();
            RealTime.pass(Duration.ofMillis(300));
            wire.heal();
        }
        RealTime.await(Duration.ofSeconds(30), () -> hasEnded(job));
        assertMadeOnceAndLeftBehindNothing(job, 80);
    }

    @Test
    void aFrozenWireIsGivenUpAndWhatComesThroughLateDoesNoHarm() throws Exception {
        JobId job = submit("frozen", 60);
        startWorker(far, POLL, Duration.ofSeconds(20));
        awaitCalls(15);
        wire.freeze();
        RealTime.pass(Duration.ofSeconds(3));
        wire.heal();
        RealTime.await(Duration.ofSeconds(30), () -> hasEnded(job));
        assertMadeOnceAndLeftBehindNothing(job, 60);
    }

    @Test
    void aWorkerThatIsCutOffForLongerThanItsLeaseIsReplacedAndNothingIsBoughtTwice() throws Exception {
        JobId job = submit("gone", 80);
        startWorker(far, POLL, Duration.ofSeconds(2));
        awaitCalls(20);
        wire.freeze();
        startWorker(near, POLL, Duration.ofSeconds(2));
        RealTime.await(Duration.ofSeconds(30), () -> hasEnded(job));
        wire.heal();
        // Once it can, the first one says what it had made; everybody knows better by then.
        RealTime.pass(Duration.ofSeconds(1));
        assertMadeOnceAndLeftBehindNothing(job, 80);
    }

    @Test
    void aSlowWireOnlyMakesItSlow() throws Exception {
        wire.slow(Duration.ofMillis(10));
        JobId job = submit("slow", 20);
        startWorker(far, POLL, Duration.ofSeconds(20));
        RealTime.await(Duration.ofSeconds(60), () -> hasEnded(job));
        assertMadeOnce(job, 20);
    }

    @Test
    void aFrozenCallEndsByItself() {
        // A connection that has just been used is not looked at before it is used again.
        far.depth();
        wire.freeze();
        long start = System.nanoTime();
        assertThrows(QueueException.class, far::depth);
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        assertTrue(took.compareTo(Duration.ofSeconds(9)) < 0, took::toString);
        wire.heal();
        assertEquals(0, far.depth().leased());
    }

    @Test
    void afterACutNewWorkIsHeardOfAtOnceAgain() throws Exception {
        startWorker(far, Duration.ofMinutes(10), Duration.ofMinutes(10));
        submit("before", 1);
        awaitCalls(1);
        wire.cut();
        RealTime.pass(Duration.ofMillis(300));
        wire.heal();
        // It rests for 2 s before it listens again; its own poll is ten minutes away.
        RealTime.pass(Duration.ofSeconds(4));
        long start = System.nanoTime();
        submit("after", 1);
        awaitCalls(2);
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        assertTrue(took.compareTo(Duration.ofSeconds(3)) < 0, took::toString);
    }

    private void awaitCalls(int calls) throws Exception {
        RealTime.await(Duration.ofSeconds(30), () -> provider.calls().size() >= calls);
    }
}
