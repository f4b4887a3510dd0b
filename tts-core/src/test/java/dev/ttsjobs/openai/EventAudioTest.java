package dev.ttsjobs.openai;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.speech.SpeechAudio;
import dev.ttsjobs.speech.SpeechAudio.TokenUsage;
import dev.ttsjobs.speech.SpeechException;
import dev.ttsjobs.speech.SpeechRequest;
import dev.ttsjobs.speech.SpeechSynthesizer.CallHandle;
import dev.ttsjobs.speech.Voice;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import okio.Buffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class EventAudioTest {

    private static final byte[] AUDIO = RawServer.audio(48_768);
    private static final String DONE = "{\"type\":\"speech.audio.done\",\"usage\":{\"input_tokens\":14,"
            + "\"output_tokens\":101,\"total_tokens\":115}}";

    private final MockWebServer server = new MockWebServer();

    @BeforeEach
    void start() throws IOException {
        server.start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n\n", "\r\n\r\n", "\n: still here\n\n", "\nevent: x\nid: 7\n\n"})
    void theAudioIsWholeAndTheUsageExact(String gap) throws Exception {
        enqueue(deltas(gap) + "data: " + DONE + gap);
        try (OpenAiSpeechSynthesizer speech = speech();
                SpeechAudio audio = speech.synthesize(request("gpt-4o-mini-tts"), new CallHandle())) {
            assertEquals(Optional.empty(), audio.usage());
            assertArrayEquals(AUDIO, audio.body().readAllBytes());
            assertEquals(-1, audio.body().read());
            assertEquals(Optional.of(new TokenUsage(14, 101)), audio.usage());
        }
        assertEquals(
                "sse",
                PublishedSchema.JSON
                        .readTree(server.takeRequest().getBody().utf8())
                        .path("stream_format")
                        .asText());
    }

    @Test
    void theConnectionIsReusedAfterTheLastEvent() throws Exception {
        try (OpenAiSpeechSynthesizer speech = speech()) {
            for (int i = 0; i < 2; i++) {
                enqueue(deltas("\n\n") + "data: " + DONE + "\n\ndata: [DONE]\n\n");
                try (SpeechAudio audio = speech.synthesize(request("gpt-4o-mini-tts"), new CallHandle())) {
                    assertEquals(AUDIO.length, audio.body().readAllBytes().length);
                }
                assertEquals(i, server.takeRequest().getExchangeIndex());
            }
        }
    }

    @Test
    void aServersOwnWordForUsageIsReadAndZerosAreNone() throws Exception {
        assertEquals(
                Optional.of(new TokenUsage(3, 4)),
                usageOf("{\"type\":\"speech.audio.done\",\"token_usage\":{\"input_tokens\":3,\"output_tokens\":4}}"));
        assertEquals(
                Optional.empty(),
                usageOf("{\"type\":\"speech.audio.done\",\"token_usage\":{\"input_tokens\":0,\"output_tokens\":0}}"));
        assertEquals(Optional.empty(), usageOf("{\"type\":\"speech.audio.done\"}"));
        assertEquals(
                Optional.empty(),
                usageOf("{\"type\":\"speech.audio.done\",\"usage\":{\"input_tokens\":-1,\"output_tokens\":9}}"));
    }

    @Test
    void audioWithoutItsLastEventIsNotWhole() {
        Failure failure = failureOf(deltas("\n\n"));

        assertEquals(FailureKind.TRANSPORT, failure.kind());
        assertEquals("stream_incomplete", failure.code());
        assertEquals("stream_incomplete", failureOf("").code());
        assertEquals("stream_incomplete", failureOf(": hello\n\n").code());
    }

    @Test
    void anEndWithoutAudioIsEmpty() {
        assertEquals("empty_audio", failureOf("data: " + DONE + "\n\n").code());
    }

    @Test
    void anErrorEventIsThatErrorBeforeTheAudioAndInIt() {
        String quota =
                "data: {\"type\":\"error\",\"error\":{\"message\":\"No credit\",\"code\":\"insufficient_quota\"}}\n\n";
        String fault = "data: {\"type\":\"error\",\"error\":\"engine failed\"}\n\n";

        assertEquals(FailureKind.QUOTA_EXHAUSTED, failureOf(quota).kind());
        assertEquals(
                FailureKind.QUOTA_EXHAUSTED, failureOf(deltas("\n\n") + quota).kind());
        assertEquals(FailureKind.SERVER, failureOf(deltas("\n\n") + fault).kind());
        assertEquals("HTTP 200 with an error: engine failed", failureOf(fault).message());
    }

    @Test
    void brokenEventsAreBadAudioAndAreNotQuoted() {
        for (String broken : new String[] {
            "data: {canary\n\n",
            "data: {\"type\":\"speech.audio.delta\",\"audio\":\"canary!\"}\n\n",
            "data: " + "canary".repeat(200_000) + "\n\n",
            "data: " + "canary".repeat(200_000),
        }) {
            Failure failure = failureOf(deltas("\n\n") + broken);

            assertEquals(FailureKind.BAD_AUDIO, failure.kind());
            assertEquals("bad_event", failure.code());
            assertFalse(failure.message().contains("canary"), failure.message());
        }
    }

    @Test
    void eventsOfNoKnownSortAreSkipped() throws Exception {
        enqueue("data: {\"type\":\"speech.audio.started\"}\n\ndata: 7\n\ndata:\n\n" + deltas("\n\n") + "data: " + DONE);
        try (OpenAiSpeechSynthesizer speech = speech();
                SpeechAudio audio = speech.synthesize(request("gpt-4o-mini-tts"), new CallHandle())) {
            assertArrayEquals(AUDIO, audio.body().readAllBytes());
        }
    }

    @Test
    void aFailureIsThrownAgainWhenReadingGoesOn() throws Exception {
        enqueue(deltas("\n\n"));
        try (OpenAiSpeechSynthesizer speech = speech();
                SpeechAudio audio = speech.synthesize(request("gpt-4o-mini-tts"), new CallHandle())) {
            assertThrows(SpeechException.class, () -> audio.body().readAllBytes());
            assertThrows(SpeechException.class, () -> audio.body().read());
        }
    }

    @Test
    void modelsThatCannotAreAskedForPlainAudio() throws Exception {
        for (String model : new String[] {"tts-1", "tts-1-hd", "tts-1-1106"}) {
            enqueuePlain();
            assertArrayEquals(AUDIO, readAll(model));
            assertFalse(PublishedSchema.JSON
                    .readTree(server.takeRequest().getBody().utf8())
                    .has("stream_format"));
        }
    }

    @Test
    void aServerThatSendsPlainAudioAllTheSameIsTakenAsItIs() throws Exception {
        enqueuePlain();

        assertArrayEquals(AUDIO, readAll("gpt-4o-mini-tts"));
    }

    @Test
    void eventsThatNobodyAskedForAreNotAudio() {
        enqueue(deltas("\n\n") + "data: " + DONE + "\n\n");
        SpeechException refused = assertThrows(SpeechException.class, () -> readAll("tts-1"));

        assertEquals("not_audio", refused.failure().code());
    }

    @Test
    void silenceBetweenEventsEnds() throws Exception {
        try (RawServer silent = new RawServer(exchange -> exchange.write(
                                "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + deltas("\n\n"))
                        .stall());
                OpenAiSpeechSynthesizer speech = OpenAiSpeechSynthesizer.builder()
                        .baseUrl(silent.baseUrl())
                        .verifyWithEvents(true)
                        .deadlines(OpenAiDeadlines.STANDARD.withIdle(Duration.ofMillis(150)))
                        .build();
                SpeechAudio audio = speech.synthesize(request("gpt-4o-mini-tts"), new CallHandle())) {
            SpeechException stall =
                    assertThrows(SpeechException.class, () -> audio.body().readAllBytes());

            assertEquals("stalled", stall.failure().code());
        }
    }

    private Optional<TokenUsage> usageOf(String done) throws IOException {
        enqueue(deltas("\n\n") + "data: " + done + "\n\n");
        try (OpenAiSpeechSynthesizer speech = speech();
                SpeechAudio audio = speech.synthesize(request("gpt-4o-mini-tts"), new CallHandle())) {
            audio.body().readAllBytes();
            return audio.usage();
        }
    }

    private Failure failureOf(String events) {
        enqueue(events);
        return assertThrows(SpeechException.class, () -> readAll("gpt-4o-mini-tts"))
                .failure();
    }

    private byte[] readAll(String model) throws IOException {
        try (OpenAiSpeechSynthesizer speech = speech();
                SpeechAudio audio = speech.synthesize(request(model), new CallHandle())) {
            return audio.body().readAllBytes();
        }
    }

    private OpenAiSpeechSynthesizer speech() {
        return OpenAiSpeechSynthesizer.builder()
                .baseUrl("http://127.0.0.1:" + server.getPort() + "/v1")
                .verifyWithEvents(true)
                .build();
    }

    private void enqueue(String events) {
        server.enqueue(new MockResponse.Builder()
                .setHeader("Content-Type", "text/event-stream; charset=utf-8")
                .chunkedBody(events, 1000)
                .build());
    }

    private void enqueuePlain() {
        server.enqueue(new MockResponse.Builder()
                .setHeader("Content-Type", "audio/mpeg")
                .body(new Buffer().write(AUDIO))
                .build());
    }

    private static SpeechRequest request(String model) {
        return new SpeechRequest("Bonjour", Voice.of("alloy").withModel(model));
    }

    /** The audio in pieces of 10,000 bytes, each in an event of its own. */
    private static String deltas(String gap) {
        StringBuilder events = new StringBuilder();
        for (int from = 0; from < AUDIO.length; from += 10_000) {
            byte[] piece = Arrays.copyOfRange(AUDIO, from, Math.min(AUDIO.length, from + 10_000));
            events.append("data: {\"type\":\"speech.audio.delta\",\"audio\":\"")
                    .append(Base64.getEncoder().encodeToString(piece))
                    .append("\"}")
                    .append(gap);
        }
        return events.toString();
    }
}
