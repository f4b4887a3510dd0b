package dev.ttsjobs.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.contract.Jobs;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import dev.ttsjobs.queue.JobQueue;
import dev.ttsjobs.queue.Lease;
import dev.ttsjobs.speech.SpeechAudio;
import dev.ttsjobs.speech.SpeechRequest;
import dev.ttsjobs.speech.SpeechSynthesizer;
import dev.ttsjobs.speech.SpeechSynthesizer.CallHandle;
import dev.ttsjobs.storage.AudioName;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.testing.ScriptedSynthesizer;
import dev.ttsjobs.time.ManualTime;
import dev.ttsjobs.time.Sleeper;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A worker that is driven by hand, when what it stands on gives way. */
class PolledWorkerTest {

    private final ManualTime time = new ManualTime();
    private final JobQueue queue = JobQueue.inMemory(time);
    private final AudioStorage storage = AudioStorage.inMemory();
    private final ScriptedSynthesizer provider = new ScriptedSynthesizer();
    private final JobId job =
            queue.submit(Jobs.of("ann").say("one", "two").build()).id();

    @AfterEach
    void close() {
        storage.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"claim", "reserve", "begin", "succeeded", "settle"})
    void aLostAnswerStrandsNothingAndBuysNothingTwice(String method) throws Exception {
        SpeechWorker worker = worker(LostAnswers.of(queue, method), time, RateLimit.UNLIMITED);
        try {
            worker.poll();
        } catch (IllegalStateException e) {
            // The host hears of it, and polls again.
            worker.poll();
        }
        assertEquals(JobStatus.COMPLETED, job().status());
        assertEquals(
                List.of("one", "two"),
                provider.calls().stream().map(SpeechRequest::text).toList());
        assertEquals(2, job().usage().billedClips());
    }

    @Test
    void aSlotThatWasSleptThroughIsDropped() throws Exception {
        RateLimit limit = RateLimit.perMinute(60);
        List<Instant> reserved = new ArrayList<>();
        Sleeper overslept = duration -> {
            reserved.add(time.instant());
            time.advance(duration.plus(reserved.size() == 1 ? Duration.ofSeconds(3) : Duration.ZERO));
        };
        Instant start = time.instant();
        worker(queue, overslept, limit).poll();
        assertEquals(JobStatus.COMPLETED, job().status());
        // The first slot is gone; two more are used, a second apart.
        assertEquals(4, Duration.between(start, time.instant()).toSeconds());
    }

    @Test
    void aLongWaitForASlotDoesNotCostTheLease() throws Exception {
        Duration step = Duration.ofSeconds(10);
        Sleeper watched = duration -> {
            // Meanwhile another worker looks for the dead.
            for (Duration left = duration; !left.isNegative(); left = left.minus(step)) {
                time.advance(left.compareTo(step) < 0 ? left : step);
                queue.rescue(step);
            }
        };
        SpeechWorker worker = worker(queue, watched, RateLimit.perMinute(60));
        queue.limiter(provider.account(), RateLimit.UNLIMITED).slowDown(Duration.ofMinutes(5));
        assertEquals(2, worker.poll());
    }

    @Test
    void anInterruptedPollGivesItsClipBack() {
        Sleeper interrupted = duration -> {
            throw new InterruptedException();
        };
        SpeechWorker worker = worker(queue, interrupted, RateLimit.perMinute(60));
        assertThrows(InterruptedException.class, worker::poll);
        assertEquals(0, queue.depth().leased());
        assertEquals(2, queue.depth().queued());
    }

    @Test
    void aClipThatBreaksTheWorkerIsGivenUpInTheEnd() throws Exception {
        SpeechSynthesizer broken = new SpeechSynthesizer() {
            @Override
            public SpeechAudio synthesize(SpeechRequest request, CallHandle handle) {
                throw new IllegalStateException("nobody foresaw this");
            }

            @Override
            public String account() {
                return "broken";
            }

            @Override
            public String family() {
                return "openai";
            }
        };
        SpeechWorker worker = SpeechWorker.builder(queue, storage, broken)
                .limit(RateLimit.UNLIMITED)
                .time(time, time)
                .random(new Random(1))
                .build();
        for (int i = 0; i < 20; i++) {
            worker.poll();
            time.advance(Duration.ofMinutes(2));
        }
        assertEquals(JobStatus.FAILED, job().status());
    }

    @Test
    void aClipThatKillsItsProcessEachTimeIsGivenUpAndTheOthersAreMade() throws Exception {
        for (int deaths = 0; deaths < 5; deaths++) {
            WorkerId doomed = new WorkerId(new UUID(0, deaths));
            queue.beat(doomed, Duration.ofSeconds(20));
            List<Lease> leases = queue.claim(doomed, 1);
            queue.begin(leases);
            assertEquals("one", leases.get(0).clip().text());
            queue.leave(doomed);
        }
        worker(queue, time, RateLimit.UNLIMITED).poll();
        assertEquals(JobStatus.COMPLETED, job().status());
        assertEquals(1, job().progress().failed());
        assertEquals(
                List.of("two"),
                provider.calls().stream().map(SpeechRequest::text).toList());
    }

    @Test
    void jobsAreKeptForTheRetentionAndPrunedWithinTheHour() throws Exception {
        SpeechWorker worker = SpeechWorker.builder(queue, storage, provider)
                .limit(RateLimit.UNLIMITED)
                .retention(Duration.ofDays(2))
                .time(time, time)
                .random(new Random(1))
                .build();
        worker.poll();
        assertEquals(JobStatus.COMPLETED, job().status());
        time.advance(Duration.ofHours(47));
        worker.poll();
        assertEquals(JobStatus.COMPLETED, job().status());
        time.advance(Duration.ofHours(1));
        worker.poll();
        assertEquals(Optional.empty(), queue.find(job));
    }

    @Test
    void aRetentionOfLessThanADayIsRefused() {
        SpeechWorker.Builder builder = SpeechWorker.builder(queue, storage, provider);
        assertThrows(IllegalArgumentException.class, () -> builder.retention(Duration.ofHours(23)));
    }

    @Test
    void aStoredFileThatIsNoAudioIsReplacedAndASecondTimeIsAFailure() throws Exception {
        SpeechWorker worker = worker(queue, time, RateLimit.UNLIMITED);
        spoil("one");
        worker.poll();
        assertEquals(0, job().progress().failed());
        assertEquals(2, provider.calls().size());
        spoil("one");
        ClipKey one = Jobs.clip("one").key();
        queue.audio(null, 10).stream()
                .filter(record -> record.key().equals(one))
                .forEach(queue::lost);
        JobId again = queue.submit(Jobs.of("bob").say("one").build()).id();
        worker.poll();
        assertEquals(
                "stored_audio_damaged",
                queue.results(again, 0, 1)
                        .get(0)
                        .sides()
                        .values()
                        .iterator()
                        .next()
                        .failure()
                        .code());
        assertEquals(2, provider.calls().size());
        assertTrue(queue.retry(again));
        worker.poll();
        assertEquals(JobStatus.COMPLETED, queue.find(again).orElseThrow().status());
        assertEquals(3, provider.calls().size());
    }

    private void spoil(String text) throws IOException {
        Clip clip = Jobs.clip(text);
        AudioName name = AudioName.of(clip.key().hex(), clip.voice().format());
        storage.delete(name);
        storage.put(name, Files.writeString(Files.createTempFile("spoiled", ".mp3"), "<html>no audio</html>"));
    }

    @Test
    void aPartThatIsGoneFromTheStorageIsMadeAgainWithTheWhole() throws Exception {
        Clip whole = Jobs.joined("three", "four");
        JobId both = queue.submit(Jobs.of("bob").say("three", "four").build()).id();
        worker(queue, time, RateLimit.UNLIMITED).poll();
        assertEquals(JobStatus.COMPLETED, queue.find(both).orElseThrow().status());
        whole.parts()
                .forEach(part -> storage.delete(
                        AudioName.of(part.key().hex(), part.voice().format())));
        JobId joined = queue.submit(Jobs.of("bob").say(whole).build()).id();
        worker(queue, time, RateLimit.UNLIMITED).poll();
        assertEquals(JobStatus.COMPLETED, queue.find(joined).orElseThrow().status());
        assertEquals(0, queue.find(joined).orElseThrow().progress().failed());
        assertEquals(
                List.of("three", "four"),
                provider.calls().stream().skip(4).map(SpeechRequest::text).toList());
    }

    private Job job() {
        return queue.find(job).orElseThrow();
    }

    private SpeechWorker worker(JobQueue seen, Sleeper sleeper, RateLimit limit) {
        return SpeechWorker.builder(seen, storage, provider)
                .limit(limit)
                .time(time, sleeper)
                .random(new Random(1))
                .build();
    }
}
