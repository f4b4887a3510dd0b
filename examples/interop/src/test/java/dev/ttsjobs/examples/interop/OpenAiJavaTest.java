package dev.ttsjobs.examples.interop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.HttpResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.InternalServerException;
import com.openai.errors.RateLimitException;
import com.openai.errors.UnauthorizedException;
import com.openai.models.audio.speech.SpeechCreateParams;
import dev.ttsjobs.audio.AudioFacts;
import dev.ttsjobs.audio.AudioInspector;
import dev.ttsjobs.speech.AudioFormat;
import dev.ttsjobs.testing.FakeProvider;
import dev.ttsjobs.testing.FakeProvider.Answer;
import dev.ttsjobs.testing.FakeProvider.Call;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The provider's own Java client, unchanged, takes the fake provider for the real one. */
class OpenAiJavaTest {

    private static final String KEY = "sk-interop";
    private static final String MODEL = "gpt-4o-mini-tts";

    private final FakeProvider provider = FakeProvider.start().requireKey(KEY);
    private final List<OpenAIClient> clients = new ArrayList<>();
    private final OpenAIClient client = client(KEY, 0);

    @AfterEach
    void stop() {
        clients.forEach(OpenAIClient::close);
        provider.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"mp3", "wav", "pcm"})
    void itSpeaksWhatIsAskedFor(String format) throws Exception {
        byte[] audio = speak(
                client,
                speech("Ça va ? 你好 👋")
                        .model(MODEL)
                        .voice("marin")
                        .instructions("Softly.")
                        .speed(1.25)
                        .responseFormat(SpeechCreateParams.ResponseFormat.of(format))
                        .build());

        AudioFacts facts = AudioInspector.inspect(new ByteArrayInputStream(audio), AudioFormat.of(format));
        assertTrue(facts.duration().toMillis() > 500, facts.toString());
        Call call = provider.calls().get(0);
        assertEquals(
                List.of("Ça va ? 你好 👋", MODEL, "marin", format, 200),
                List.of(call.text(), call.model(), call.voice(), call.format(), call.status()));
        assertTrue(call.json().contains("\"instructions\":\"Softly.\""), call.json());
    }

    @Test
    void aCustomVoiceIsNamedByItsId() throws Exception {
        speak(
                client,
                speech("Hello")
                        .voice(SpeechCreateParams.Voice.ofId(SpeechCreateParams.Voice.Id.builder()
                                .id("voice_1234")
                                .build()))
                        .build());

        assertEquals("voice_1234", provider.calls().get(0).voice());
    }

    @Test
    void eventsEndWithTheUsage() throws Exception {
        String events = new String(
                speak(
                        client,
                        speech("Hello")
                                .streamFormat(SpeechCreateParams.StreamFormat.SSE)
                                .build()),
                StandardCharsets.UTF_8);

        assertTrue(events.contains("speech.audio.delta"), events);
        assertTrue(events.contains("speech.audio.done"), events);
    }

    @Test
    void refusalsAreWhatItKnowsThemAs() throws Exception {
        OpenAIClient stranger = client("sk-other", 0);
        assertEquals(
                "invalid_api_key",
                assertThrows(
                                UnauthorizedException.class,
                                () -> speak(stranger, speech("Hello").build()))
                        .code()
                        .orElseThrow());
        provider.answerNext(Answer.outOfCredit(), Answer.rejected("invalid_value", "No."), Answer.serverError());
        assertEquals(
                "insufficient_quota",
                assertThrows(
                                RateLimitException.class,
                                () -> speak(client, speech("Hello").build()))
                        .code()
                        .orElseThrow());
        assertEquals(
                "invalid_value",
                assertThrows(
                                BadRequestException.class,
                                () -> speak(client, speech("Hello").build()))
                        .code()
                        .orElseThrow());
        assertThrows(
                InternalServerException.class,
                () -> speak(client, speech("Hello").build()));
        assertEquals(
                "string_above_max_length",
                assertThrows(
                                BadRequestException.class,
                                () -> speak(client, speech("x".repeat(4097)).build()))
                        .code()
                        .orElseThrow());
    }

    @Test
    void itComesAgainWhenItIsToldTo() throws Exception {
        byte[] file = "ID3 not really".getBytes(StandardCharsets.US_ASCII);
        provider.answerNext(Answer.rateLimited(Duration.ofSeconds(1)), Answer.unavailable(), Answer.audio(file));
        OpenAIClient patient = client(KEY, 2);
        assertArrayEquals(file, speak(patient, speech("Hello").build()));

        assertEquals(
                List.of(429, 503, 200),
                provider.calls().stream().map(Call::status).toList());
        assertTrue(Duration.between(
                                provider.calls().get(0).at(),
                                provider.calls().get(1).at())
                        .toMillis()
                >= 900);
    }

    private OpenAIClient client(String key, int retries) {
        OpenAIClient made = OpenAIOkHttpClient.builder()
                .baseUrl(provider.baseUrl())
                .apiKey(key)
                .maxRetries(retries)
                .build();
        clients.add(made);
        return made;
    }

    private static SpeechCreateParams.Builder speech(String text) {
        return SpeechCreateParams.builder().model(MODEL).voice("alloy").input(text);
    }

    private static byte[] speak(OpenAIClient client, SpeechCreateParams params) throws Exception {
        try (HttpResponse response = client.audio().speech().create(params);
                InputStream body = response.body()) {
            return body.readAllBytes();
        }
    }
}
