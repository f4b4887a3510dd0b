package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ttsjobs.examples.server.RunningServer.Answer;
import dev.ttsjobs.examples.server.RunningServer.User;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The end of a job, told to whom its owner named. */
class WebhookFlowTest {

    private static final String OLD = "whsec_b2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xk";
    private static final String NEW = "whsec_bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3";
    private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    @TempDir
    Path dir;

    private RunningServer running;
    private WebhookReceiver receiver;
    private User ann;

    @BeforeEach
    void start() {
        receiver = new WebhookReceiver();
        running = RunningServer.in(dir, "WEBHOOK_SECRET", OLD + " " + NEW, "WEBHOOK_ALLOW_PRIVATE", "true");
        ann = running.register("ann@example.org");
    }

    @AfterEach
    void stop() {
        running.close();
        receiver.close();
    }

    private String generate(String... headers) {
        Map<String, Object> request = new HashMap<>(ann.requestFor(ann.deck("Cat", "Chat")));
        request.put("webhookUrl", receiver.url());
        Answer accepted = ann.post("/api/tts/generate", request, headers);
        assertEquals(202, accepted.status(), () -> accepted.json().toString());
        return accepted.json().get("jobId").textValue();
    }

    private JsonNode deliveries(String job) {
        return ann.get("/api/tts/jobs/" + job + "/deliveries").json().get("deliveries");
    }

    private JsonNode delivered(String job) {
        return RunningServer.eventually(() -> {
            JsonNode delivery = deliveries(job).path(0);
            return delivery.path("state").asText().equals("delivered") ? delivery : null;
        });
    }

    @Test
    void the_end_of_a_job_is_told_signed_and_thin() {
        String job = generate("traceparent", TRACE);
        JsonNode delivery = delivered(job);

        assertEquals(1, receiver.received().size());
        WebhookReceiver.Received told = receiver.received().get(0);
        assertTrue(told.isSignedWith(OLD) && told.isSignedWith(NEW));
        assertFalse(told.isSignedWith("whsec_YW5vdGhlcmFub3RoZXJhbm90aGVyYW5v"));
        assertEquals("tts.job.completed", told.json().get("type").textValue());
        assertEquals(TRACE, told.headers().firstValue("traceparent").orElse(""));
        JsonNode data = told.json().get("data");
        JsonNode ended = ann.job(job);
        for (String same :
                List.of("deckId", "status", "totalPhrases", "processedCount", "failedCount", "errorMessage")) {
            assertEquals(ended.get(same), data.get(same), same);
        }
        assertEquals(job, data.get("jobId").textValue());
        assertEquals("/api/tts/status/" + job, data.get("statusUrl").textValue());
        assertEquals(8, data.size());

        assertEquals(told.id(), delivery.get("id").textValue());
        assertEquals(told.json().get("type"), delivery.get("type"));
        assertEquals(1, delivery.get("attempts").intValue());
        assertTrue(delivery.get("lastError").isNull());
        String metrics = new String(running.call("GET", "/metrics", null).body(), StandardCharsets.UTF_8);
        assertTrue(metrics.contains("tts_webhook_deliveries_total{outcome=\"delivered\"} 1.0"), metrics);
    }

    @Test
    void a_delivery_is_replayed_for_its_owner_only() {
        String job = generate();
        String event = delivered(job).get("id").textValue();
        String replay = "/api/tts/jobs/" + job + "/deliveries/" + event + "/replay";
        User bob = running.register("bob@example.org");

        assertEquals(404, bob.post(replay, null).status());
        assertEquals(404, ann.post(replay.replace(event, "another"), null).status());
        assertEquals(1, receiver.received().size());
        assertEquals(202, ann.post(replay, null).status());

        RunningServer.eventually(() -> receiver.received().size() == 2);
        assertEquals(event, receiver.received().get(1).id());
        assertTrue(receiver.received().get(1).isSignedWith(NEW));
        assertTrue(ann.get("/api/tts/audit")
                .json()
                .get("entries")
                .findValuesAsText("action")
                .contains("webhook.replayed"));
    }

    @Test
    void a_delivery_that_fails_is_seen_and_not_replayed_while_it_waits() {
        receiver.answer(500);
        String job = generate();
        JsonNode waiting = RunningServer.eventually(() -> {
            JsonNode delivery = deliveries(job).path(0);
            return delivery.path("lastError").isTextual() ? delivery : null;
        });

        assertEquals("waiting", waiting.get("state").textValue());
        assertEquals("the receiver answered 500", waiting.get("lastError").textValue());
        assertTrue(waiting.get("nextTryAt").isTextual());
        String event = waiting.get("id").textValue();
        assertEquals(
                409,
                ann.post("/api/tts/jobs/" + job + "/deliveries/" + event + "/replay", null)
                        .status());
    }

    @Test
    void a_redirect_is_not_followed() {
        receiver.answer(307);
        String job = generate();
        JsonNode waiting = RunningServer.eventually(() -> {
            JsonNode delivery = deliveries(job).path(0);
            return delivery.path("lastError").isTextual() ? delivery : null;
        });

        assertEquals("the receiver answered 307", waiting.get("lastError").textValue());
        assertEquals(1, receiver.received().size());
    }

    @Test
    void a_job_without_an_address_tells_nobody() {
        String job = ann.generate(ann.deck("Cat", "Chat"));
        ann.await(job, "completed");

        assertEquals(0, deliveries(job).size());
        assertEquals(0, receiver.received().size());
    }

    @Test
    void a_trace_is_no_part_of_what_was_asked_for() {
        Map<String, Object> request = ann.requestFor(ann.deck("Cat", "Chat"));
        Answer first = ann.post("/api/tts/generate", request, "Idempotency-Key", "once", "traceparent", TRACE);
        Answer again = ann.post(
                "/api/tts/generate", request, "Idempotency-Key", "once", "traceparent", TRACE.replace("b7", "c8"));

        assertEquals(202, again.status());
        assertEquals(first.json().get("jobId"), again.json().get("jobId"));
    }

    @Test
    void what_is_no_trace_goes_no_further() {
        for (String bad : List.of(
                TRACE.replace("00-", "ff-"),
                TRACE.replaceFirst("-[0-9a-f]{32}-", "-" + "0".repeat(32) + "-"),
                TRACE.toUpperCase(java.util.Locale.ROOT),
                TRACE + "-x")) {
            delivered(generate("traceparent", bad));
        }

        assertEquals(4, receiver.received().size());
        receiver.received()
                .forEach(told ->
                        assertTrue(told.headers().firstValue("traceparent").isEmpty()));
    }
}
