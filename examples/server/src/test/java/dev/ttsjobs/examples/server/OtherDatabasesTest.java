package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ttsjobs.examples.server.RunningServer.User;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example's own tables where other tests do not look. */
class OtherDatabasesTest {

    @TempDir
    Path dir;

    @Test
    void postgresql_will_do() throws IOException {
        try (EmbeddedPostgres postgres =
                EmbeddedPostgres.builder().setServerConfig("fsync", "off").start()) {
            runsOn("postgresql://postgres@127.0.0.1:" + postgres.getPort() + "/postgres");
        }
    }

    @Test
    void h2_will_do() {
        runsOn("jdbc:h2:" + dir.resolve("h2").toAbsolutePath());
    }

    private void runsOn(String url) {
        String deckId;
        try (RunningServer running = RunningServer.in(dir, "DATABASE_URL", url)) {
            User ann = running.register("Ann@example.org");
            assertEquals(409, registration(running, "ANN@example.org"));
            JsonNode deck = ann.deck("Good morning, «Zoë» 👋", "Bonjour\u202f!", "Cat", "Chat");
            deckId = deck.get("id").textValue();
            String job = ann.generate(deck);
            JsonNode done = ann.await(job, "completed");
            JsonNode card = ann.get("/api/my-decks/" + deckId).json().at("/deck/cards/0");
            assertEquals(done.at("/resultUrls/0/audioUrlEn"), card.get("audioUrlEn"));
            assertEquals(done.at("/resultUrls/0/audioUrlFr"), card.get("audioUrlFr"));
            assertEquals("Good morning, «Zoë» 👋", card.get("question").textValue());
            assertEquals(
                    List.of("job.submitted", "deck.created", "account.registered"),
                    ann.get("/api/tts/audit").json().get("entries").findValuesAsText("action"));
            assertEquals(4, ann.get("/api/tts/usage").json().at("/usage/billedClips").intValue());
        }
        // What was made is there after a restart, and costs nothing.
        try (RunningServer running = RunningServer.in(dir, "DATABASE_URL", url)) {
            User ann = running.withToken(running.nobody()
                    .post("/api/auth/login", Map.of("email", "ann@example.org", "password", "correct horse"))
                    .json()
                    .get("token")
                    .textValue());
            JsonNode deck = ann.get("/api/my-decks/" + deckId).json().get("deck");
            JsonNode again = ann.await(ann.generate(deck), "completed");
            assertTrue(again.at("/resultUrls/1/audio/fr/cached").booleanValue());
            assertEquals(0, running.voice.ledger().calls());
        }
    }

    private static int registration(RunningServer running, String email) {
        return running.nobody()
                .post("/api/auth/register", Map.of("email", email, "password", "correct horse"))
                .status();
    }
}
