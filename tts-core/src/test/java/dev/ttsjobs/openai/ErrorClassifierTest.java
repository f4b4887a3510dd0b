package dev.ttsjobs.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Random;
import okhttp3.Headers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorClassifierTest {

    private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");
    private static final String TEXT = "Bonjour tout le monde, comment allez-vous ?";
    private static final ApiKey KEY = ApiKey.of("sk-canary-0123456789abcdef");
    private static final ErrorClassifier CLASSIFIER =
            new ErrorClassifier(new Redaction(KEY, TEXT), "https://speech.example/v1/audio/speech");

    /** The bodies of the servers named there, each with what it must be taken for. */
    @ParameterizedTest(name = "{0}: {1} is {2} {3}")
    @CsvFileSource(resources = "/openai/error-bodies.csv", delimiter = '|', quoteCharacter = '`', numLinesToSkip = 1)
    void eachServersErrorIsUnderstood(
            String server, int status, FailureKind kind, String code, String words, String body) {
        Failure failure = classify(status, body == null ? "" : body);

        assertEquals(kind, failure.kind(), failure.message());
        assertEquals(code, failure.code());
        assertTrue(failure.message().contains(words), failure.message());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "insufficient_quota",
                "credit_balance_exhausted",
                "organization_spend_limit_exceeded",
                "project_spend_limit_exceeded",
                "organization_usage_limit_exceeded"
            })
    void everyEmptyPurseIsOneAndNeverWaitedFor(String code) {
        String body = "{\"error\":{\"message\":\"Limit\",\"type\":\"insufficient_quota\",\"param\":null,\"code\":\""
                + code + "\"}}";
        Failure failure =
                CLASSIFIER.classify(429, Headers.of("Retry-After", "1", "x-should-retry", "true"), bytes(body), NOW);

        assertEquals(FailureKind.QUOTA_EXHAUSTED, failure.kind());
        assertEquals(code, failure.code());
        assertNull(failure.retryAfter());
    }

    @Test
    void theProvidersWordOnTryingAgainWinsExceptOverKeyAndPurse() {
        Headers no = Headers.of("x-should-retry", "false");
        Headers yes = Headers.of("x-should-retry", "true");
        byte[] none = {};

        assertEquals(
                FailureKind.REJECTED, CLASSIFIER.classify(500, no, none, NOW).kind());
        assertEquals(
                FailureKind.REJECTED, CLASSIFIER.classify(429, no, none, NOW).kind());
        assertEquals(
                FailureKind.KEY_REFUSED, CLASSIFIER.classify(401, no, none, NOW).kind());
        assertEquals(
                FailureKind.QUOTA_EXHAUSTED,
                CLASSIFIER.classify(402, no, none, NOW).kind());
        assertEquals(
                FailureKind.SERVER, CLASSIFIER.classify(400, yes, none, NOW).kind());
        assertEquals(
                FailureKind.KEY_REFUSED,
                CLASSIFIER.classify(401, yes, none, NOW).kind());
        assertEquals(
                FailureKind.RATE_LIMITED,
                CLASSIFIER.classify(429, yes, none, NOW).kind());
        assertEquals(
                FailureKind.SERVER,
                CLASSIFIER
                        .classify(500, Headers.of("x-should-retry", "maybe"), none, NOW)
                        .kind());
    }

    @Test
    void theTimeToWaitIsKeptWhereWaitingHelps() {
        Headers five = Headers.of("Retry-After", "5");

        assertEquals(
                Duration.ofSeconds(5),
                CLASSIFIER.classify(429, five, bytes(""), NOW).retryAfter());
        assertEquals(
                Duration.ofSeconds(5),
                CLASSIFIER.classify(503, five, bytes(""), NOW).retryAfter());
        assertEquals(
                Duration.ofSeconds(5),
                CLASSIFIER.classify(500, five, bytes(""), NOW).retryAfter());
        assertNull(CLASSIFIER.classify(400, five, bytes(""), NOW).retryAfter());
        assertNull(CLASSIFIER.classify(401, five, bytes(""), NOW).retryAfter());
    }

    @Test
    void withoutRetryAfterTheNextRequestsShareOfTheResetIsWaited() {
        Headers headers = Headers.of(
                "x-ratelimit-limit-requests", "3",
                "x-ratelimit-remaining-requests", "0",
                "x-ratelimit-reset-requests", "1m0s");

        assertEquals(
                Duration.ofSeconds(20),
                CLASSIFIER.classify(429, headers, bytes(""), NOW).retryAfter());
        assertNull(CLASSIFIER.classify(503, headers, bytes(""), NOW).retryAfter());
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 307, 308, 404, 405})
    void aWrongAddressPausesTheAccountAndNamesTheSetting(int status) {
        Failure failure = classify(status, "<html><title>nginx</title></html>");

        assertTrue(failure.kind().pausesAccount());
        assertTrue(failure.message().contains("base URL"), failure.message());
        assertTrue(failure.message().contains("https://speech.example/v1/audio/speech"), failure.message());
    }

    @Test
    void neitherKeyNorTextAreRepeated() {
        for (String body : new String[] {
            "{\"error\":{\"message\":\"Wrong key sk-canary-0123456789abcdef for '" + TEXT + "'\",\"code\":\"x\"}}",
            "{\"error\":\"sk-canary-0123456789abcdef said " + TEXT + "\"}",
            "sk-canary-0123456789abcdef said " + TEXT,
            "<title>sk-canary-0123456789abcdef " + TEXT + "</title>",
            "{\"error\":{\"message\":\"m\",\"code\":\"sk-canary-0123456789abcdef\"}}",
            "{\"error\":{\"message\":\"m\",\"type\":\"canary-0123456789abcdef\"}}",
        }) {
            for (int status : new int[] {200, 400, 401, 404, 429, 500, 503}) {
                String shown = classify(status, body).toString();
                assertFalse(shown.contains("canary"), shown);
                assertFalse(shown.contains("012345"), shown);
                assertFalse(shown.contains("tout le monde"), shown);
            }
        }
    }

    @Test
    void noBodyBreaksIt() {
        Random random = new Random(20261124);
        byte[] seed =
                bytes("{\"error\":{\"message\":\"m\",\"type\":\"t\",\"param\":null,\"code\":\"c\"},\"detail\":[{}]}");
        for (int i = 0; i < 20_000; i++) {
            byte[] body = Arrays.copyOf(seed, random.nextInt(seed.length + 1));
            for (int changes = random.nextInt(6); changes > 0 && body.length > 0; changes--) {
                body[random.nextInt(body.length)] = (byte) random.nextInt(256);
            }
            assertNotNull(CLASSIFIER.classify(100 + random.nextInt(500), Headers.of(), body, NOW));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "[]",
                "[[]]",
                "{}",
                "\"text\"",
                "12",
                "{\"error\":null}",
                "{\"error\":[]}",
                "{\"error\":{}}",
                "{\"error\":{\"message\":{\"a\":1},\"code\":{}}}",
                "{\"detail\":{}}",
                "{\"detail\":[]}",
                "{\"detail\":[{\"loc\":[],\"msg\":1}]}",
                "{\"detail\":[{\"loc\":{},\"msg\":\"m\"}]}",
                "{\"message\":5}",
                "{\"error\":{\"code\":99999999999999}}",
                "{\"error\":{\"code\":\"999\"}}"
            })
    void oddJsonIsClassifiedByItsStatus(String body) {
        assertEquals(FailureKind.SERVER, classify(500, body).kind());
        assertEquals(FailureKind.RATE_LIMITED, classify(429, body).kind());
        assertEquals(FailureKind.BAD_AUDIO, classify(200, body).kind());
    }

    @Test
    void aBombOfBracketsIsReadAsText() {
        assertEquals(FailureKind.SERVER, classify(500, "[".repeat(60_000)).kind());
        assertEquals(
                FailureKind.SERVER, classify(500, "{\"error\":".repeat(7_000)).kind());
        assertEquals(
                FailureKind.SERVER, classify(500, "<title" + " ".repeat(60_000)).kind());
    }

    private static Failure classify(int status, String body) {
        return CLASSIFIER.classify(status, Headers.of(), bytes(body), NOW);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
