package dev.ttsjobs.examples.voice;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ttsjobs.examples.voice.VoiceServerOptions.Engine;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Each fault as a client meets it. */
class SpeechFaultsTest {

    private static final String TEXT = "A line that is long enough to be cut somewhere in its middle.";

    private final FakeClock clock = new FakeClock();
    private OfflineVoiceServer server;
    private Caller caller;
    private byte[] whole;

    @BeforeEach
    void start() throws Exception {
        server = OfflineVoiceServer.start(
                VoiceServerOptions.builder().engine(Engine.TONE).build(), clock);
        caller = new Caller(server);
        whole = caller.speak(TEXT).body();
        server.ledger().clear();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "null",
            value = {
                "RATE_LIMIT, 429, requests, rate_limit_exceeded, 3",
                "SLOW_DOWN, 429, requests, slow_down, null",
                "QUOTA, 429, insufficient_quota, insufficient_quota, 3",
                "BAD_KEY, 401, invalid_request_error, invalid_api_key, null",
                "REFUSED, 400, invalid_request_error, content_policy_violation, null",
                "SERVER_ERROR, 500, server_error, null, null",
                "UNAVAILABLE, 503, server_error, server_is_overloaded, 3",
            })
    void errorsHaveOpenAisShape(FaultKind kind, int status, String type, String code, String retryAfter)
            throws Exception {
        server.faults(VoiceFaults.always(kind).withRetryAfter(Duration.ofMillis(2100)));
        HttpResponse<byte[]> response = caller.speak(TEXT);
        assertEquals(status, response.statusCode());
        assertEquals(type, Caller.error(response).get("type").asText());
        assertEquals(code, Caller.error(response).get("code").textValue());
        assertEquals(retryAfter, response.headers().firstValue("retry-after").orElse(null));
        assertEquals(0, server.ledger().calls());
        assertEquals(Map.of(kind, 1L), server.ledger().byFault());
        assertEquals(Map.of(status, 1L), server.ledger().byStatus());
    }

    @ParameterizedTest
    @EnumSource(
            value = FaultKind.class,
            names = {"HANG_UP", "CUT_SIZED", "CUT_CHUNKED", "STALL"})
    void aBrokenAnswerIsSeenByAnyClient(FaultKind kind) throws Exception {
        server.faults(VoiceFaults.always(kind));
        assertThrows(IOException.class, () -> caller.speak(TEXT));
        server.faults(VoiceFaults.none());
        assertArrayEquals(whole, caller.speak(TEXT).body());
        assertEquals(kind == FaultKind.HANG_UP ? 1 : 2, server.ledger().calls());
        assertEquals(kind == FaultKind.STALL ? Duration.ofSeconds(30) : Duration.ZERO, clock.passed());
    }

    @Test
    void aCutWithoutALengthLooksLikeSuccess() throws Exception {
        server.faults(VoiceFaults.always(FaultKind.CUT_UNSIZED));
        HttpResponse<byte[]> response = caller.speak(TEXT);
        assertEquals(200, response.statusCode());
        assertArrayEquals(Arrays.copyOf(whole, whole.length * 2 / 5), response.body());
        assertEquals(1, server.ledger().calls());
        assertEquals(0, server.ledger().sent());
    }

    @Test
    void cutsEndWithinTheBodyAndNotBeforeIt() throws Exception {
        for (FaultKind kind : List.of(FaultKind.CUT_SIZED, FaultKind.CUT_CHUNKED, FaultKind.STALL)) {
            server.faults(VoiceFaults.always(kind));
            String answer = raw();
            String body = answer.substring(answer.indexOf("\r\n\r\n") + 4);
            assertTrue(answer.startsWith("HTTP/1.1 200 OK\r\n"), answer);
            assertEquals(whole.length * 2 / 5, body.length(), 10);
            assertEquals(kind == FaultKind.CUT_SIZED, answer.contains("Content-Length: " + whole.length + "\r\n"));
        }
    }

    @Test
    void successThatIsNoSound() throws Exception {
        server.faults(VoiceFaults.script(FaultKind.EMPTY, FaultKind.HTML, FaultKind.JSON_ERROR));
        HttpResponse<byte[]> empty = caller.speak(TEXT);
        assertEquals(200, empty.statusCode());
        assertEquals("audio/mpeg", empty.headers().firstValue("content-type").orElseThrow());
        assertEquals(0, empty.body().length);
        HttpResponse<byte[]> page = caller.speak(TEXT);
        assertEquals(200, page.statusCode());
        assertTrue(new String(page.body(), StandardCharsets.UTF_8).startsWith("<!DOCTYPE html>"));
        HttpResponse<byte[]> json = caller.speak(TEXT);
        assertEquals(200, json.statusCode());
        assertEquals("server_error", Caller.error(json).get("type").asText());
        assertArrayEquals(whole, caller.speak(TEXT).body());
    }

