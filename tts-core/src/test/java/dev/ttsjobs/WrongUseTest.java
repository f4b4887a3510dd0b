package dev.ttsjobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobRequest;
import dev.ttsjobs.job.Phrase;
import dev.ttsjobs.openai.OpenAiSpeechSynthesizer;
import dev.ttsjobs.queue.JobStore.JobQuery;
import dev.ttsjobs.speech.Voice;
import dev.ttsjobs.speech.Voices;
import dev.ttsjobs.testing.TtsHarness;
import dev.ttsjobs.worker.SpeechWorker;
import java.sql.Connection;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a newcomer gets wrong is named at once, and not where it is used much later. */
@SuppressWarnings("NullAway")
class WrongUseTest {

    private final TtsHarness tts = TtsHarness.inMemory();

    @AfterEach
    void close() {
        tts.close();
    }

    @Test
    void aMissingArgumentIsNamedWhereItIsMissing() {
        Map<Executable, String> calls = new HashMap<>();
        SpeechJobs.Builder jobs = SpeechJobs.builder(tts.queue());
        calls.put(() -> jobs.voices(null), "voices");
        calls.put(() -> jobs.pronunciation(null), "rules");
        calls.put(() -> jobs.prices(null), "prices");
        calls.put(() -> jobs.limit(null), "limit");
        calls.put(() -> jobs.family(null), "family");
        calls.put(() -> jobs.clock(null), "clock");
        calls.put(() -> jobs.random(null), "random");
        SpeechWorker.Builder worker = SpeechWorker.builder(tts.queue(), tts.storage(), tts.synthesizer());
        calls.put(() -> worker.limit(null), "limit");
        calls.put(() -> worker.retry(null), "retry");
        calls.put(() -> worker.lease(null), "lease");
        calls.put(() -> worker.pollInterval(null), "interval");
        calls.put(() -> worker.listener(null), "listener");
        calls.put(() -> worker.random(null), "random");
        calls.put(() -> worker.time(null, tts.time()), "ticker");
        calls.put(() -> worker.time(tts.time(), null), "sleeper");
        calls.put(() -> worker.threads(null), "threads");
        calls.put(() -> tts.worker().close(null), "grace");
        calls.put(() -> OpenAiSpeechSynthesizer.builder().baseUrl(null), "baseUrl");
        calls.put(() -> tts.jobs().submit(null), "request");
        calls.put(() -> tts.jobs().submit(request(), (Connection) null), "connection");
        calls.put(() -> tts.jobs().find((JobId) null), "id");
        calls.put(() -> tts.jobs().results(null), "id");
        calls.put(() -> tts.jobs().cancel(null), "id");
        calls.put(() -> tts.jobs().retry(null), "id");
        calls.put(() -> tts.jobs().list(null), "query");
        calls.put(() -> tts.jobs().usage(null), "owner");
        calls.put(() -> tts.jobs().pause(null, "why"), "account");
        calls.put(() -> tts.jobs().pause("openai", null), "reason");
        calls.put(() -> tts.jobs().resume(null), "account");
        calls.put(() -> JobId.parse(null), "id");
        calls.put(() -> Phrase.of("1", "en", null), "the text for en");
        calls.put(() -> Phrase.of("1", null, "Hello"), "language");
        calls.put(() -> Phrase.of("1", "en", "Hello").and("fr", null), "the text for fr");
        calls.put(() -> new Phrase("1", Collections.singletonMap("en", null)), "the text for en");
        calls.put(() -> JobRequest.builder("alice").voice("en", null), "voice");
        calls.put(() -> JobRequest.builder("alice").voice(null, Voice.of("alloy")), "language");
        calls.put(() -> JobRequest.builder("alice").attribute("name", null), "value");
        calls.put(() -> JobRequest.builder("alice").maxCost(null), "usd");
        calls.put(() -> JobRequest.builder("alice").phrases(null), "phrases");
        calls.put(() -> Voice.of(null), "voice");
        calls.put(() -> Voices.standard().with("en", null), "voice");
        calls.put(() -> Voices.standard().with(null, Voice.of("alloy")), "language");

        calls.forEach((call, name) -> assertEquals(
                name, assertThrows(NullPointerException.class, call, name).getMessage()));
    }

    @Test
    void whoHasNoOwnerAtHandDoesNotSeeWhatIsEverybodys() {
        tts.jobs().submit(request());

        assertThrows(NullPointerException.class, () -> tts.jobs().audit(null, Long.MAX_VALUE, 10));
        assertThrows(NullPointerException.class, () -> JobQuery.ofOwner(null, 10));
    }

    @ParameterizedTest
    @ValueSource(strings = {"english", "en_US", "français", "e", "", "a phrase of its own"})
    void whatIsNoLanguageTagIsRefusedWhereverALanguageIsNamed(String tag) {
        Stream.<Executable>of(
                        () -> Phrase.of("1", tag, "Hello"),
                        () -> JobRequest.builder("alice").voice(tag, Voice.of("alloy")),
                        () -> Voices.standard().with(tag, Voice.of("alloy")))
                .forEach(call -> {
                    String message =
                            assertThrows(IllegalArgumentException.class, call).getMessage();
                    assertTrue(message.contains("such as en or pt-BR"), message);
                });
    }

    @Test
    void aWrongTagIsRepeatedWhenItIsPlain() {
        assertEquals(
                "not a language tag such as en or pt-BR: en_US",
                assertThrows(IllegalArgumentException.class, () -> Phrase.of("1", "en_US", "Hello"))
                        .getMessage());
        assertEquals(
                "not a language tag such as en or pt-BR",
                assertThrows(IllegalArgumentException.class, () -> Phrase.of("1", "en\n", "Hello"))
                        .getMessage());
    }

    @Test
    void aClosedWorkerSaysSo() {
        tts.worker().close(Duration.ZERO);

        assertEquals(
                "a worker is started once: this one was started or closed before, build another",
                assertThrows(IllegalStateException.class, tts.worker()::start).getMessage());
    }

    private static JobRequest request() {
        return JobRequest.builder("alice").phrase("1", "en", "Hello").build();
    }
}
