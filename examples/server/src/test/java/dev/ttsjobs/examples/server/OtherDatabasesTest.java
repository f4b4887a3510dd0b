package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ttsjobs.examples.server.RunningServer.User;
import dev.ttsjobs.examples.voice.OfflineVoiceServer;
import dev.ttsjobs.examples.worker.Settings;
import dev.ttsjobs.examples.worker.WorkerMain;
import dev.ttsjobs.examples.worker.Workshop;
import dev.ttsjobs.job.JobRequest;
import dev.ttsjobs.queue.JobStore.JobQuery;
import dev.ttsjobs.queue.jdbc.MariaDbServer;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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

    @Test
    void mariadb_will_do() {
        runsOn(MariaDbServer.serviceUrl("mariadb", MariaDbServer.newDatabase()));
    }

    @Test
    void every_form_of_the_url_is_understood() throws IOException {
        String maria = MariaDbServer.newDatabase();
        List<String> urls = new ArrayList<>(List.of(
                "",
                "jdbc:sqlite:" + dir.resolve("own.db").toAbsolutePath(),
                "jdbc:h2:" + dir.resolve("h2").toAbsolutePath(),
                "jdbc:h2:mem:forms;DB_CLOSE_DELAY=-1",
                MariaDbServer.url(maria),
                MariaDbServer.serviceUrl("mariadb", maria),
                MariaDbServer.serviceUrl("mysql", maria)));
        try (EmbeddedPostgres postgres =
                EmbeddedPostgres.builder().setServerConfig("fsync", "off").start()) {
            String place = "127.0.0.1:" + postgres.getPort() + "/postgres";
            urls.add("postgresql://postgres:p%40ss+word@" + place);
            urls.add("postgres://postgres@" + place + "?ApplicationName=tts");
            urls.add("jdbc:postgresql://" + place + "?user=postgres");
            for (String url : urls) {
                Settings settings = Settings.from(Map.of(
                        "DATABASE_URL", url,
                        "TTS_DATA_DIR", dir.resolve("data").toString(),
                        "LOCAL_STORAGE_PATH", dir.resolve("audio").toString()));
                try (Workshop workshop = Workshop.open(settings)) {
                    workshop.jobs()
                            .submit(JobRequest.builder("ann")
                                    .phrase("card", "en", "Cat")
                                    .build());
                    assertEquals(1, workshop.queue().depth().queued(), url);
                    workshop.jobs()
                            .list(JobQuery.ofOwner("ann", 10))
                            .forEach(job -> workshop.jobs().cancel(job.id()));
                }
            }
        }
    }

    @Test
    void the_demo_is_made_by_a_standalone_worker_on_mariadb() throws Exception {
        String url = MariaDbServer.serviceUrl("mariadb", MariaDbServer.newDatabase());
        List<String> settings = List.of(
                "DATABASE_URL",
                url,
                "TTS_REQUESTS_PER_MINUTE",
                "6000",
                "WORKER_ENABLED",
                "false",
                "LOCAL_STORAGE_PATH",
                dir.resolve("audio").toString());
        try (OfflineVoiceServer voice = RunningServer.tunes();
                Programs workers = new Programs(Files.createDirectories(dir.resolve("worker")), voice);
                Programs servers = new Programs(Files.createDirectories(dir.resolve("server")), voice)) {
            Process worker = workers.launch(WorkerMain.class, settings);
            workers.awaitLogged("working");
            Programs.Ended demo = servers.run(settings, "--demo", "--exit-when-done");
            assertEquals(0, demo.status(), demo.out() + demo.err());
            assertTrue(demo.out().contains("40 of 40 cards have their audio"), demo.out());
            assertEquals(80, voice.ledger().calls());
            worker.destroy();
            assertEquals(143, workers.await(worker, 30).status());
            assertTrue(workers.log().contains("stopped"), workers.log());
            assertFalse(workers.log().contains("WARN"), workers.log());
        }
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
            assertEquals(
                    4, ann.get("/api/tts/usage").json().at("/usage/billedClips").intValue());
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
