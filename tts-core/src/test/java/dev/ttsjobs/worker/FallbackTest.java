package dev.ttsjobs.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.contract.Jobs;
import dev.ttsjobs.contract.RealTime;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.queue.JobQueue;
import dev.ttsjobs.speech.SpeechAudio;
import dev.ttsjobs.speech.SpeechRequest;
import dev.ttsjobs.speech.SpeechSynthesizer;
import dev.ttsjobs.speech.SpeechSynthesizer.CallHandle;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.testing.ScriptedSynthesizer;
import dev.ttsjobs.time.ManualTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Workers that stand in for others while their accounts are paused. */
class FallbackTest {

    private static final Failure QUOTA =
            Failure.of(FailureKind.QUOTA_EXHAUSTED, "insufficient_quota", "You exceeded your current quota.");

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final ManualTime time = new ManualTime();
    private final JobQueue queue = JobQueue.inMemory(time);
    private final AudioStorage storage = AudioStorage.inMemory();
    private final ScriptedSynthesizer first = new ScriptedSynthesizer();
    private final ScriptedSynthesizer second = new ScriptedSynthesizer();
    private final ScriptedSynthesizer third = new ScriptedSynthesizer();
    private final SpeechWorker main = builder(queue, first, "first").build();
    private final SpeechWorker standIn = builder(queue, second, "second")
            .limit(RateLimit.perMinute(60))
            .standsInFor(main)
            .build();
    private final SpeechWorker last =
            builder(queue, third, "third").standsInFor(main, standIn).build();

    @AfterEach
    void close() {
        storage.close();
        queue.close();
    }

    @Test
    void aStandInWorksWhileTheFirstAccountIsPausedAndNoLonger() throws Exception {
        JobId job = submit("one", "two", "three", "four");
        assertEquals(0, standIn.poll(), "nothing is paused");
        first.failNext(QUOTA);
        main.poll();
        assertEquals(1, first.calls().size());
        assertEquals(0, last.poll(), "the second account is not paused");

        Instant start = time.instant();
        assertEquals(3, standIn.poll());
        assertTrue(Duration.between(start, time.instant()).compareTo(Duration.ofSeconds(2)) >= 0, "by its own limit");
        time.advance(Duration.ofMinutes(1));
        assertEquals(1, main.poll(), "the probe works again, on the text that was refused");
        assertEquals(JobStatus.COMPLETED, queue.find(job).orElseThrow().status());
        submit("five");
        assertEquals(0, standIn.poll());
        assertEquals(1, main.poll());
        assertEquals(3, second.calls().size());
        assertEquals(0, third.calls().size());
    }

    @Test
    void theListIsTriedInItsOrderAndNothingIsBoughtTwice() throws Exception {
        JobId job = submit("one", "two", "three", "four");
        first.failNext(QUOTA);
        second.failNext(QUOTA);
        main.poll();
        standIn.poll();
        assertEquals(2, last.poll());
        time.advance(Duration.ofSeconds(61));
        // Whoever is asked first makes them; both accounts are probed.
        while (main.poll() + standIn.poll() + last.poll() > 0) {
            continue;
        }
        assertEquals(JobStatus.COMPLETED, queue.find(job).orElseThrow().status());
        assertEquals(
                2 + 4,
                first.calls().size() + second.calls().size() + third.calls().size());
        assertEquals(4, queue.find(job).orElseThrow().usage().billedClips());
    }

    @Test
    void aStandInIsOfTheSameFamilyAndQueueAndHasAnAccountOfItsOwn() {
        SpeechWorker.Builder same = builder(queue, second, "first").standsInFor(main);
        assertThrows(IllegalArgumentException.class, same::build);
        SpeechWorker.Builder elsewhere =
                builder(JobQueue.inMemory(time), second, "second").standsInFor(main);
        assertThrows(IllegalArgumentException.class, elsewhere::build);
        SpeechSynthesizer kokoro = new Account(second, "second", "kokoro");
        SpeechWorker.Builder other =
                SpeechWorker.builder(queue, storage, kokoro).standsInFor(main);
        assertTrue(assertThrows(IllegalArgumentException.class, other::build)
                .getMessage()
                .contains("kokoro"));
    }

    @Test
    void startedWorkersDoTheSame() throws Exception {
        first.failText("one", QUOTA);
        try (JobQueue real = JobQueue.inMemory(InstantSource.system());
                SpeechWorker one = started(real, first, "first").build();
                SpeechWorker two =
                        started(real, second, "second").standsInFor(one).build()) {
            one.start();
            two.start();
            for (int i = 0; i < 20; i++) {
                JobId job = real.submit(Jobs.of("ann").say("text " + i).build()).id();
                RealTime.await(
                        PATIENCE, () -> real.find(job).orElseThrow().status().hasEnded());
            }
            assertEquals(0, second.calls().size());

            real.submit(Jobs.of("ann").say("one").build());
            RealTime.await(PATIENCE, () -> !real.pauses().isEmpty());
            JobId job = real.submit(Jobs.of("ann").say("two", "three", "four").build())
                    .id();
            RealTime.await(PATIENCE, () -> real.find(job).orElseThrow().status().hasEnded());
            assertEquals(3, second.calls().size());
        }
    }

    private SpeechWorker.Builder started(JobQueue real, ScriptedSynthesizer provider, String account) {
        return SpeechWorker.builder(real, storage, new Account(provider, account, "openai"))
                .limit(RateLimit.UNLIMITED)
                .pollInterval(Duration.ofMillis(20));
    }

    private SpeechWorker.Builder builder(JobQueue on, ScriptedSynthesizer provider, String account) {
        return SpeechWorker.builder(on, storage, new Account(provider, account, "openai"))
                .limit(RateLimit.UNLIMITED)
                .random(new Random(account.hashCode()))
                .time(time, time);
    }

    private JobId submit(String... texts) {
        return queue.submit(Jobs.of("ann").say(texts).build()).id();
    }

    /** A provider under another name. */
    private record Account(ScriptedSynthesizer provider, String account, String family) implements SpeechSynthesizer {

        @Override
        public SpeechAudio synthesize(SpeechRequest request, CallHandle handle) {
            return provider.synthesize(request, handle);
        }
    }
}
