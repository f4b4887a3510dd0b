package dev.ttsjobs.examples.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
import dev.ttsjobs.speech.AudioFormat;
import dev.ttsjobs.time.Sleeper;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Real worker processes in a folder, and the provider that they call, which records what it was paid for. */
final class WorkerProcesses {

    static final int CONCURRENCY = 8;

    final OfflineVoiceServer provider;
    private final Path folder;
    private final List<Process> processes = new ArrayList<>();

    WorkerProcesses(Path folder, Duration latency) throws IOException {
        this.folder = folder;
        provider = OfflineVoiceServer.start(VoiceServerOptions.builder()
                .engine(VoiceServerOptions.Engine.TONE)
                .latency(new Latency(latency, Duration.ZERO))
                .build());
    }

    /** Starts one with the settings that a host would leave as they are, but for its limit. */
    Process start(String url) throws IOException {
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

    static JobRequest deck(int phrases) {
        JobRequest.Builder request = JobRequest.builder("alice");
        for (int i = 0; i < phrases; i++) {
            request.phrase("card-" + i, "en", "This is sentence number " + i);
        }
        return request.build();
    }

    static boolean hasEnded(SpeechJobs jobs, JobId id) {
        return jobs.find(id).orElseThrow().status().hasEnded();
    }

    void assertWhole(SpeechJobs jobs, JobId id) {
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

    void await(Duration patience, BooleanSupplier condition) throws Exception {
        long end = System.nanoTime() + patience.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("not within " + patience + "; the workers said:\n" + logs());
            }
            Sleeper.system().sleep(Duration.ofMillis(50));
        }
    }

    boolean haveSaid(String part) {
        return logs().contains(part);
    }

    private String logs() {
        StringBuilder logs = new StringBuilder();
        try {
            for (int i = 0; i < processes.size(); i++) {
                logs.append(Files.readString(folder.resolve("worker-" + i + ".log")));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return logs.toString();
    }

    long calls() {
        return provider.ledger().calls();
    }

    /** What was paid for and need not have been. */
    long beyondTheDistinct() {
        return calls() - provider.ledger().distinct();
    }

    /** Kills all that still run. */
    void close() throws InterruptedException {
        for (Process process : processes) {
            process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
        provider.close();
    }
}
