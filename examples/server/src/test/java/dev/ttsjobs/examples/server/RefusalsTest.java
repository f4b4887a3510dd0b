package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ttsjobs.examples.server.RunningServer.Answer;
import dev.ttsjobs.examples.server.RunningServer.User;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the server does not take, how it says so, and in which order. */
class RefusalsTest {

    @TempDir
    static Path dir;

    private static RunningServer running;
    private static int users;
    private User ann;
    private JsonNode deck;

    @BeforeAll
    static void start() {
        running = RunningServer.in(
                dir,
                "TTS_MAX_TEXT_LENGTH",
                "100",
                "TTS_MAX_JOBS_PER_DAY",
                "1",
                "WEBHOOK_SECRET",
                "whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0");
    }

    @AfterAll
    static void stop() {
        running.close();
    }

    @BeforeEach
    void signUp() {
        ann = running.register("user" + users++ + "@example.org");
        deck = ann.deck("Cat", "Chat");
    }

    private Map<String, Object> body(Object... phrases) {
        return Map.of("deckId", deck.get("id").textValue(), "phrases", List.of(phrases));
    }

    private static void assertRefused(int status, Answer answer) {
        assertEquals(status, answer.status(), () -> answer.json().toString());
        assertEquals("application/problem+json", answer.header("Content-Type"));
        JsonNode problem = answer.json();
        assertEquals(status, problem.get("status").intValue());
        for (String member : List.of("type", "title", "detail", "error")) {
            assertTrue(problem.get(member).isTextual(), member);
        }
    }

    private static List<String> fields(Answer answer) {
        return answer.json().get("errors").findValuesAsText("field");
    }

    @Test
    void all_that_is_wrong_is_said_at_once() {
        Map<String, Object> bad = new HashMap<>(body(
                Map.of("textEn", " "),
                Map.of("textEn", "?!"),
                Map.of("cardId", "x"),
                Map.of("textFr", "a", "texts", Map.of("fr", "b")),
                Map.of("textEn", "x".repeat(101)),
                Map.of("texts", Map.of("not a language", "a")),
                Map.of("textEn", 5),
                Map.of("textEn", "a\u0000b"),
                "text"));
        bad.put("priority", "urgent");
        bad.put("webhookUrl", "http://example.org/hook");

        Answer answer = ann.post("/api/tts/generate", bad);

        assertRefused(400, answer);
        assertEquals(
                List.of(
                        "phrases[0].textEn",
                        "phrases[1].textEn",
                        "phrases[2]",
                        "phrases[3].texts.fr",
                        "phrases[4].textEn",
                        "phrases[5].texts",
                        "phrases[5]",
                        "phrases[6].textEn",
                        "phrases[7].textEn",
                        "phrases[8]",
                        "priority",
                        "webhookUrl"),
                fields(answer));
        assertEquals(
                List.of(
                        "empty",
                        "no_letter",
                        "empty",
                        "contradiction",
                        "too_long",
                        "not_a_language",
                        "empty",
                        "wrong_type",
                        "bad_character",
                        "wrong_type",
                        "not_a_choice",
                        "not_an_address"),
                answer.json().get("errors").findValuesAsText("code"));
        assertEquals(100, answer.json().at("/errors/4/limit").intValue());
        assertRefused(400, ann.post("/api/tts/estimate", bad));
        assertEquals(0, ann.get("/api/tts/jobs").json().get("jobs").size());
        assertEquals(0, ann.get("/api/tts/usage").json().at("/usage/jobsToday").intValue());
    }

    @Test
    void a_text_in_the_wrong_column_is_warned_of_and_taken() {
        Map<String, Object> swapped = body(
                Map.of("textEn", "Good morning", "textFr", "Bonjour"),
                Map.of("textEn", "Où est la gare ?", "textFr", "Where is the station?"));

        for (String call : List.of("/api/tts/estimate", "/api/tts/generate")) {
            Answer answer = ann.post(call, swapped);
            assertTrue(answer.status() < 300);
            assertEquals(
                    Set.of("phrases[1].textEn", "phrases[1].textFr"),
                    Set.copyOf(answer.json().get("warnings").findValuesAsText("field")));
            assertEquals(
                    Set.of("looks_french", "looks_english"),
                    Set.copyOf(answer.json().get("warnings").findValuesAsText("code")));
        }
    }

