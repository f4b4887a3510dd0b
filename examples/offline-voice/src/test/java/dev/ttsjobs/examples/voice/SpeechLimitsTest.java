package dev.ttsjobs.examples.voice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.examples.voice.VoiceServerOptions.Engine;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Keys, limits, latency and many calls at once. */
class SpeechLimitsTest {

    private final FakeClock clock = new FakeClock();

    @Test
    void headersTellTheLimitAndTheCallOverItIsRefusedAndToldWhenToComeBack() throws Exception {
        try (OfflineVoiceServer server = start(builder().rateLimit(RateLimit.perMinute(2)))) {
            Caller caller = new Caller(server);
            HttpResponse<byte[]> first = caller.speak("one");
            assertEquals("2", header(first, "x-ratelimit-limit-requests"));
            assertEquals("1", header(first, "x-ratelimit-remaining-requests"));
            assertEquals("30s", header(first, "x-ratelimit-reset-requests"));
            assertEquals("1m0s", header(caller.speak("two"), "x-ratelimit-reset-requests"));
            HttpResponse<byte[]> refused = caller.speak("three");
            assertEquals(429, refused.statusCode());
            assertEquals("0", header(refused, "x-ratelimit-remaining-requests"));
            assertEquals(
                    "rate_limit_exceeded", Caller.error(refused).get("code").asText());
            assertEquals("requests", Caller.error(refused).get("type").asText());
            assertTrue(Caller.error(refused).get("message").asText().endsWith("Please try again in 1m0s."));
            assertEquals("60", header(refused, "retry-after"));
            clock.sleep(Duration.ofSeconds(60));
            assertEquals(200, caller.speak("three").statusCode());
            assertEquals(3, server.ledger().calls());
        }
    }

    @Test
    void callsThatAreRefusedForTheirContentCountToo() throws Exception {
        try (OfflineVoiceServer server = start(builder().rateLimit(RateLimit.perMinute(2)))) {
            Caller caller = new Caller(server);
            assertEquals(400, caller.speak("").statusCode());
            assertEquals(400, caller.speak("").statusCode());
            assertEquals(429, caller.speak("one").statusCode());
        }
    }

    @Test
    void tokensHaveALimitOfTheirOwn() throws Exception {
        RateLimit limit = RateLimit.perMinute(100).withTokensPerMinute(60);
        try (OfflineVoiceServer server = start(builder().rateLimit(limit))) {
            Caller caller = new Caller(server);
            HttpResponse<byte[]> first = caller.speak("a".repeat(160));
            assertEquals("60", header(first, "x-ratelimit-limit-tokens"));
            assertEquals("20", header(first, "x-ratelimit-remaining-tokens"));
            assertEquals("40s", header(first, "x-ratelimit-reset-tokens"));
            HttpResponse<byte[]> refused = caller.speak("a".repeat(160));
            assertEquals(429, refused.statusCode());
            assertEquals("tokens", Caller.error(refused).get("type").asText());
        }
    }

    @Test
    void theKeyIsAskedForAndNeverRepeated() throws Exception {
        try (OfflineVoiceServer server = start(builder().apiKey("sk-right"))) {
            Caller caller = new Caller(server);
            String body = Caller.speech("Hello").toString();
            for (String wrong : new String[] {"Bearer sk-wrong", "Bearer sk-right2", "sk-right", "Basic sk-right"}) {
                HttpResponse<byte[]> refused = caller.send("POST", "/v1/audio/speech", body, "Authorization", wrong);
                assertEquals(401, refused.statusCode());
                assertEquals(
                        "invalid_api_key", Caller.error(refused).get("code").asText());
                assertFalse(new String(refused.body(), StandardCharsets.UTF_8).contains("sk-"));
            }
            assertEquals(401, caller.speak("Hello").statusCode());
            assertEquals(
                    200,
                    caller.send("POST", "/v1/audio/speech", body, "Authorization", "Bearer sk-right")
                            .statusCode());
        }
        assertFalse(builder().apiKey("sk-right").build().toString().contains("sk-"));
    }

    @Test
    void latencyIsFixedAndByTheCharacter() throws Exception {
        Latency latency = new Latency(Duration.ofMillis(400), Duration.ofMillis(10));
        try (OfflineVoiceServer server = start(builder().latency(latency))) {
            HttpResponse<byte[]> response = new Caller(server).speak("12345");
            assertEquals(Duration.ofMillis(450), clock.passed());
            assertEquals("450", header(response, "openai-processing-ms"));
        }
    }

    @Test
    void manyCallsAreInHandAtOnceAndTheMostIsKnown() throws Exception {
        int callers = 40;
        CyclicBarrier together = new CyclicBarrier(callers);
        VoiceEngine engine = new VoiceEngine() {
            @Override
            public Sound speak(SpeechCall call) throws InterruptedException {
                try {
                    together.await(20, TimeUnit.SECONDS);
                } catch (java.util.concurrent.BrokenBarrierException | java.util.concurrent.TimeoutException e) {
                    throw new IllegalStateException("Not all calls came in at once", e);
                }
                return new ToneVoice().speak(call);
            }

            @Override
            public String describe() {
                return "all at once";
            }
        };
        ExecutorService threads = Executors.newFixedThreadPool(callers);
        try (OfflineVoiceServer server = OfflineVoiceServer.start(builder().build(), engine, clock)) {
            Caller caller = new Caller(server);
            var answers = threads.invokeAll(IntStream.range(0, callers)
                    .<java.util.concurrent.Callable<Integer>>mapToObj(
                            i -> () -> caller.speak("Line " + i).statusCode())
                    .collect(Collectors.toList()));
            for (var answer : answers) {
                assertEquals(200, answer.get());
            }
            assertEquals(callers, server.ledger().maxConcurrent());
            assertEquals(callers, server.ledger().distinct());
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void anEngineThatFailsIsA500() throws Exception {
        VoiceEngine broken = new VoiceEngine() {
            @Override
            public Sound speak(SpeechCall call) throws java.io.IOException {
                throw new java.io.IOException("no voice today");
            }

            @Override
            public String describe() {
                return "broken";
            }
        };
        try (OfflineVoiceServer server = OfflineVoiceServer.start(builder().build(), broken, clock)) {
            HttpResponse<byte[]> response = new Caller(server).speak("Hello");
            assertEquals(500, response.statusCode());
            assertEquals("server_error", Caller.error(response).get("type").asText());
        }
    }

    private OfflineVoiceServer start(VoiceServerOptions.Builder options) throws java.io.IOException {
        return OfflineVoiceServer.start(options.build(), clock);
    }

    private static VoiceServerOptions.Builder builder() {
        return VoiceServerOptions.builder().engine(Engine.TONE);
    }

    private static String header(HttpResponse<byte[]> response, String name) {
        return response.headers().firstValue(name).orElseThrow();
    }
}
