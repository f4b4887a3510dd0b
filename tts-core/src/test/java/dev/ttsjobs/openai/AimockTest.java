package dev.ttsjobs.openai;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.SpeechJobs;
import dev.ttsjobs.event.JobListener;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobRequest;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.job.PhraseResult;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.queue.JobQueue;
import dev.ttsjobs.retry.RetryPolicy;
import dev.ttsjobs.retry.RetryPolicy.Backoff;
import dev.ttsjobs.storage.AudioName;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.worker.SpeechWorker;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole library against a provider that others made up: {@code @copilotkit/aimock}, with its chaos on. Its own counters
 * are the witness. Skipped where npm is not installed, or cannot bring the package.
 */
class AimockTest {

    private static final int DISTINCT = 1000;
    private static final List<String> CHAOS = List.of("drop", "malformed", "disconnect");
    private static final RetryPolicy PATIENT = RetryPolicy.STANDARD
            .withMaxAttempts(30)
            .withBackoff(Backoff.fullJitter(Duration.ofMillis(50), Duration.ofSeconds(1)));

    @TempDir
    private Path dir;

    @Test
    void chaosBuysEveryDistinctPhraseOnce() throws Exception {
        try (Aimock aimock = Aimock.start(
                        dir,
                        "--chaos-drop=0.05",
                        "--chaos-malformed=0.05",
                        "--chaos-disconnect=0.05",
                        "--chaos-ratelimit=0.003");
                JobQueue queue = JobQueue.inMemory(InstantSource.system());
                AudioStorage storage = AudioStorage.inMemory();
                OpenAiSpeechSynthesizer speech = OpenAiSpeechSynthesizer.builder()
                        .baseUrl(aimock.baseUrl())
                        .apiKey(Aimock.KEY)
                        .build()) {
            assertEquals(DISTINCT, files(queue, storage, speech));

            long audio = DISTINCT;
            for (String kind : CHAOS) {
                long times = aimock.count("aimock_chaos_triggered_total", "action=\"" + kind + "\"");
                assertTrue(times > 0, "no call met " + kind);
                audio += times;
            }
            long refused = aimock.count("aimock_chaos_triggered_total", "action=\"rateLimit\"");
            assertEquals(
                    audio + refused,
                    aimock.count("aimock_requests_total", "path=\"/v1/audio/speech\""),
                    "calls: one for each distinct phrase, and one more for each that chaos hit");
        }
    }

    /** Runs a job in which every text stands twice, and says in how many files it ended. */
    private static int files(JobQueue queue, AudioStorage storage, OpenAiSpeechSynthesizer speech) throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        JobListener listener = new JobListener() {
            @Override
            public void jobEnded(JobId id) {
                ended.countDown();
            }
        };
        try (SpeechWorker worker = SpeechWorker.builder(queue, storage, speech)
                .limit(RateLimit.UNLIMITED)
                .retry(PATIENT)
                .listener(listener)
                .build()) {
            SpeechJobs jobs = SpeechJobs.builder(queue).build();
            JobRequest.Builder request = JobRequest.builder("alice");
            for (int i = 0; i < 2 * DISTINCT; i++) {
                request.phrase("card-" + i, "en", "Phrase number " + i % DISTINCT);
            }
            JobId id = jobs.submit(request.build()).id();
            worker.start();
            assertTrue(ended.await(5, TimeUnit.MINUTES), "the job has not ended");

            assertEquals(JobStatus.COMPLETED, jobs.find(id).orElseThrow().status());
            assertEquals(DISTINCT, jobs.find(id).orElseThrow().usage().billedClips());
            Set<AudioName> files = new HashSet<>();
            for (PhraseResult phrase : jobs.results(id)) {
                PhraseResult.Audio audio = phrase.sides().get("en").audio();
                assertNotNull(audio, "phrase " + phrase.index());
                files.add(audio.name());
            }
            byte[] sent = Aimock.audio();
            for (AudioName name : files) {
                try (InputStream in = storage.open(name)) {
                    assertArrayEquals(sent, in.readAllBytes());
                }
            }
            return files.size();
        }
    }
}
