package dev.ttsjobs.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.ttsjobs.speech.SpeechAudio;
import dev.ttsjobs.speech.SpeechException;
import dev.ttsjobs.speech.SpeechRequest;
import dev.ttsjobs.speech.SpeechSynthesizer.CallHandle;
import dev.ttsjobs.speech.Voice;
import dev.ttsjobs.testing.FakeProvider;
import dev.ttsjobs.testing.FakeProvider.Answer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import okhttp3.ConnectionPool;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;

/** However an answer ends that nobody reads to its end: its connection is let go of, and not missing ever after. */
class HeldConnectionsTest {

    private static final String LONG = "x".repeat(1 << 20);

    /** With room for all, and for long: otherwise it drops idle ones by a thread of its own, between two looks. */
    private final ConnectionPool pool = new ConnectionPool(100, 1, TimeUnit.HOURS);

    private final OkHttpClient client =
            new OkHttpClient.Builder().connectionPool(pool).build();

    private static SpeechRequest request() {
        return new SpeechRequest("A sentence of some length, as they are in books.", Voice.of("alloy"));
    }

    private OpenAiSpeechSynthesizer speech(FakeProvider provider) {
        return OpenAiSpeechSynthesizer.builder()
                .baseUrl(provider.baseUrl())
                .httpClient(client)
                .build();
    }

    private void assertNoneIsHeld() {
        assertEquals(pool.idleConnectionCount(), pool.connectionCount());
    }

    @Test
    void noneIsHeldByAnAnswerThatIsNoAudio() throws Exception {
        for (Answer answer : List.of(
                Answer.of(500, "application/json", LONG),
                Answer.of(401, "text/plain", LONG),
                Answer.of(302, "text/html", LONG),
                Answer.of(200, "text/html", LONG),
                Answer.of(200, "audio/mpeg", "<html>" + LONG),
                Answer.empty())) {
            try (FakeProvider provider = FakeProvider.start().answerAll(answer);
                    OpenAiSpeechSynthesizer speech = speech(provider)) {
                assertThrows(SpeechException.class, () -> speech.synthesize(request(), new CallHandle()));
                assertNoneIsHeld();
            }
        }
    }

    @Test
    void noneIsHeldByAudioThatIsNotReadOn() throws Exception {
        try (FakeProvider provider = FakeProvider.start();
                OpenAiSpeechSynthesizer speech = speech(provider)) {
            CallHandle handle = new CallHandle();
            for (int i = 0; i < 3; i++) {
                try (SpeechAudio audio = speech.synthesize(request(), handle)) {
                    audio.body().read();
                }
                assertNoneIsHeld();
            }
            SpeechAudio cut = speech.synthesize(request(), handle);
            handle.abort();
            assertThrows(SpeechException.class, () -> cut.body().readAllBytes());
            cut.close();
            assertNoneIsHeld();
        }
    }
}
