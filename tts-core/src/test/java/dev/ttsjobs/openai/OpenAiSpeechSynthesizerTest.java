package dev.ttsjobs.openai;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.speech.AudioFormat;
import dev.ttsjobs.speech.ProviderHints;
import dev.ttsjobs.speech.SpeechAudio;
import dev.ttsjobs.speech.SpeechException;
import dev.ttsjobs.speech.SpeechRequest;
import dev.ttsjobs.speech.SpeechSynthesizer.CallHandle;
import dev.ttsjobs.speech.Voice;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.SocketEffect;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okio.Buffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class OpenAiSpeechSynthesizerTest {

    private static final String CANARY = "sk-canary-0123456789abcdef";
    private static final byte[] AUDIO = RawServer.audio(48_768);

    private final MockWebServer server = new MockWebServer();

    @BeforeEach
    void start() throws IOException {
        server.start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void theAudioArrivesByteForByteWithWhatTheHeadersSay() throws Exception {
        server.enqueue(audio().setHeader("x-ratelimit-limit-requests", "500")
                .setHeader("x-ratelimit-remaining-requests", "499")
                .setHeader("x-request-id", "req_1")
                .build());
        try (OpenAiSpeechSynthesizer speech = speech().build();
                SpeechAudio audio = speech.synthesize(request(Voice.of("alloy")), new CallHandle())) {
            assertArrayEquals(AUDIO, audio.body().readAllBytes());
            assertEquals(-1, audio.body().read());
            assertEquals(new ProviderHints(500L, 499L, null, null, "req_1"), audio.hints());
        }
    }

    @ParameterizedTest
    @EnumSource(AudioFormat.class)
    void everyRequestFitsThePublishedSchema(AudioFormat format) throws Exception {
        PublishedSchema schema = PublishedSchema.load();
        for (Voice voice : List.of(
                Voice.of("marin").withFormat(format),
                Voice.of("voice_1234").withFormat(format).withSpeed(0.25),
                Voice.of("nova").withFormat(format).withSpeed(4).withInstructions("Speak like a pirate."),
                Voice.of("fable").withModel("tts-1-hd").withFormat(format).withInstructions("In vain."))) {
            JsonNode sent = sentFor(new SpeechRequest("Ça va ? 你好 👋", voice));

            assertEquals(List.of(), schema.problems(sent));
            assertEquals(format.wireName(), sent.get("response_format").asText());
            assertEquals("Ça va ? 你好 👋", sent.get("input").asText());
        }
    }

    @Test
    void theSchemaCheckFindsWhatIsWrong() throws Exception {
        PublishedSchema schema = PublishedSchema.load();

        for (String wrong : List.of(
                "{\"model\":\"m\",\"input\":\"i\"}",
                "{\"model\":\"m\",\"input\":\"i\",\"voice\":\"v\",\"seed\":1}",
                "{\"model\":\"m\",\"input\":\"i\",\"voice\":null}",
                "{\"model\":\"m\",\"input\":\"i\",\"voice\":{\"name\":\"v\"}}",
                "{\"model\":\"m\",\"input\":\"i\",\"voice\":\"v\",\"speed\":5}",
                "{\"model\":\"m\",\"input\":\"i\",\"voice\":\"v\",\"instructions\":null}",
                "{\"model\":\"m\",\"input\":\"i\",\"voice\":\"v\",\"response_format\":\"ogg\"}")) {
            assertFalse(schema.problems(PublishedSchema.JSON.readTree(wrong)).isEmpty(), wrong);
        }
    }

    @Test
    void onlyWhatDiffersFromTheDefaultsIsSent() throws Exception {
        assertEquals(
                PublishedSchema.JSON.readTree("{\"model\":\"gpt-4o-mini-tts\",\"input\":\"Bonjour\","
                        + "\"voice\":\"alloy\",\"response_format\":\"mp3\"}"),
                sentFor(request(Voice.of("alloy"))));
        assertEquals(
                PublishedSchema.JSON.readTree("{\"model\":\"kokoro\",\"input\":\"Bonjour\","
                        + "\"voice\":{\"id\":\"voice_1\"},\"response_format\":\"wav\",\"speed\":1.5,"
                        + "\"instructions\":\"Softly.\"}"),
                sentFor(request(new Voice("kokoro", "voice_1", "Softly.", 1.5, AudioFormat.WAV))));
    }

    @Test
    void instructionsAreNotSentToModelsThatDoNotListen() throws Exception {
        assertFalse(sentFor(request(Voice.of("alloy").withModel("tts-1").withInstructions("Softly.")))
                .has("instructions"));
    }

    @Test
    void theHeadersNameTheKeyAndTheClient() throws Exception {
        server.enqueue(audio().build());
        call(speech().apiKey(CANARY).organization("org-1").project("proj_1"));
        RecordedRequest sent = server.takeRequest();

        assertEquals("POST", sent.getMethod());
        assertEquals("Bearer " + CANARY, sent.getHeaders().get("Authorization"));
        assertEquals("org-1", sent.getHeaders().get("OpenAI-Organization"));
        assertEquals("proj_1", sent.getHeaders().get("OpenAI-Project"));
        assertEquals("application/json", sent.getHeaders().get("Content-Type"));
        assertEquals("tts-jobs", sent.getHeaders().get("User-Agent"));
        assertEquals("identity", sent.getHeaders().get("Accept-Encoding"));
    }

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(strings = " ")
    void withoutAKeyThereIsNoAuthorizationHeader(String key) throws Exception {
        server.enqueue(audio().build());
        call(speech().apiKey(key));

        assertNull(server.takeRequest().getHeaders().get("Authorization"));
    }

    @ParameterizedTest
    @CsvSource({
        "'', /audio/speech",
        "/, /audio/speech",
        "/v1, /v1/audio/speech",
        "/v1/, /v1/audio/speech",
        "/v1//, /v1/audio/speech",
        "/proxy/openai/v1, /proxy/openai/v1/audio/speech",
        "/a%20b/v1, /a%20b/v1/audio/speech",
    })
    void thePrefixOfTheBaseUrlIsKept(String prefix, String target) throws Exception {
        server.enqueue(audio().build());
        call(OpenAiSpeechSynthesizer.builder().baseUrl("http://127.0.0.1:" + server.getPort() + prefix));

        assertEquals(target, server.takeRequest().getTarget());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "localhost:8080/v1",
                "ftp://example.org/v1",
                "file:///etc",
                "/v1",
                "https://",
                "https://user:canary@example.org/v1",
                "https://canary@example.org/v1",
                "https://example.org/v1?key=canary",
                "https://example.org/v1#canary",
                "https://example.org/v1/audio/speech",
                "https://example.org/v1/audio/speech/"
            })
    void aBaseUrlThatCannotBeMeantIsRefused(String url) {
        OpenAiSpeechSynthesizer.Builder builder = OpenAiSpeechSynthesizer.builder();
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> builder.baseUrl(url));

        assertTrue(refused.getMessage().startsWith("the base URL must"), refused.getMessage());
        assertFalse(refused.getMessage().contains("canary"), refused.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"canary\r\nX-Evil: 1", "canary\n", "canary key", "canary\u0000", "canáry", "\tcanary"})
    void aKeyThatCannotStandInAHeaderIsRefusedAndNotShown(String key) {
        OpenAiSpeechSynthesizer.Builder builder = OpenAiSpeechSynthesizer.builder();
        for (IllegalArgumentException refused : List.of(
                assertThrows(IllegalArgumentException.class, () -> builder.apiKey(key)),
                assertThrows(IllegalArgumentException.class, () -> builder.organization(key)),
                assertThrows(IllegalArgumentException.class, () -> builder.project(key)))) {
            assertFalse(refused.getMessage().contains("can"), refused.getMessage());
        }
    }

    @Test
    void nothingPrintsTheKey() {
        OpenAiSpeechSynthesizer.Builder builder = speech().apiKey(CANARY);
        try (OpenAiSpeechSynthesizer speech = builder.build()) {
            assertEquals("***", ApiKey.of(CANARY).toString());
            for (Object shown : List.of(builder, speech, speech.account(), speech.family())) {
                assertFalse(shown.toString().contains("canary"), shown.toString());
            }
        }
    }

    @Test
    void anExceptionOfAnyDepthDoesNotHoldTheKeyOrTheText() throws Exception {
        server.enqueue(new MockResponse.Builder()
                .code(401)
                .body("{\"error\":{\"message\":\"" + CANARY + " may not say Bonjour\",\"code\":\"invalid_api_key\"}}")
                .build());
        SpeechException refused = assertThrows(SpeechException.class, () -> call(speech().apiKey(CANARY)));

        assertEquals(FailureKind.KEY_REFUSED, refused.failure().kind());
        for (Throwable t = refused; t != null; t = t.getCause()) {
            assertFalse(t.toString().contains("canary"), t.toString());
            assertFalse(t.toString().contains("Bonjour"), t.toString());
        }
    }

    @Test
    void halfASurrogatePairIsRefusedBeforeAnythingIsSent() {
        SpeechRequest broken = new SpeechRequest("canary \ud83d", Voice.of("alloy"));
        try (OpenAiSpeechSynthesizer speech = speech().build()) {
            SpeechException refused =
                    assertThrows(SpeechException.class, () -> speech.synthesize(broken, new CallHandle()));

            assertEquals(FailureKind.REJECTED, refused.failure().kind());
            assertEquals("text_not_unicode", refused.failure().code());
            assertNull(refused.getCause());
            assertEquals(0, server.getRequestCount());
        }
    }

    @Test
    void theAccountIsStableAndTellsPursesApart() {
        String account = account("https://api.openai.com/v1", "key-one", null);

        // Stored in databases: must not change from one version to the next.
        assertEquals("openai:api.openai.com:e6ad20e43bc1", account);
        assertEquals(account, account("https://API.openai.com:443/v1/", "key-one", null));
        assertNotEquals(account, account("https://api.openai.com/v1", "key-two", null));
        assertNotEquals(account, account("https://api.openai.com/v1", "key-one", "proj_1"));
        assertNotEquals(account, account("https://api.openai.com/v2", "key-one", null));
        assertTrue(account("http://localhost:8880/v1", null, null).startsWith("openai:localhost:8880:"));
        assertTrue(account("http://[::1]:8880/v1", null, null).matches("[A-Za-z0-9._:/-]{1,100}"));
        assertTrue(account("http://" + "a".repeat(60) + "." + "b".repeat(60) + ".org:65535/v1", null, null)
                .matches("[A-Za-z0-9._:/-]{1,100}"));
    }

    @Test
    void theFamilyIsTheProvidersUnlessNamed() {
        try (OpenAiSpeechSynthesizer openai = speech().build();
                OpenAiSpeechSynthesizer kokoro = speech().family("kokoro").build()) {
            assertEquals("openai", openai.family());
            assertEquals("kokoro", kokoro.family());
        }
        assertThrows(IllegalArgumentException.class, () -> speech().family("Two Words"));
        assertThrows(IllegalArgumentException.class, () -> speech().family(""));
    }

    @Test
    void deadlinesThatCannotBeMeantAreRefused() {
        OpenAiDeadlines standard = OpenAiDeadlines.STANDARD;

        assertThrows(IllegalArgumentException.class, () -> standard.withConnect(Duration.ZERO));
        assertThrows(IllegalArgumentException.class, () -> standard.withFirstByte(Duration.ofSeconds(-1)));
        assertThrows(IllegalArgumentException.class, () -> standard.withIdle(Duration.ofDays(2)));
        assertThrows(IllegalArgumentException.class, () -> standard.withTotal(Duration.ZERO));
        assertThrows(IllegalArgumentException.class, () -> standard.withPerCharacter(Duration.ofMillis(-1)));
        assertEquals(Duration.ofMillis(192_400), standard.totalFor(4096));
    }

    @Test
    void theCapGrowsWithTheTextTheFormatAndASlowVoice() {
        Voice voice = Voice.of("alloy");

        assertEquals(8L << 20, AudioBody.limitFor(new SpeechRequest("", voice)));
        assertEquals((8L << 20) + 4096 * (16L << 10), AudioBody.limitFor(new SpeechRequest("x".repeat(4096), voice)));
        assertEquals(
                (8L << 20) + 4 * (64L << 10),
                AudioBody.limitFor(new SpeechRequest("xxxx", voice.withFormat(AudioFormat.WAV))));
        assertEquals(
                (8L << 20) + 16 * (16L << 10), AudioBody.limitFor(new SpeechRequest("xxxx", voice.withSpeed(0.25))));
    }

    @Test
    void sixtyFourCallersReuseTheirConnections() throws Exception {
        int callers = 64;
        for (int i = 0; i < 2 * callers; i++) {
            server.enqueue(audio().build());
        }
        CyclicBarrier together = new CyclicBarrier(callers);
        ExecutorService threads = Executors.newFixedThreadPool(callers);
        try (OpenAiSpeechSynthesizer speech = speech().build()) {
            Callable<Void> twice = () -> {
                for (int i = 0; i < 2; i++) {
                    together.await();
                    try (SpeechAudio audio = speech.synthesize(request(Voice.of("alloy")), new CallHandle())) {
                        assertEquals(AUDIO.length, audio.body().readAllBytes().length);
                    }
                }
                return null;
            };
            List<Future<Void>> ends = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
                ends.add(threads.submit(twice));
            }
            for (Future<Void> end : ends) {
                end.get(20, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
        Set<Integer> connections = new HashSet<>();
        for (int i = 0; i < 2 * callers; i++) {
            connections.add(server.takeRequest().getConnectionIndex());
        }
        assertTrue(connections.size() <= callers, connections.size() + " connections");
    }

    @Test
    void anErrorDoesNotCostTheConnection() throws Exception {
        server.enqueue(new MockResponse.Builder()
                .code(429)
                .body("{\"error\":\"slow\"}")
                .build());
        server.enqueue(audio().build());
        try (OpenAiSpeechSynthesizer speech = speech().build()) {
            assertThrows(SpeechException.class, () -> speech.synthesize(request(Voice.of("alloy")), new CallHandle()));
            speech.synthesize(request(Voice.of("alloy")), new CallHandle()).close();
        }
        assertEquals(0, server.takeRequest().getExchangeIndex());
        assertEquals(1, server.takeRequest().getExchangeIndex());
    }

    @Test
    void overHttp2AudioArrivesAndACutIsSeen() throws Exception {
        server.setProtocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE));
        OkHttpClient http2 = new OkHttpClient.Builder()
                .protocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE))
                .build();
        server.enqueue(plainAudio().build());
        assertArrayEquals(AUDIO, call(speech().httpClient(http2)));

        server.enqueue(
                plainAudio().onResponseBody(new SocketEffect.CloseStream(2)).build());
        SpeechException cut = assertThrows(SpeechException.class, () -> call(speech().httpClient(http2)));
        assertEquals(FailureKind.TRANSPORT, cut.failure().kind());
        assertEquals("connection_cut", cut.failure().code());

        server.enqueue(plainAudio().onResponseBody(SocketEffect.Stall.INSTANCE).build());
        OpenAiDeadlines impatient = OpenAiDeadlines.STANDARD.withIdle(Duration.ofMillis(150));
        SpeechException stall = assertThrows(
                SpeechException.class, () -> call(speech().httpClient(http2).deadlines(impatient)));
        assertEquals("stalled", stall.failure().code());
        assertEquals(3, server.getRequestCount());
    }

    @Test
    void aSharedClientIsNeitherTrustedNorClosed() throws Exception {
        OkHttpClient shared = new OkHttpClient.Builder()
                .followRedirects(true)
                .retryOnConnectionFailure(true)
                .authenticator((route, response) -> response.request()
                        .newBuilder()
                        .header("Authorization", "again")
                        .build())
                .build();
        server.enqueue(new MockResponse.Builder()
                .code(302)
                .setHeader("Location", "/v1/other")
                .build());
        server.enqueue(new MockResponse.Builder().code(401).build());
        assertEquals(
                "redirected",
                assertThrows(SpeechException.class, () -> call(speech().httpClient(shared)))
                        .failure()
                        .code());
        assertEquals(
                FailureKind.KEY_REFUSED,
                assertThrows(SpeechException.class, () -> call(speech().httpClient(shared)))
                        .failure()
                        .kind());
        assertEquals(2, server.getRequestCount());
        assertTrue(shared.connectionPool().connectionCount() > 0);
    }

    @Test
    void closingEndsTheCallsUnderWay() throws Exception {
        server.enqueue(audio().onResponseStart(SocketEffect.Stall.INSTANCE).build());
        OpenAiSpeechSynthesizer speech = speech().build();
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            Future<SpeechException> ended = thread.submit(() -> assertThrows(
                    SpeechException.class, () -> speech.synthesize(request(Voice.of("alloy")), new CallHandle())));
            server.takeRequest();
            speech.close();

            assertEquals(
                    FailureKind.TRANSPORT,
                    ended.get(2, TimeUnit.SECONDS).failure().kind());
        } finally {
            thread.shutdownNow();
        }
    }

    private JsonNode sentFor(SpeechRequest request) throws Exception {
        server.enqueue(audio().build());
        try (OpenAiSpeechSynthesizer speech = speech().build()) {
            speech.synthesize(request, new CallHandle()).close();
        }
        return PublishedSchema.JSON.readTree(server.takeRequest().getBody().utf8());
    }

    private byte[] call(OpenAiSpeechSynthesizer.Builder settings) throws IOException {
        try (OpenAiSpeechSynthesizer speech = settings.build();
                SpeechAudio audio = speech.synthesize(request(Voice.of("alloy")), new CallHandle())) {
            return audio.body().readAllBytes();
        }
    }

    private OpenAiSpeechSynthesizer.Builder speech() {
        return OpenAiSpeechSynthesizer.builder().baseUrl("http://127.0.0.1:" + server.getPort() + "/v1");
    }

    private static String account(String baseUrl, String key, String project) {
        try (OpenAiSpeechSynthesizer speech = OpenAiSpeechSynthesizer.builder()
                .baseUrl(baseUrl)
                .apiKey(key)
                .project(project)
                .build()) {
            return speech.account();
        }
    }

    private static SpeechRequest request(Voice voice) {
        return new SpeechRequest("Bonjour", voice);
    }

    private static MockResponse.Builder plainAudio() {
        return new MockResponse.Builder()
                .setHeader("Content-Type", "audio/mpeg")
                .body(new Buffer().write(AUDIO));
    }

    private static MockResponse.Builder audio() {
        return new MockResponse.Builder()
                .setHeader("Content-Type", "audio/mpeg")
                .chunkedBody(new Buffer().write(AUDIO), 4096);
    }
}
