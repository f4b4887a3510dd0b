package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ttsjobs.examples.server.RunningServer.Answer;
import dev.ttsjobs.examples.server.RunningServer.User;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
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
            "GET /healthz/live",
            "GET /healthz/ready",
            "GET /metrics",
            "GET /openapi.json",
            "GET /",
            "GET /{file}");

    private static final String NO_JOB = "00000000-0000-7000-8000-000000000000";
    private static final String NO_DECK = "00000000-0000-4000-8000-000000000000";

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

    private static String text(Answer answer) {
        return new String(answer.body(), StandardCharsets.UTF_8);
    }

    private static Map<String, List<String>> headers(Answer answer) {
        Map<String, List<String>> headers = new TreeMap<>(answer.headers().map());
        headers.remove("date");
        headers.remove("x-request-id");
        return headers;
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
        String annsDeckId = annsDeck.get("id").textValue();
        Set<String> tried = new TreeSet<>();
        for (String route : running.server.routes()) {
            if (route.contains("{jobId}") || route.contains("{deckId}")) {
                String method = route.substring(0, route.indexOf(' '));
                Answer answer = bob.call(method, path(route), null);
                assertEquals(404, answer.status(), route);
                // Nor is one that was never there told apart from it, not even by a header.
                Answer nothing =
                        bob.call(method, path(route).replace(annsJob, NO_JOB).replace(annsDeckId, NO_DECK), null);
                assertEquals(text(nothing), text(answer), route);
                assertEquals(headers(nothing), headers(answer), route);
                tried.add(route);
            }
        }
        assertEquals(9, tried.size(), tried.toString());
        JsonNode same = ann.job(annsJob);
        assertEquals("completed", same.get("status").textValue(), "and nothing was done to it");
        assertEquals(
                403, bob.post("/api/tts/generate", bob.requestFor(annsDeck)).status());
        assertEquals(
                403, bob.post("/api/tts/estimate", bob.requestFor(annsDeck)).status());
    }

    @Test
    void lists_show_ones_own() {
        String all = "";
        for (String route : running.server.routes()) {
            if (route.startsWith("GET /api/") && !route.contains("{")) {
                Answer answer = bob.get(path(route));
                assertEquals(200, answer.status(), route);
                all += text(answer);
            }
        }
        for (String secret : new String[] {annsJob, annsDeck.get("id").textValue(), "Cat", "ann@"}) {
            assertFalse(all.contains(secret), secret + " in " + all);
        }
        assertEquals(0, bob.get("/api/tts/usage").json().at("/usage/characters").intValue());
        String annsDeckId = annsDeck.get("id").textValue();
        assertEquals(
                0,
                bob.get("/api/tts/jobs?deckId=" + annsDeckId).json().get("jobs").size());
    }

    @Test
    void anothers_job_is_no_cursor() {
        User carol = running.register("carol@example.org");
        carol.generate(carol.deck("Dog", "Chien"));
        ann.generate(annsDeck);
        String annsNewest = ann.get("/api/tts/jobs").json().at("/jobs/0/id").textValue();

        for (String id : new String[] {annsNewest, NO_JOB}) {
            Answer answer = carol.get("/api/tts/jobs?cursor=" + id);
            assertEquals("{\"jobs\":[],\"nextCursor\":null}", text(answer));
        }
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
        User foreign = running.foreign("somebody-else");

        JsonNode deck = foreign.deck("Dog", "Chien");
        assertEquals(
                "completed",
                foreign.await(foreign.generate(deck), "completed").get("status").textValue());
    }
}
