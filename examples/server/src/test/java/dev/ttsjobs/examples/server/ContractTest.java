package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ttsjobs.examples.server.RunningServer.Answer;
import dev.ttsjobs.examples.server.RunningServer.User;
import dev.ttsjobs.examples.voice.FaultKind;
import dev.ttsjobs.examples.voice.VoiceFaults;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every route, called so that it answers; what the answers are held against is {@link Contract}. */
class ContractTest {

    private static Answer answer(int status, String type, String body) {
        return new Answer(
                status,
                HttpHeaders.of(Map.of("Content-Type", List.of(type)), (name, value) -> true),
                body.getBytes(StandardCharsets.UTF_8));
    }

    /** A route that is added needs a call here, or this fails. */
    @Test
    void every_route_is_called_and_answers(@TempDir Path dir) {
        try (WebhookReceiver receiver = new WebhookReceiver();
                RunningServer running = RunningServer.in(
                        dir,
                        "WEBHOOK_SECRET",
                        "whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0",
                        "WEBHOOK_ALLOW_PRIVATE",
                        "true",
                        "ADMIN_EMAILS",
                        "ann@example.org")) {
            User ann = running.register("ann@example.org");
            running.nobody().post("/api/auth/login", Map.of("email", "ann@example.org", "password", "correct horse"));
            JsonNode deck = ann.deck("Cat", "Chat");
            Map<String, Object> request = new HashMap<>(ann.requestFor(deck));
            request.put("webhookUrl", receiver.url());
            ann.post("/api/tts/estimate", request);
            String job =
                    ann.post("/api/tts/generate", request).json().get("jobId").textValue();
            ann.get("/api/tts/stream/" + job);
            String audio =
                    ann.await(job, "completed").at("/resultUrls/0/audioUrlEn").textValue();
            String path = audio.substring(audio.indexOf("/storage/"));
            for (String get : List.of(
                    "/",
                    "/app.js",
                    "/openapi.json",
                    "/metrics",
                    "/healthz/live",
                    "/healthz/ready",
                    "/api/operator",
                    "/api/operator/trouble",
                    "/api/my-decks",
                    "/api/my-decks/" + deck.get("id").textValue(),
                    "/api/tts/jobs",
                    "/api/tts/jobs/" + job + "/archive",
                    "/api/tts/usage",
                    "/api/tts/voices",
                    "/api/tts/audit",
                    path)) {
                assertEquals(200, ann.get(get).status(), get);
            }
            assertEquals(200, running.call("HEAD", path, null).status());
            assertEquals(
                    204,
                    ann.post("/api/operator/pause", Map.of("reason", "To see whether it can be done."))
                            .status());
            assertEquals(204, ann.post("/api/operator/resume", null).status());
            for (String what : List.of("block", "unblock")) {
                assertEquals(
                        204,
                        ann.post("/api/operator/" + what, Map.of("user", "somebody"))
                                .status());
            }
            replay(ann, job);
            cancelAndRetry(running, ann);
            String gone =
                    "/api/my-decks/" + ann.deck("Bird", "Oiseau").get("id").textValue();
            assertEquals(204, ann.delete(gone).status());
            assertEquals(404, ann.get(gone).status());
            Map<String, String> passwords = Map.of("password", "correct horse", "newPassword", "battery staple");
            assertEquals(200, ann.post("/api/auth/password", passwords).status());

            Set<String> routes = new TreeSet<>();
            running.server
                    .routes()
                    .forEach(route -> routes.add(route.replace('<', '{').replace('>', '}')));
            routes.removeAll(running.contract.answered());
            assertEquals(Set.of(), routes, "no test has these routes answer");
        }
    }

    private static void replay(User ann, String job) {
        String deliveries = "/api/tts/jobs/" + job + "/deliveries";
        String event = RunningServer.eventually(() -> {
            JsonNode delivery = ann.get(deliveries).json().at("/deliveries/0");
            return delivery.path("state").asText().equals("delivered")
                    ? delivery.get("id").textValue()
                    : null;
        });
        assertEquals(202, ann.post(deliveries + "/" + event + "/replay", null).status());
        RunningServer.eventually(() ->
                ann.get(deliveries).json().at("/deliveries/0/state").asText().equals("delivered"));
        Map<String, String> letter = Map.of("jobId", job, "id", event);
        assertEquals(204, ann.post("/api/operator/replay", letter).status());
    }

    private static void cancelAndRetry(RunningServer running, User ann) {
        running.voice.faults(VoiceFaults.always(FaultKind.REFUSED));
        String failed = ann.generate(ann.deck("Dog", "Chien"));
        ann.await(failed, "failed");
        running.voice.faults(VoiceFaults.always(FaultKind.QUOTA));
        assertEquals(202, ann.post("/api/tts/jobs/" + failed + "/retry", null).status());
        assertEquals(200, ann.delete("/api/tts/jobs/" + failed).status());
    }

    @Test
    void an_answer_that_is_not_as_described_is_found() {
        Contract contract = new Contract();
        String usage = "/api/tts/usage";
        String json = "application/json";
        contract.check("GET", "/healthz/live", answer(200, json, "{\"status\":\"ok\"}"));
        assertEquals(Set.of("GET /healthz/live"), contract.answered());

        for (Answer bad : List.of(
                answer(418, json, "{}"),
                answer(200, "text/plain", "{}"),
                answer(200, json, "{}"),
                answer(200, json, "{\"status\":5}"),
                answer(200, json, "{\"status\":\"ok\",\"more\":1}"))) {
            assertThrows(AssertionError.class, () -> contract.check("GET", "/healthz/live", bad));
        }
        assertThrows(AssertionError.class, () -> contract.check("GET", "/nowhere/at/all", answer(200, json, "{}")));
        assertThrows(AssertionError.class, () -> contract.check("GET", usage, answer(401, json, "{}")));
        String entry = "{\"at\":\"yesterday\",\"actor\":\"a\",\"action\":\"a\",\"jobId\":null,\"deckId\":null,"
                + "\"phrases\":1,\"characters\":1,\"address\":\"a\"}";
        Answer badTime = answer(200, json, "{\"entries\":[" + entry + "],\"nextCursor\":null}");
        AssertionError error =
                assertThrows(AssertionError.class, () -> contract.check("GET", "/api/tts/audit", badTime));
        assertTrue(String.valueOf(error.getMessage()).contains("date-time"), error.getMessage());
    }

    @Test
    void a_page_links_to_the_next(@TempDir Path dir) {
        try (RunningServer running = RunningServer.in(dir)) {
            User ann = running.register("ann@example.org");
            JsonNode deck = ann.deck("Cat", "Chat");
            ann.generate(deck);
            ann.generate(deck);
            String query = "/api/tts/jobs?deckId=" + deck.get("id").textValue() + "&limit=1";

            Answer first = ann.get(query + "&x=%0d%0ay");
            String cursor = first.json().get("nextCursor").textValue();
            assertEquals("<" + query + "&cursor=" + cursor + ">; rel=\"next\"", first.header("Link"));
            Answer second = ann.get(query + "&cursor=" + cursor);
            assertEquals("", second.header("Link"));
            assertTrue(second.json().get("nextCursor").isNull());
            assertTrue(ann.get("/api/tts/audit?limit=2").header("Link").startsWith("</api/tts/audit?limit=2&cursor="));
        }
    }
}
