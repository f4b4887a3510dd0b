package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ttsjobs.examples.server.RunningServer.Answer;
import dev.ttsjobs.examples.server.RunningServer.User;
import dev.ttsjobs.examples.voice.FaultKind;
import dev.ttsjobs.examples.voice.VoiceFaults;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user does, from signing up to hearing. */
class WholeFlowTest {

    @TempDir
    Path dir;

    private RunningServer running;
    private User ann;

    @BeforeEach
    void start() {
        running = RunningServer.in(dir);
        ann = running.register("Ann@Example.org");
    }

    @AfterEach
    void stop() {
        running.close();
    }

    @Test
    void a_registered_user_signs_in_whatever_the_case_of_the_address() {
        Answer again = running.nobody()
                .post("/api/auth/login", Map.of("email", "ANN@example.ORG", "password", "correct horse"));

        assertEquals(200, again.status());
        assertTrue(again.json().get("ok").booleanValue());
        assertEquals("ann@example.org", again.json().at("/user/email").textValue());
        User same = running.withToken(again.json().get("token").textValue());
        ann.deck("Cat", "Chat");
        assertEquals(1, same.get("/api/my-decks").json().get("decks").size());
    }

    @Test
    void a_deck_becomes_audio() {
        JsonNode deck = ann.deck("Good morning", "Bonjour", "See you soon", "À bientôt");
        Answer accepted = ann.post("/api/tts/generate", ann.requestFor(deck));
        String id = accepted.json().get("jobId").textValue();

        assertEquals(202, accepted.status());
        assertEquals("/api/tts/status/" + id, accepted.header("Location"));
        assertFalse(accepted.header("Retry-After").isEmpty());

        JsonNode job = ann.await(id, "completed");
        assertEquals(2, job.get("totalPhrases").intValue());
        assertEquals(2, job.get("processedCount").intValue());
        assertEquals(0, job.get("failedCount").intValue());
        assertEquals("low", job.get("priority").textValue());
        assertTrue(job.get("errorMessage").isNull());
        JsonNode first = job.at("/resultUrls/0");
        assertEquals(deck.at("/cards/0/id"), first.get("cardId"));
        assertEquals(first.get("audioUrlEn"), first.at("/audio/en/url"));

        Answer audio = running.call("GET", first.get("audioUrlFr").textValue(), null);
        assertEquals(200, audio.status());
        assertEquals("audio/mpeg", audio.header("Content-Type"));
        assertEquals(first.at("/audio/fr/bytes").intValue(), audio.body().length);
        assertEquals(4, running.voice.ledger().calls());
    }

    @Test
    void the_same_deck_again_costs_nothing() {
        JsonNode deck = ann.deck("Good morning", "Bonjour", "See you soon", "À bientôt");
        ann.await(ann.generate(deck), "completed");
        JsonNode estimate = ann.post("/api/tts/estimate", ann.requestFor(deck)).json();
        assertEquals(4, estimate.get("clips").intValue());
        assertEquals(4, estimate.get("cachedClips").intValue());
        assertEquals(0, estimate.get("billableCharacters").intValue());
        assertEquals(0, estimate.get("estimatedSeconds").intValue());

        JsonNode job = ann.await(ann.generate(deck), "completed");

        assertTrue(job.at("/resultUrls/0/audio/en/cached").booleanValue());
        assertEquals(0, job.at("/usage/billedCharacters").intValue());
        assertEquals(4, running.voice.ledger().calls());
        JsonNode usage = ann.get("/api/tts/usage").json().get("usage");
        assertEquals(2, usage.get("jobsToday").intValue());
        assertEquals(3, usage.get("jobsLeftToday").intValue());
        assertEquals(4, usage.get("billedClips").intValue());
        assertEquals(usage.get("estimatedCostUsd"), usage.get("savedUsd"));
    }

    @Test
    void an_estimate_counts_and_creates_nothing() {
        JsonNode deck = ann.deck("Tom.", "Tom.", "Tom.", "Non\u00a0!");
        JsonNode estimate = ann.post("/api/tts/estimate", ann.requestFor(deck)).json();

        // "Tom." by two voices, and "Non !": three clips.
        assertEquals(3, estimate.get("clips").intValue());
        assertEquals(13, estimate.get("characters").intValue());
        assertEquals(0.000195, estimate.get("estimatedCostUsd").doubleValue(), 1e-12);
        assertEquals(0, ann.get("/api/tts/jobs").json().get("jobs").size());
        assertEquals(0, running.voice.ledger().calls());
    }