    @Test
    void the_same_text_by_both_names_is_fine() {
        Map<String, Object> phrase = Map.of("textFr", "Chat", "texts", Map.of("fr", "Chat"));
        assertEquals(200, ann.post("/api/tts/estimate", body(phrase)).status());
    }

    @Test
    void a_job_has_from_1_to_200_phrases() {
        List<Object> phrases = new ArrayList<>(Collections.nCopies(200, Map.of("textEn", "Cat")));
        assertEquals(200, ann.post("/api/tts/estimate", body(phrases.toArray())).status());
        phrases.add(Map.of("textEn", "Cat"));
        assertRefused(400, ann.post("/api/tts/estimate", body(phrases.toArray())));
        assertEquals(List.of("phrases"), fields(ann.post("/api/tts/generate", body())));
        assertEquals(List.of("deckId", "phrases"), fields(ann.post("/api/tts/generate", Map.of())));
    }

    @Test
    void what_is_not_json_is_refused() {
        String path = "/api/tts/generate";
        assertRefused(400, ann.post(path, "{"));
        assertRefused(400, ann.post(path, "[]"));
        assertRefused(400, ann.post(path, "{\"deckId\":\"a\",\"deckId\":\"b\"}"));
        assertRefused(400, ann.post(path, "{} {}"));
        assertRefused(400, ann.post(path, "{\"a\":" + "[".repeat(10_000)));
        assertRefused(400, ann.post(path, "{\"a\":" + "9".repeat(5_000) + "}"));
        assertRefused(415, ann.post(path, "{}", "Content-Type", "text/plain"));
        assertRefused(415, ann.post(path, "{}", "Content-Type", "application/json;charset=no-such"));
        assertRefused(415, ann.post(path, "{}", "Content-Type", "text/plain;charset=no-such"));
        assertRefused(415, ann.post(path, "{}", "Content-Type", "application/json", "Content-Encoding", "gzip"));
        assertEquals(
                400,
                ann.post(path, "{}", "Content-Type", "Application/JSON; charset=UTF-8")
                        .status());
    }

    @Test
    void the_first_reason_of_a_fixed_order_is_given() {
        String path = "/api/tts/generate";
        String large = "x".repeat(Json.MAX_BODY + 1);
        assertRefused(401, running.nobody().post(path, large, "Content-Type", "text/plain"));
        assertRefused(413, ann.post(path, large, "Content-Type", "text/plain"));
        assertRefused(415, ann.post(path, "{", "Content-Type", "text/plain"));
        Map<String, Object> unknownDeck = Map.of("deckId", "no such deck", "phrases", List.of(Map.of("textEn", "?")));
        assertRefused(400, ann.post(path, unknownDeck));
        ann.generate(deck);
        Map<String, Object> spoken = Map.of("deckId", "no such deck", "phrases", List.of(Map.of("textEn", "a")));
        assertRefused(404, ann.post(path, spoken));
        User bob = running.register("bob" + users++ + "@example.org");
        String bobsDeck = bob.deck("a", "b").get("id").textValue();
        assertRefused(403, ann.post(path, Map.of("deckId", bobsDeck, "phrases", List.of(Map.of("textEn", "a")))));
        Answer tooMany = ann.post(path, body(Map.of("textEn", "a")));
        assertRefused(429, tooMany);
        long wait = Long.parseLong(tooMany.header("Retry-After"));
        assertTrue(wait > 0 && wait <= 86_400, "until midnight: " + wait);
    }