    @Test
    void aSlowAnswerIsWholeInTheEnd() throws Exception {
        server.faults(VoiceFaults.always(FaultKind.SLOW_BODY).withPause(Duration.ofSeconds(10)));
        assertArrayEquals(whole, caller.speak(TEXT).body());
        assertEquals(Duration.ofSeconds(10), clock.passed());
        assertEquals(1, server.ledger().sent());
    }

    @Test
    void faultsCanBeKeptToTextsThatContainSomething() throws Exception {
        server.faults(VoiceFaults.always(FaultKind.REFUSED).withOnly("poison"));
        assertEquals(200, caller.speak("A good line").statusCode());
        assertEquals(400, caller.speak("A poisonous line").statusCode());
    }

    @Test
    void chanceHasTheAskedForShareAndTheSameSeedGivesTheSameFaults() {
        VoiceFaults faults = VoiceFaults.odds(Map.of(FaultKind.SERVER_ERROR, 0.2, FaultKind.STALL, 0.1));
        List<FaultKind> first = thrown(faults, 7);
        assertEquals(0.2, first.stream().filter(FaultKind.SERVER_ERROR::equals).count() / 10_000.0, 0.02);
        assertEquals(0.1, first.stream().filter(FaultKind.STALL::equals).count() / 10_000.0, 0.02);
        assertEquals(0.7, first.stream().filter(FaultKind.NONE::equals).count() / 10_000.0, 0.02);
        assertEquals(first, thrown(faults, 7));
        assertTrue(!first.equals(thrown(faults, 8)));
    }

    @Test
    void impossibleFaultsAreRefused() {
        VoiceFaults none = VoiceFaults.none();
        assertThrows(
                IllegalArgumentException.class,
                () -> VoiceFaults.odds(Map.of(FaultKind.STALL, 0.6, FaultKind.EMPTY, 0.5)));
        assertThrows(IllegalArgumentException.class, () -> VoiceFaults.odds(Map.of(FaultKind.STALL, Double.NaN)));
        assertThrows(IllegalArgumentException.class, () -> VoiceFaults.odds(Map.of(FaultKind.STALL, -0.1)));
        assertThrows(IllegalArgumentException.class, () -> none.withPause(Duration.ofMillis(-1)));
        assertThrows(IllegalArgumentException.class, () -> none.withRetryAfter(Duration.ofMillis(-1)));
    }

    @Test
    void anotherProgramCanSetFaultsOverHttp() throws Exception {
        JsonNode set = caller.json("POST", "/__voice/faults", """
                {"script":["none","server_error"],"odds":{"slow_down":1},"retry_after_seconds":2.5,"pause_seconds":4,
                "only":"line"}""");
        assertEquals("server_error", set.at("/script/1").asText());
        assertEquals(2.5, set.get("retry_after_seconds").asDouble());
        assertEquals(200, caller.speak("Another text").statusCode());
        assertEquals(200, caller.speak("line 1").statusCode());
        assertEquals(1, caller.json("GET", "/__voice/faults", "").get("script").size());
        assertEquals(500, caller.speak("line 2").statusCode());
        assertEquals(429, caller.speak("line 3").statusCode());
        caller.send("DELETE", "/__voice/faults", "");
        assertEquals(200, caller.speak("line 4").statusCode());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "not json",
                "[]",
                "{\"skript\":[]}",
                "{\"script\":[\"explode\"]}",
                "{\"odds\":{\"stall\":\"often\"}}",
                "{\"odds\":{\"stall\":2}}",
                "{\"pause_seconds\":-1}",
                "{\"pause_seconds\":\"x\"}"
            })
    void faultsThatMakeNoSenseAreRefusedAndChangeNothing(String body) throws Exception {
        server.faults(VoiceFaults.always(FaultKind.SERVER_ERROR));
        assertEquals(400, caller.send("POST", "/__voice/faults", body).statusCode());
        assertEquals(500, caller.speak(TEXT).statusCode());
    }

    @Test
    void aWebPageCanNeitherSetFaultsNorReadTheLedger() throws Exception {
        String origin = "Origin";
        assertEquals(
                403,
                caller.send("POST", "/__voice/faults", "{}", origin, "https://example.org")
                        .statusCode());
        assertEquals(
                403, caller.send("GET", "/__voice/ledger", "", origin, "null").statusCode());
        String answer = raw("GET /__voice/ledger HTTP/1.1\r\nHost: rebound.example:80\r\nConnection: close\r\n\r\n");
        assertTrue(answer.startsWith("HTTP/1.1 403 "), answer);
    }

    private static List<FaultKind> thrown(VoiceFaults faults, long seed) {
        FaultDice dice = new FaultDice(new java.util.SplittableRandom(seed));
        dice.set(faults);
        List<FaultKind> thrown = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            thrown.add(dice.next("text"));
        }
        return thrown;
    }

    private String raw() throws IOException {
        String body = Caller.speech(TEXT).toString();
        return raw("POST /v1/audio/speech HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: " + body.length() + "\r\n\r\n"
                + body);
    }

    private String raw(String request) throws IOException {
        try (Socket socket =
                new Socket("127.0.0.1", URI.create(server.baseUrl()).getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }
}