    @Test
    void other_languages_have_texts_of_their_own() {
        JsonNode deck = ann.deck("Cat", "Chat");
        Map<String, Object> phrase = Map.of("texts", Map.of("de", "Katze", "pt-BR", "Gato"));
        Answer accepted = ann.post(
                "/api/tts/generate",
                Map.of("deckId", deck.get("id"), "phrases", List.of(phrase), "priority", "high", "unknown", 1));
        JsonNode job = ann.await(accepted.json().get("jobId").textValue(), "completed");

        assertEquals("high", job.get("priority").textValue());
        JsonNode result = job.at("/resultUrls/0");
        assertTrue(result.get("cardId").isNull());
        assertTrue(result.get("audioUrlEn").isNull());
        assertTrue(result.at("/audio/de/durationMs").intValue() > 0);
        assertTrue(result.at("/audio/pt-BR/url").isTextual());
    }

    @Test
    void a_public_deck_goes_before_a_private_one() {
        JsonNode deck = ann.post(
                        "/api/my-decks",
                        Map.of(
                                "name",
                                "Open",
                                "isPublic",
                                true,
                                "cards",
                                List.of(Map.of("question", "Cat", "answers", List.of("Chat")))))
                .json()
                .get("deck");

        assertTrue(deck.get("isPublic").booleanValue());
        assertEquals("normal", ann.job(ann.generate(deck)).get("priority").textValue());
    }

    @Test
    void what_failed_is_made_again_in_the_same_job() {
        running.voice.faults(VoiceFaults.always(FaultKind.REFUSED).withOnly("Chat"));
        JsonNode deck = ann.deck("Cat", "Chat", "Dog", "Chien");
        String id = ann.generate(deck);
        JsonNode job = ann.await(id, "completed");
        assertEquals(1, job.get("failedCount").intValue());
        assertEquals(
                "content_policy_violation",
                job.at("/resultUrls/0/errors/fr/code").textValue());
        assertTrue(job.at("/resultUrls/0/audioUrlFr").isNull());
        assertTrue(job.get("errorMessage").textValue().startsWith("1 of 2 phrases"));

        running.voice.faults(VoiceFaults.none());
        Answer retried = ann.post("/api/tts/jobs/" + id + "/retry", Map.of());
        assertEquals(202, retried.status());
        assertEquals(id, retried.json().get("jobId").textValue());

        JsonNode whole = RunningServer.eventually(() -> {
            JsonNode now = ann.job(id);
            return now.get("failedCount").intValue() == 0
                            && "completed".equals(now.get("status").textValue())
                    ? now
                    : null;
        });
        assertTrue(whole.at("/resultUrls/0/audioUrlFr").isTextual());
        assertTrue(whole.get("errorMessage").isNull());
        assertEquals(409, ann.post("/api/tts/jobs/" + id + "/retry", Map.of()).status());
    }

    @Test
    void a_cancelled_job_stays_cancelled() {
        running.voice.faults(VoiceFaults.always(FaultKind.QUOTA));
        String id = ann.generate(ann.deck("Cat", "Chat"));

        Answer cancelled = ann.delete("/api/tts/jobs/" + id);

        assertEquals(200, cancelled.status());
        assertEquals("cancelled", cancelled.json().at("/job/status").textValue());
        assertEquals(409, ann.delete("/api/tts/jobs/" + id).status());
        assertEquals(409, ann.post("/api/tts/jobs/" + id + "/retry", Map.of()).status());
        assertEquals(200, ann.get("/api/tts/jobs/" + id + "/archive").status());
    }

    @Test
    void jobs_are_listed_newest_first_and_by_page() {
        JsonNode cats = ann.deck("Cat", "Chat");
        JsonNode dogs = ann.deck("Dog", "Chien");
        String first = ann.generate(cats);
        ann.await(first, "completed");
        String second = ann.generate(dogs);
        String third = ann.generate(cats);
        ann.await(second, "completed");
        ann.await(third, "completed");

        JsonNode page = ann.get("/api/tts/jobs?limit=2").json();
        assertEquals(List.of(third, second), ids(page));
        JsonNode rest = ann.get(
                        "/api/tts/jobs?limit=2&cursor=" + page.get("nextCursor").textValue())
                .json();
        assertEquals(List.of(first), ids(rest));
        assertTrue(rest.get("nextCursor").isNull());
        String dogsId = dogs.get("id").textValue();
        assertEquals(
                List.of(second), ids(ann.get("/api/tts/jobs?deckId=" + dogsId).json()));
        assertEquals(List.of(), ids(ann.get("/api/tts/jobs?status=failed").json()));
        assertEquals(3, ids(ann.get("/api/tts/jobs?status=completed").json()).size());
    }

