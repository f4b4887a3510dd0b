package dev.ttsjobs.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.contract.Jobs;
import dev.ttsjobs.event.JobListener;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a host's metrics hear of a worker beside what comes of its clips. */
class WorkerListenerTest {

    private final ManualTime time = new ManualTime();
    private final JobQueue queue = JobQueue.inMemory(time);
    private final AudioStorage storage = AudioStorage.inMemory();
    private final Heard heard = new Heard();

    private static final class Heard implements JobListener {

        private final List<Duration> waits = new ArrayList<>();
        private final List<ClipKey> lost = new ArrayList<>();
        private final List<ClipKey> made = new ArrayList<>();

        @Override
        public void callWaits(Duration wait) {
            waits.add(wait);
        }

        @Override
        public void leaseLost(ClipKey key) {
            lost.add(key);
        }

        @Override
        public void clipMade(ClipKey key, boolean paid) {
            made.add(key);
        }
    }

    @AfterEach
    void close() {
        storage.close();
    }

    @Test
    void each_call_waits_for_its_slot_and_says_how_long() throws Exception {
        queue.submit(Jobs.of("ann").say("one", "two", "three").build());
        worker(new ScriptedSynthesizer(), RateLimit.perMinute(60)).poll();
        assertEquals(
                List.of(0L, 1L, 1L),
                heard.waits.stream()
                        .map(wait -> Math.round(wait.toMillis() / 1000.0))
                        .toList());
    }

    @Test
    void a_clip_that_went_to_another_worker_during_the_call_is_said_to_be_lost() throws Exception {
        queue.submit(Jobs.of("ann").say("one").build());
        SpeechSynthesizer slow = new SpeechSynthesizer() {
            private final ScriptedSynthesizer voice = new ScriptedSynthesizer();

            @Override
            public SpeechAudio synthesize(SpeechRequest request, CallHandle handle) {
                if (voice.calls().isEmpty()) {
                    // Longer than the lease, and others look for the dead meanwhile.
                    time.advance(Duration.ofSeconds(30));
                    queue.rescue(Duration.ofSeconds(10));
                    time.advance(Duration.ofSeconds(10));
                    queue.rescue(Duration.ofSeconds(10));
                }
                return voice.synthesize(request, handle);
            }

            @Override
            public String account() {
                return voice.account();
            }

            @Override
            public String family() {
                return voice.family();
            }
        };
        worker(slow, RateLimit.UNLIMITED).poll();
        assertEquals(List.of(Jobs.clip("one").key()), heard.lost);
        // The audio was kept: whoever has the clip next finds it.
        assertEquals(List.of(Jobs.clip("one").key()), heard.made);
    }

    private SpeechWorker worker(SpeechSynthesizer synthesizer, RateLimit limit) {
        return SpeechWorker.builder(queue, storage, synthesizer)
                .limit(limit)
                .time(time, time)
                .random(new Random(1))
                .listener(heard)
                .build();
    }
}
