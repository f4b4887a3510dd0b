package dev.ttsjobs.webhook;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Signatures, held against the specification's own library. */
class WebhookSignerTest {

    private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static final String OTHER = "whsec_" + Base64.getEncoder().encodeToString(new byte[32]);
    private static final byte[] BODY = "{\"text\":\"Où est la gare ?\"}".getBytes(StandardCharsets.UTF_8);
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private static Optional<String> problem(
            WebhookSigner signer, Map<String, String> headers, byte[] body, Instant now) {
        return signer.problem(headers::get, body, now);
    }

    @Test
    void theVectorOfTheSpecificationsLibraries() {
        byte[] body = "{\"test\": 2432232314}".getBytes(StandardCharsets.UTF_8);
        Map<String, String> headers = WebhookSigner.of(SECRET)
                .headers("msg_p5jXN8AQM9LWM0D4loKWxJek", Instant.ofEpochSecond(1614265330), body);
        assertEquals(
                Map.of(
                        "webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek",
                        "webhook-timestamp", "1614265330",
                        "webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
                headers);
    }

    @Test
    void theReferenceLibraryTakesWhatWeSign() throws Exception {
        // It goes by the machine's clock, so the message is of now.
        Instant now = java.time.InstantSource.system().instant();
        Map<String, String> headers = WebhookSigner.of(List.of(OTHER, SECRET)).headers("evt-1", now, BODY);
        Map<String, List<String>> map = new HashMap<>();
        headers.forEach((name, value) -> map.put(name, List.of(value)));
        HttpHeaders received = HttpHeaders.of(map, (name, value) -> true);
        String text = new String(BODY, StandardCharsets.UTF_8);

        for (String secret : List.of(OTHER, SECRET)) {
            assertDoesNotThrow(() -> new Webhook(secret).verify(text, received));
        }
        assertThrows(
                WebhookVerificationException.class, () -> new Webhook(SECRET).verify(text.replace('O', '0'), received));
    }

    @Test
    void weTakeWhatTheReferenceLibrarySigns() throws Exception {
        String text = new String(BODY, StandardCharsets.UTF_8);
        Map<String, String> headers = Map.of(
                "webhook-id", "msg_1",
                "webhook-timestamp", Long.toString(NOW.getEpochSecond()),
                "webhook-signature", new Webhook(SECRET).sign("msg_1", NOW.getEpochSecond(), text));
        assertEquals(Optional.empty(), problem(WebhookSigner.of(SECRET), headers, BODY, NOW));
    }

    @Test
    void secretsCanBeChangedWithoutAGap() {
        Map<String, String> old = WebhookSigner.of(SECRET).headers("evt-1", NOW, BODY);
        Map<String, String> both = WebhookSigner.of(List.of(OTHER, SECRET)).headers("evt-1", NOW, BODY);

        assertEquals(2, both.get("webhook-signature").split(" ").length);
        assertEquals(Optional.empty(), problem(WebhookSigner.of(SECRET), both, BODY, NOW));
        assertEquals(Optional.empty(), problem(WebhookSigner.of(OTHER), both, BODY, NOW));
        assertEquals(Optional.empty(), problem(WebhookSigner.of(List.of(OTHER, SECRET)), old, BODY, NOW));
        assertEquals(Optional.of("no signature is the right one"), problem(WebhookSigner.of(OTHER), old, BODY, NOW));
    }

    @Test
    void whatWasChangedOnTheWayIsFound() {
        WebhookSigner signer = WebhookSigner.of(SECRET);
        Map<String, String> good = signer.headers("evt-1", NOW, BODY);
        assertEquals(Optional.empty(), problem(signer, good, BODY, NOW));
        for (int i = 0; i < BODY.length; i++) {
            byte[] body = BODY.clone();
            body[i] ^= 1;
            assertFalse(problem(signer, good, body, NOW).isEmpty());
        }
        Map<String, String> changes = Map.of(
                "webhook-id", "evt-2",
                "webhook-timestamp", Long.toString(NOW.getEpochSecond() + 1),
                "webhook-signature", good.get("webhook-signature").replace("v1,", "v1a,"));
        changes.forEach((name, value) -> {
            Map<String, String> changed = new HashMap<>(good);
            changed.put(name, value);
            assertFalse(problem(signer, changed, BODY, NOW).isEmpty(), name);
            changed.remove(name);
            assertFalse(problem(signer, changed, BODY, NOW).isEmpty(), name);
        });
        Map<String, String> junk = new HashMap<>(good);
        for (String signature : List.of("", "v1,", "v1,===", "v1,AAAA", "g0hM9SsE")) {
            junk.put("webhook-signature", signature);
            assertFalse(problem(signer, junk, BODY, NOW).isEmpty(), signature);
        }
    }

    @Test
    void anOldMessageIsNotTakenAgain() {
        WebhookSigner signer = WebhookSigner.of(SECRET);
        Map<String, String> headers = signer.headers("evt-1", NOW, BODY);
        Duration tooLong = WebhookSigner.TOLERANCE.plusSeconds(1);
        assertEquals(Optional.empty(), problem(signer, headers, BODY, NOW.plus(WebhookSigner.TOLERANCE)));
        assertEquals(Optional.of("it is too old"), problem(signer, headers, BODY, NOW.plus(tooLong)));
        assertEquals(Optional.of("it is from the future"), problem(signer, headers, BODY, NOW.minus(tooLong)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a.b", "a b", "a\r\nb", "é"})
    void anIdThatWouldBlurWhatIsSignedIsRefused(String id) {
        assertThrows(
                IllegalArgumentException.class, () -> WebhookSigner.of(SECRET).headers(id, NOW, BODY));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_c2hvcnQ=", "whsec_not base64!"})
    void aWeakSecretIsRefusedAndNotShown(String secret) {
        Exception refused = assertThrows(IllegalArgumentException.class, () -> WebhookSigner.of(secret));
        assertEquals("must be whsec_ and 24 to 64 bytes in Base64", refused.getMessage());
        assertEquals("WebhookSigner[1 secret]", WebhookSigner.of(SECRET).toString());
        assertThrows(IllegalArgumentException.class, () -> WebhookSigner.of(List.of()));
    }
}