    private static List<String> ids(JsonNode page) {
        return page.get("jobs").findValuesAsText("id");
    }

    @Test
    void status_answers_304_until_the_job_changes() {
        String id = ann.generate(ann.deck("Cat", "Chat"));
        ann.await(id, "completed");
        String tag = ann.get("/api/tts/status/" + id).header("ETag");

        Answer unchanged = ann.get("/api/tts/status/" + id, "If-None-Match", tag);
        assertEquals(304, unchanged.status());
        assertEquals(0, unchanged.body().length);
        assertEquals(
                200,
                ann.get("/api/tts/status/" + id, "If-None-Match", "\"other\"").status());
    }

    @Test
    void an_archive_holds_the_audio_under_readable_names() throws IOException {
        JsonNode deck = ann.deck("=1+1 Café \"noir\"?", "Un café", "Cat", "Chat");
        String id = ann.generate(deck);
        ann.await(id, "completed");

        Answer answer = ann.get("/api/tts/jobs/" + id + "/archive");

        assertEquals("application/zip", answer.header("Content-Type"));
        Map<String, byte[]> files = unzip(answer.body());
        assertEquals(
                List.of(
                        "001-1-1-cafe-noir-en.mp3",
                        "001-1-1-cafe-noir-fr.mp3",
                        "002-cat-en.mp3",
                        "002-cat-fr.mp3",
                        "manifest.csv"),
                List.copyOf(files.keySet()));
        JsonNode bytes = ann.job(id).at("/resultUrls/1/audio/fr/bytes");
        assertEquals(bytes.intValue(), files.get("002-cat-fr.mp3").length);
        String manifest = new String(files.get("manifest.csv"), StandardCharsets.UTF_8);
        assertTrue(manifest.contains("\"'=1+1 Café \"\"noir\"\"?\",\"Un café\",\"en\""), manifest);
        assertEquals(5, manifest.lines().count());
    }

    private static Map<String, byte[]> unzip(byte[] zip) throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                files.put(entry.getName(), in.readAllBytes());
            }
        }
        return files;
    }

    @Test
    void an_unfinished_job_has_no_archive() {
        running.voice.faults(VoiceFaults.always(FaultKind.QUOTA));
        String id = ann.generate(ann.deck("Cat", "Chat"));

        assertEquals(409, ann.get("/api/tts/jobs/" + id + "/archive").status());
    }

    @Test
    void what_was_done_is_on_record() {
        JsonNode deck = ann.deck("Cat", "Chat");
        String id = ann.generate(deck);
        ann.await(id, "completed");

        JsonNode page = ann.get("/api/tts/audit?limit=1").json();
        JsonNode entry = page.at("/entries/0");
        assertEquals("job.submitted", entry.get("action").textValue());
        assertEquals(id, entry.get("jobId").textValue());
        assertEquals(deck.get("id"), entry.get("deckId"));
        assertEquals(1, entry.get("phrases").intValue());
        assertEquals(7, entry.get("characters").intValue());
        assertEquals("127.0.0.1", entry.get("address").textValue());
        assertNotNull(entry.get("at").textValue());
        JsonNode before = ann.get(
                        "/api/tts/audit?cursor=" + page.get("nextCursor").textValue())
                .json();
        assertEquals(
                List.of("deck.created", "account.registered"),
                before.get("entries").findValuesAsText("action"));
    }

    @Test
    void the_page_comes_under_a_strict_policy() {
        Answer page = running.call("GET", "/", null);

        assertEquals(200, page.status());
        assertTrue(page.header("Content-Type").startsWith("text/html"));
        assertTrue(page.header("Content-Security-Policy").startsWith("default-src 'none'; script-src 'self'"));
        assertEquals(
                "text/javascript; charset=utf-8",
                running.call("GET", "/app.js", null).header("Content-Type"));
        assertEquals(
                "text/css; charset=utf-8",
                running.call("GET", "/style.css", null).header("Content-Type"));
        for (String no : List.of("/logback.xml", "/openapi.js", "/..%2fopenapi.json", "/App.js", "/public/app.js")) {
            assertEquals(404, running.call("GET", no, null).status(), no);
        }
    }
}