    @Test
    void accounts_need_an_address_and_eight_characters() {
        User nobody = running.nobody();
        Answer bad = nobody.post("/api/auth/register", Map.of("email", "no address", "password", "seven77"));
        assertRefused(400, bad);
        assertEquals(List.of("email", "password"), fields(bad));
        assertRefused(400, nobody.post("/api/auth/register", Map.of("password", 12345678)));
        Map<String, Object> taken = Map.of("email", "USER0@example.ORG", "password", "long enough");
        assertRefused(409, nobody.post("/api/auth/register", taken));
        assertRefused(401, nobody.post("/api/auth/login", taken));
    }

    @Test
    void decks_are_checked_too() {
        Answer bad = ann.post(
                "/api/my-decks",
                Map.of("name", "", "isPublic", "yes", "cards", List.of(Map.of("answers", List.of(1)), "x")));
        assertRefused(400, bad);
        assertEquals(
                List.of(
                        "name",
                        "isPublic",
                        "cards[0].question",
                        "cards[0].answers[0]",
                        "cards[1]",
                        "cards[1].question"),
                fields(bad));
    }

    @Test
    void lists_want_sensible_bounds() {
        for (String bad : List.of(
                "/api/tts/jobs?limit=0",
                "/api/tts/jobs?limit=x",
                "/api/tts/jobs?limit=1000000",
                "/api/tts/jobs?status=done",
                "/api/tts/jobs?cursor=x'--",
                "/api/tts/audit?cursor=x'--",
                "/api/tts/audit?limit=-1")) {
            assertRefused(400, ann.get(bad));
        }
    }

    /** Where the address itself shows that it leads home, in whichever way it is written. */
    @Test
    void webhooks_do_not_go_into_private_networks() {
        for (String home : List.of(
                "https://127.0.0.1/",
                "https://127.1/",
                "https://2130706433/",
                "https://0x7f000001/",
                "https://017700000001/",
                "https://0177.0.0.1/",
                "https://[::1]/",
                "https://[::ffff:127.0.0.1]/",
                "https://[::ffff:a9fe:a9fe]/",
                "https://[64:ff9b::7f00:1]/",
                "https://[2002:7f00:1::]/",
                "https://[fd00::1]/",
                "https://169.254.169.254/latest/meta-data/",
                "https://10.0.0.1/",
                "https://100.64.0.1/",
                "https://localhost/",
                "https://localhost./",
                "https://example.org@127.0.0.1/",
                "https://example.org:22/",
                "http://example.org/",
                "file:///etc/passwd",
                "https://\r\nHost: x/",
                "https://１２７.0.0.1/")) {
            Map<String, Object> request = new HashMap<>(body(Map.of("textEn", "Cat")));
            request.put("webhookUrl", home);
            Answer answer = ann.post("/api/tts/generate", request);
            assertRefused(400, answer);
            assertEquals(List.of("webhookUrl"), fields(answer), home);
        }
        assertEquals(0, ann.get("/api/tts/jobs").json().get("jobs").size());
    }

    @Test
    void without_a_secret_to_sign_them_with_there_are_no_webhooks(@TempDir Path another) {
        try (RunningServer unsigned = RunningServer.in(another)) {
            User bob = unsigned.register("bob@example.org");
            Map<String, Object> request = new HashMap<>(bob.requestFor(bob.deck("Cat", "Chat")));
            request.put("webhookUrl", "https://example.org/hook");
            Answer answer = bob.post("/api/tts/generate", request);
            assertRefused(400, answer);
            assertEquals(List.of("webhookUrl"), fields(answer));
        }
    }

    @Test
    void what_is_not_there_is_a_problem_too() {
        assertRefused(404, ann.get("/api/tts/status/nonsense"));
        assertRefused(404, ann.get("/api/tts/status/00000000-0000-7000-8000-000000000000"));
        assertRefused(404, ann.get("/api/my-decks/nonsense"));
        assertRefused(404, ann.get("/api/nonsense"));
        assertRefused(404, running.nobody().get("/nonsense"));
        Answer notSo = ann.call("PUT", "/api/my-decks", Map.of());
        assertRefused(405, notSo);
        assertEquals("GET, POST", notSo.header("Allow"));
        assertRefused(401, running.nobody().get("/api/nonsense"));
    }
}
