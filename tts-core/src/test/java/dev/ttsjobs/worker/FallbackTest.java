package dev.ttsjobs.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.contract.Jobs;
import dev.ttsjobs.contract.RealTime;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.job.PhraseResult;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.queue.JobQueue;
import dev.ttsjobs.queue.JobStore.Submission;
import dev.ttsjobs.speech.AudioFormat;
import dev.ttsjobs.speech.SpeechAudio;
import dev.ttsjobs.speech.SpeechRequest;
import dev.ttsjobs.speech.SpeechSynthesizer;
import dev.ttsjobs.speech.SpeechSynthesizer.CallHandle;
import dev.ttsjobs.speech.Voice;
import dev.ttsjobs.storage.AudioName;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.testing.ScriptedSynthesizer;
import dev.ttsjobs.time.ManualTime;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Workers that stand in for others while their accounts are paused. */
class FallbackTest {

    private static final Failure QUOTA =
            Failure.of(FailureKind.QUOTA_EXHAUSTED, "insufficient_quota", "You exceeded your current quota.");

    private static final Voice KOKORO = Voice.of("af_heart").withModel("kokoro");
    private static final Voice PIPER = Voice.of("amy").withModel("piper");
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final ManualTime time = new ManualTime();
    private final JobQueue queue = JobQueue.inMemory(time);
    private final AudioStorage storage = AudioStorage.inMemory();
    private final ScriptedSynthesizer first = new ScriptedSynthesizer();
    private final ScriptedSynthesizer second = new ScriptedSynthesizer();
    private final ScriptedSynthesizer third = new ScriptedSynthesizer();
    private final ScriptedSynthesizer fourth = new ScriptedSynthesizer();
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
        SpeechWorker.Builder other = builder(queue, second, "second", "kokoro").standsInFor(main);
        assertTrue(assertThrows(IllegalArgumentException.class, other::build)
                .getMessage()
                .contains("kokoro"));
        SpeechWorker.Builder needless =
                builder(queue, second, "second").standsInFor(main).voices(Optional::of);
        assertThrows(IllegalArgumentException.class, needless::build);
    }

    @Test
    void anotherFamilySpeaksWithItsOwnVoicesUnderItsOwnKeys() throws Exception {
        SpeechWorker kokoro = kokoro(main);
        JobId job = submit("one", "two", "three");
        first.failNext(QUOTA);
        main.poll();
        assertEquals(QUOTA, waitsFor(job));
        assertEquals(2, kokoro.poll());
        time.advance(Duration.ofSeconds(61));
        main.poll();
        assertEquals(JobStatus.COMPLETED, queue.find(job).orElseThrow().status());

        assertEquals(Jobs.clip("one").key(), spoken(job, 0), "it was the probe");
        for (int i = 1; i < 3; i++) {
            SpeechRequest call = second.calls().get(i - 1);
            assertEquals(KOKORO, call.voice());
            assertEquals(ClipKey.of("kokoro", KOKORO, call.text()), spoken(job, i));
        }
        assertEquals(3, queue.find(job).orElseThrow().usage().billedClips());
        AudioName unsaid = AudioName.of(Jobs.clip("two").key().hex(), AudioFormat.MP3);
        assertEquals(
                OptionalLong.empty(),
                storage.find(unsaid),
                "what another said is not stored under the first one's key");

        JobId later = submit("two");
        main.poll();
        assertEquals(Jobs.clip("two").key(), spoken(later, 0), "new jobs are spoken by the first family");
        assertEquals(2, second.calls().size());
    }

    @Test
    void aFamilyThatWasNamedAtTheWorkerAloneDoesNotSpeakUnderTheDefaultOnesKeys() throws Exception {
        SpeechWorker kokoro = builder(queue, second, "second", "kokoro").build();
        JobId job = submit("one", "two");
        kokoro.poll();
        time.advance(Duration.ofMinutes(2));
        kokoro.poll();
        time.advance(Duration.ofMinutes(2));
        assertEquals(2, main.poll());
        assertEquals(JobStatus.COMPLETED, queue.find(job).orElseThrow().status());
        assertEquals(0, second.calls().size());
    }

    @Test
    void whatWasSpokenForOneIsFoundForTheNext() throws Exception {
        SpeechWorker kokoro = kokoro(main);
        queue.pause("first", "the invoice is being looked at");
        submit("one");
        kokoro.poll();
        JobId second = submit("one");
        kokoro.poll();
        assertEquals(JobStatus.COMPLETED, queue.find(second).orElseThrow().status());
        assertEquals(1, this.second.calls().size());
        assertEquals(0, queue.find(second).orElseThrow().usage().billedClips());
    }

    @Test
    void theListGoesOnToAnotherFamilyAndNeverBack() throws Exception {
        SpeechWorker kokoro = kokoro(main, standIn);
        SpeechWorker piper = builder(queue, third, "third", "piper")
                .standsInFor(main, standIn, kokoro)
                .voices(voice -> Optional.of(PIPER))
                .build();
        JobId job = submit("one", "two", "three", "four");
        queue.pause("first", "by hand");
        assertEquals(0, kokoro.poll(), "another of the same family is there");
        queue.pause("second", "by hand");
        fourth.failNext(QUOTA);
        assertEquals(0, piper.poll());
        kokoro.poll();
        assertEquals(3, piper.poll());
        queue.resume("first");
        time.advance(Duration.ofMinutes(2));
        main.poll();
        assertEquals(JobStatus.COMPLETED, queue.find(job).orElseThrow().status());
        assertEquals(
                Jobs.clip("one").key(),
                spoken(job, 0),
                "what nobody could say in its place is said as it was asked for");
        assertEquals(ClipKey.of("piper", PIPER, "two"), spoken(job, 1));
    }

    @Test
    void aStandInLeavesWhatItCannotSay() throws Exception {
        SpeechWorker kokoro = kokoro(main);
        Voice verse = Voice.of("verse");
        String tooLong = "あ".repeat(3_000);
        Voice terse = Voice.of("terse").withInstructions("be brief");
        Submission job = Jobs.of("ann")
                .say(Jobs.joined("Half.", "Other half."))
                .say(Clip.spoken("openai", verse, "no voice"))
                .say(Clip.spoken("openai", Voice.of("broken"), "a voice that throws"))
                .say(Clip.spoken("openai", terse.withModel("tts-1"), tooLong))
                .say("one")
                .build();
        queue.submit(job);
        queue.pause("first", "by hand");
        kokoro.poll();
        assertEquals(1, second.calls().size());
        assertEquals(1, queue.find(job.id()).orElseThrow().progress().processed());
        assertNotNull(waitsFor(job.id()), "the rest waits");
        assertEquals(0, kokoro.poll(), "and is not looked at all the time");

        queue.resume("first");
        time.advance(Duration.ofSeconds(30));
        while (main.poll() > 0) {
            continue;
        }
        assertEquals(JobStatus.COMPLETED, queue.find(job.id()).orElseThrow().status());
        assertEquals(Jobs.joined("Half.", "Other half.").key(), spoken(job.id(), 0));
        assertEquals(1, second.calls().size());
    }

    @Test
    void whatTheOtherRefusesWaitsForItsOwnAccount() throws Exception {
        SpeechWorker kokoro = kokoro(main);
        JobId job = submit("one");
        queue.pause("first", "by hand");
        second.failNext(Failure.of(FailureKind.REJECTED, "model_not_found", "The model does not exist"));
        kokoro.poll();
        time.advance(Duration.ofMinutes(1));
        kokoro.poll();
        assertEquals(1, second.calls().size(), "it is asked once");
        assertEquals(0, queue.find(job).orElseThrow().progress().processed());
        queue.resume("first");
        time.advance(Duration.ofMinutes(1));
        main.poll();
        assertEquals(Jobs.clip("one").key(), spoken(job, 0));
    }

    @Test
    void theClipsOwnAudioComesFirst() throws Exception {
        SpeechWorker kokoro = kokoro(main);
        JobId job = submit("one");
        Clip own = Jobs.clip("one");
        main.poll();
        // The first worker had stored it, and died before it could say so.
        JobId again = submit("two");
        store(Jobs.clip("two"), own);
        queue.pause("first", "by hand");
        kokoro.poll();
        time.advance(Duration.ofSeconds(1));
        kokoro.poll();
        assertEquals(JobStatus.COMPLETED, queue.find(job).orElseThrow().status());
        assertEquals(Jobs.clip("two").key(), spoken(again, 0));
        assertEquals(0, second.calls().size());
    }

    @Test
    void nobodySpeaksWhatIsAnotherFamilys() throws Exception {
        kokoro(main);
        JobId job = queue.submit(Jobs.of("ann")
                        .say(Clip.spoken("kokoro", KOKORO, "one"))
                        .say("two")
                        .build())
                .id();
        main.poll();
        assertEquals(
                List.of("two"), first.calls().stream().map(SpeechRequest::text).toList());
        assertEquals(1, queue.find(job).orElseThrow().progress().processed());
    }

    private Failure waitsFor(JobId job) {
        Job.WaitingFor waiting = queue.find(job).orElseThrow().progress().waitingFor();
        return waiting == null ? null : waiting.failure();
    }

    private SpeechWorker kokoro(SpeechWorker... before) {
        ScriptedSynthesizer provider = before.length > 1 ? fourth : second;
        return builder(queue, provider, "kokoro", "kokoro")
                .standsInFor(before)
                .voices(voice -> switch (voice.name()) {
                    case "verse" -> Optional.empty();
                    case "broken" -> throw new IllegalStateException("no such voice");
                    default -> Optional.of(KOKORO);
                })
                .build();
    }

    private ClipKey spoken(JobId job, int phrase) {
        PhraseResult.Side side = queue.results(job, phrase, 1).get(0).sides().get("en");
        return new ClipKey(side.audio().name().value().substring(3, 67));
    }

    private void store(Clip as, Clip from) throws IOException {
        Path file = Files.createTempFile(storage.spoolDirectory(), "copy-", ".mp3");
        try (InputStream in = storage.open(AudioName.of(from.key().hex(), AudioFormat.MP3))) {
            Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
        }
        storage.put(AudioName.of(as.key().hex(), AudioFormat.MP3), file);
    }

    @Test
    void aStartedStandInBeginsAtOnce() throws Exception {
        List.of("one", "two", "three", "four").forEach(text -> first.failText(text, QUOTA));
        try (JobQueue real = JobQueue.inMemory(InstantSource.system());
                SpeechWorker one = started(real, first, "first").build();
                SpeechWorker two = SpeechWorker.builder(real, storage, new Account(second, "second", "kokoro"))
                        .pollInterval(Duration.ofHours(1))
                        .limit(RateLimit.UNLIMITED)
                        .standsInFor(one)
                        .voices(voice -> Optional.of(KOKORO))
                        .build()) {
            one.start();
            two.start();
            JobId job = real.submit(
                            Jobs.of("ann").say("one", "two", "three", "four").build())
                    .id();
            RealTime.await(
                    PATIENCE, () -> real.find(job).orElseThrow().progress().processed() == 3);
            assertEquals(3, second.calls().size());
        }
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
        return builder(on, provider, account, "openai");
    }

    private SpeechWorker.Builder builder(JobQueue on, ScriptedSynthesizer provider, String account, String family) {
        return SpeechWorker.builder(on, storage, new Account(provider, account, family))
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
