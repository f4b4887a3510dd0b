package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ttsjobs.examples.server.RunningServer.Answer;
import dev.ttsjobs.examples.server.RunningServer.User;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A job may be spoken by other voices than the configured ones. */
class VoicesTest {

    @TempDir
    Path dir;

    private RunningServer running;
    private User ann;
    private JsonNode deck;

    @BeforeEach
    void start() {
        running = RunningServer.in(dir, "TTS_VOICE_FR", "nova", "TTS_VOICE_DE", "camille");
        ann = running.register("ann@example.org");
        deck = ann.deck("Cat", "Chat");
    }

    @AfterEach
    void stop() {
        running.close();
    }

    private Map<String, Object> request(Object voices) {
        Map<String, Object> request = new LinkedHashMap<>(ann.requestFor(deck));
        request.put("voices", voices);
        return request;
    }

    private JsonNode audio(String job) {
        return ann.await(job, "completed").at("/resultUrls/0");
    }

    @Test
    void a_card_is_made_again_with_another_voice_for_one_side() {
        JsonNode before = audio(ann.generate(deck));
        Map<String, Object> request = request(Map.of("en", "coral"));

        assertEquals(
                1,
                ann.post("/api/tts/estimate", request).json().get("cachedClips").intValue());
        Answer accepted = ann.post("/api/tts/generate", request);
        assertEquals(202, accepted.status());
        JsonNode after = audio(accepted.json().get("jobId").textValue());

        assertNotEquals(before.get("audioUrlEn"), after.get("audioUrlEn"));
        assertEquals(before.get("audioUrlFr"), after.get("audioUrlFr"));
        JsonNode card =
                ann.get("/api/my-decks/" + deck.get("id").textValue()).json().at("/deck/cards/0");
        assertEquals(after.get("audioUrlEn"), card.get("audioUrlEn"));
    }

    @Test
    void the_voices_to_choose_between_are_told() {
        JsonNode told = ann.get("/api/tts/voices").json();

        assertTrue(told.get("voices").toString().contains("\"marin\""));
        assertTrue(told.get("voices").toString().contains("\"camille\""), "what is configured can be chosen");
        assertEquals("alloy", told.at("/defaults/en").textValue());
        assertEquals("nova", told.at("/defaults/fr").textValue());
        assertEquals(401, running.nobody().get("/api/tts/voices").status());
    }

    @Test
    void what_is_no_voice_is_refused_and_nothing_begun() {
        for (Object voices : List.of(
                Map.of("en", "../../etc/passwd"),
                Map.of("en", 1),
                Map.of("no language", "alloy"),
                "alloy",
                List.of("alloy"))) {
            Answer refused = ann.post("/api/tts/generate", request(voices));
            assertEquals(400, refused.status(), () -> String.valueOf(voices));
            assertTrue(refused.json().at("/errors/0/field").textValue().startsWith("voices"));
            assertFalse(refused.json().toString().contains("passwd"), "what was sent is not sent back");
        }
        assertEquals(0, ann.get("/api/tts/jobs").json().get("jobs").size());
    }
}
