package dev.ttsjobs.examples.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.SpeechJobs;
import dev.ttsjobs.audio.AudioInspector;
import dev.ttsjobs.examples.voice.Latency;
import dev.ttsjobs.examples.voice.OfflineVoiceServer;
import dev.ttsjobs.examples.voice.VoiceServerOptions;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobRequest;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.job.PhraseResult;
import dev.ttsjobs.queue.jdbc.JdbcJobQueue;
import dev.ttsjobs.queue.jdbc.QueueDataSources;
import dev.ttsjobs.speech.AudioFormat;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real worker processes, killed for real, against a provider that records what it was paid for. These tests wait for
 * processes and for leases that really run out.
 */
class ProcessesTest {

    private static final int CONCURRENCY = 8;

    @TempDir
    Path folder;

    private final List<Process> processes = new ArrayList<>();
    private OfflineVoiceServer provider;

    @BeforeEach
    void startProvider() throws IOException {
        provider = OfflineVoiceServer.start(VoiceServerOptions.builder()
                .engine(VoiceServerOptions.Engine.TONE)
                .latency(new Latency(Duration.ofMillis(100), Duration.ZERO))
                .build());
    }

    @AfterEach
    void endAll() throws InterruptedException {
        for (Process process : processes) {
            process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
        provider.close();
    }

    @Test
    void twoWorkersOnOnePostgresShareAJobAndTenEqualJobsCostOne() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start()) {
            String url = "postgresql://postgres:x@localhost:" + postgres.getPort() + "/postgres";
            try (HikariDataSource source = QueueDataSources.open(url, 10);
                    JdbcJobQueue queue = JdbcJobQueue.open(source)) {
                SpeechJobs jobs = SpeechJobs.builder(queue).build();
                startWorker(url);
                startWorker(url);
                List<JobId> ids = submitAtOnce(jobs, 10, 60);
                await(Duration.ofSeconds(60), () -> ids.stream().allMatch(id -> hasEnded(jobs, id)));
                ids.forEach(id -> assertWhole(jobs, id));
                assertEquals(60, provider.ledger().calls());
                assertEquals(60, provider.ledger().distinct());
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

    private void killInTheMiddle(String url) throws Exception {
        try (HikariDataSource source = QueueDataSources.open(url, 3);
                JdbcJobQueue queue = JdbcJobQueue.open(source)) {
            SpeechJobs jobs = SpeechJobs.builder(queue).build();
            JobId id = jobs.submit(deck(200)).id();
            for (int kills = 1; kills <= 3; kills++) {
                Process worker = startWorker(url);
                int enough = kills * 40;
                await(Duration.ofSeconds(30), () -> provider.ledger().calls() >= enough);
                worker.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
            }
            Set<String> stored = storedNames(queue, id);
            long callsBefore = provider.ledger().calls();
            startWorker(url);
            await(Duration.ofSeconds(40), () -> hasEnded(jobs, id));
            assertWhole(jobs, id);
            assertEquals(200, provider.ledger().distinct());
            long again = provider.ledger().calls() - 200;
            assertTrue(again <= 3 * CONCURRENCY, again + " calls beyond the distinct clips");
            assertTrue(provider.ledger().calls() - callsBefore <= 200 - stored.size(), "stored audio was bought again");
        }
    }

    private Set<String> storedNames(JdbcJobQueue queue, JobId id) {
        Set<String> names = new HashSet<>();
        for (PhraseResult phrase : queue.results(id, 0, 1000)) {
            PhraseResult.Audio audio = phrase.sides().get("en").audio();
            if (audio != null) {
                names.add(audio.name().value());
            }
        }
        return names;
    }

    private Process startWorker(String url) throws IOException {
        ProcessBuilder worker = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.ttsjobs.examples.worker.WorkerMain");
        worker.environment()
                .putAll(Map.of(
                        "DATABASE_URL",
                        url,
                        "WORKER_PORT",
                        "0",
                        "OPENAI_BASE_URL",
                        provider.baseUrl(),
                        "OPENAI_API_KEY",
                        "sk-test",
                        "LOCAL_STORAGE_PATH",
                        folder.resolve("audio").toString(),
                        "TTS_DATA_DIR",
                        folder.resolve("data").toString(),
                        "TTS_REQUESTS_PER_MINUTE",
                        "6000",
                        "TTS_CONCURRENCY",
                        String.valueOf(CONCURRENCY)));
        File log = folder.resolve("worker-" + processes.size() + ".log").toFile();
        Process process = worker.redirectErrorStream(true).redirectOutput(log).start();
        processes.add(process);
        return process;
    }

    private static List<JobId> submitAtOnce(SpeechJobs jobs, int times, int phrases) throws Exception {
        ExecutorService users = Executors.newFixedThreadPool(times);
        try {
            List<Callable<JobId>> submits = new ArrayList<>();
            for (int i = 0; i < times; i++) {
                submits.add(() -> jobs.submit(deck(phrases)).id());
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

    private static JobRequest deck(int phrases) {
        JobRequest.Builder request = JobRequest.builder("alice");
        for (int i = 0; i < phrases; i++) {
            request.phrase("card-" + i, "en", "This is sentence number " + i);
        }
        return request.build();
    }

    private static boolean hasEnded(SpeechJobs jobs, JobId id) {
        return jobs.find(id).orElseThrow().status().hasEnded();
    }

    private void assertWhole(SpeechJobs jobs, JobId id) {
        Job job = jobs.find(id).orElseThrow();
        assertEquals(JobStatus.COMPLETED, job.status());
        assertEquals(0, job.progress().failed());
        for (PhraseResult phrase : jobs.results(id)) {
            PhraseResult.Audio audio = phrase.sides().get("en").audio();
            Path file = folder.resolve("audio").resolve(audio.name().value());
            try {
                assertEquals(audio.bytes(), Files.size(file));
                assertEquals(
                        audio.duration(),
                        AudioInspector.inspect(file, AudioFormat.MP3).duration());
            } catch (IOException e) {
                throw new AssertionError("not whole: " + file, e);
            }
        }
    }

    private void await(Duration patience, BooleanSupplier condition) throws Exception {
        long end = System.nanoTime() + patience.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                StringBuilder logs = new StringBuilder();
                for (int i = 0; i < processes.size(); i++) {
                    logs.append(Files.readString(folder.resolve("worker-" + i + ".log")));
                }
                throw new AssertionError("not within " + patience + "; the workers said:\n" + logs);
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }
}
