package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ttsjobs.examples.server.RunningServer.Answer;
import dev.ttsjobs.examples.server.RunningServer.User;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two users, every route. */
class OwnershipTest {

    private static final Set<String> FOR_EVERYBODY = Set.of(
            "POST /api/auth/register",
            "POST /api/auth/login",
            "GET /storage/tts/<name>",
            "HEAD /storage/tts/<name>",
            "GET /healthz/live",
            "GET /healthz/ready",
            "GET /metrics",
            "GET /openapi.json",
            "GET /",
            "GET /{file}");

    @TempDir
    static Path dir;

    private static RunningServer running;
    private static User ann;
    private static User bob;
    private static JsonNode annsDeck;
    private static String annsJob;

    @BeforeAll
    static void start() {
        running = RunningServer.in(dir);
        ann = running.register("ann@example.org");
        bob = running.register("bob@example.org");
        annsDeck = ann.deck("Cat", "Chat");
        annsJob = ann.generate(annsDeck);
        ann.await(annsJob, "completed");
    }

    @AfterAll
    static void stop() {
        running.close();
    }

    private static String path(String route) {
        return route.substring(route.indexOf(' ') + 1)
                .replace("{jobId}", annsJob)
                .replace("{deckId}", annsDeck.get("id").textValue())
                .replace("{eventId}", "some-event");
    }

    @Test
    void every_call_but_a_few_wants_a_token() {
        for (String route : running.server.routes()) {
            if (!FOR_EVERYBODY.contains(route)) {
                String method = route.substring(0, route.indexOf(' '));
                assertTrue(path(route).startsWith("/api/"), route);
                assertEquals(
                        401, running.nobody().call(method, path(route), null).status(), route);
            }
        }
    }

    @Test
    void anothers_job_or_deck_is_not_there() {
        Set<String> tried = new TreeSet<>();
        for (String route : running.server.routes()) {
            if (route.contains("{jobId}") || route.contains("{deckId}")) {
                String method = route.substring(0, route.indexOf(' '));
                Answer answer = bob.call(method, path(route), null);
                assertEquals(404, answer.status(), route);
                tried.add(route);
            }
        }
        assertEquals(8, tried.size(), tried.toString());
        assertEquals(
                403, bob.post("/api/tts/generate", bob.requestFor(annsDeck)).status());
        assertEquals(
                403, bob.post("/api/tts/estimate", bob.requestFor(annsDeck)).status());
    }

    @Test
    void lists_show_ones_own() {
        String all = "";
        for (String path : new String[] {"/api/my-decks", "/api/tts/jobs", "/api/tts/audit", "/api/tts/usage"}) {
            all += new String(bob.get(path).body(), StandardCharsets.UTF_8);
        }
        assertFalse(all.contains(annsJob) || all.contains(annsDeck.get("id").textValue()), all);
        assertEquals(0, bob.get("/api/tts/usage").json().at("/usage/characters").intValue());
        String annsDeckId = annsDeck.get("id").textValue();
        assertEquals(
                0,
                bob.get("/api/tts/jobs?deckId=" + annsDeckId).json().get("jobs").size());
        assertEquals(
                0, bob.get("/api/tts/jobs?cursor=" + annsJob).json().get("jobs").size());
    }

    @Test
    void every_route_is_described_and_nothing_else_is() {
        JsonNode description = running.call("GET", "/openapi.json", null).json();
        Set<String> described = new TreeSet<>();
        description
                .get("paths")
                .properties()
                .forEach(path -> path.getValue()
                        .fieldNames()
                        .forEachRemaining(method ->
                                described.add(method.toUpperCase(java.util.Locale.ROOT) + " " + path.getKey())));
        Set<String> real = new TreeSet<>();
        running.server.routes().stream()
                .filter(route -> !route.startsWith("HEAD"))
                .map(route -> route.replace('<', '{').replace('>', '}'))
                .forEach(real::add);

        assertEquals(real, described);
        assertTrue(description.get("openapi").textValue().startsWith("3.1"));
        // Whatever is referred to is there.
        description
                .findValuesAsText("$ref")
                .forEach(ref -> assertFalse(description.at(ref.substring(1)).isMissingNode(), ref));
    }

    @Test
    void a_token_of_another_issuer_needs_no_account() {
        User foreign = running.withToken(new Tokens(secret(), java.time.InstantSource.system()).issue("somebody-else"));

        JsonNode deck = foreign.deck("Dog", "Chien");
        assertEquals(
                "completed",
                foreign.await(foreign.generate(deck), "completed").get("status").textValue());
    }

    private static dev.ttsjobs.examples.worker.Secret secret() {
        return MadeSecret.in(running.workshop.settings().data().dir());
    }
}
