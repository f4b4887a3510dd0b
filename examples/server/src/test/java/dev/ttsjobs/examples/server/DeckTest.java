package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ttsjobs.examples.server.RunningServer.Answer;
import dev.ttsjobs.examples.server.RunningServer.User;
import dev.ttsjobs.examples.voice.FaultKind;
import dev.ttsjobs.examples.voice.VoiceFaults;
import java.nio.file.Path;
import java.util.Map;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Decks that are deleted, and how much of them there may be. */
class DeckTest {

    @TempDir
    Path dir;

    private static String path(JsonNode deck) {
        return "/api/my-decks/" + deck.get("id").textValue();
    }

    @Test
    void a_deck_is_deleted_once_no_job_is_at_work_on_it_and_its_audio_stays() {
        try (RunningServer running = RunningServer.in(dir)) {
            User ann = running.register("ann@example.org");
            JsonNode deck = ann.deck("Cat", "Chat");
            String job = ann.generate(deck);
            ann.await(job, "completed");
            running.voice.faults(VoiceFaults.always(FaultKind.QUOTA));
            JsonNode busy = ann.deck("Dog", "Chien");
            String waiting = ann.generate(busy);

            Answer refused = ann.delete(path(busy));
            assertEquals(409, refused.status());
            assertEquals("deck_at_work", refused.json().get("code").textValue());
            ann.delete("/api/tts/jobs/" + waiting);
            assertEquals(204, ann.delete(path(busy)).status());
            assertEquals(204, ann.delete(path(deck)).status());

            assertEquals(404, ann.delete(path(deck)).status());
            assertEquals(0, ann.get("/api/my-decks").json().get("decks").size());
            assertEquals("completed", ann.job(job).get("status").textValue());
            assertEquals(200, ann.get("/api/tts/jobs/" + job + "/archive").status());
            assertTrue(ann.get("/api/tts/audit")
                    .json()
                    .get("entries")
                    .findValuesAsText("action")
                    .contains("deck.deleted"));
        }
    }

    @Test
    void nobody_keeps_more_than_the_server_can_list() {
        try (RunningServer running = RunningServer.in(dir)) {
            User ann = running.register("ann@example.org");
            User bob = running.register("bob@example.org");
            JsonNode deck = ann.deck("Cat", "Chat");
            Jdbi.create(running.workshop.dataSource())
                    .useHandle(handle -> handle.execute("UPDATE cards SET question = ?", "x".repeat(10_000_000)));

            Map<String, String> more = Map.of("name", "More");
            Answer refused = ann.post("/api/my-decks", more);
            assertEquals(409, refused.status());
            assertEquals("decks_full", refused.json().get("code").textValue());
            assertEquals(201, bob.post("/api/my-decks", more).status());
            assertEquals(204, ann.delete(path(deck)).status());
            assertEquals(201, ann.post("/api/my-decks", more).status());
        }
    }
}
