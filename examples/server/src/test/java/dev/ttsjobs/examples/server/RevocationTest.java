package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ttsjobs.examples.server.RunningServer.Answer;
import dev.ttsjobs.examples.server.RunningServer.User;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tokens whose time is not over, of users that may no longer use them. */
@Timeout(60)
class RevocationTest {

    @TempDir
    static Path dir;

    private static RunningServer running;
    private static User boss;

    @BeforeAll
    static void start() {
        running = RunningServer.in(dir, "ADMIN_EMAILS", "boss@example.org");
        boss = running.register("boss@example.org");
        // Nothing moves, so that only who may not watch any longer is told anything.
        running.workshop.jobs().pause(running.workshop.account(), "a test");
    }

    @AfterAll
    static void stop() {
        running.close();
    }

    private static Answer login(String email, String password) {
        return running.nobody().post("/api/auth/login", Map.of("email", email, "password", password));
    }

    private static Wire watching(User user) throws IOException {
        JsonNode deck = user.deck("Cat", "Chat");
        Wire wire = new Wire(running.server.port());
        wire.head(
                "GET /api/tts/stream/" + user.generate(deck) + " HTTP/1.0",
                "Host: a",
                "Authorization: Bearer " + user.token);
        for (String line = ""; !line.startsWith("data: {"); line = wire.line()) {
            assertNotEquals(null, line);
        }
        return wire;
    }

    /** Heartbeats may come before the end. */
    private static void assertEnds(Wire wire) throws IOException {
        for (String line = wire.line(); line != null; line = wire.line()) {
            assertTrue(line.isEmpty() || line.startsWith(":"), line);
        }
        assertNull(wire.line());
    }

    private static void assertOut(User user) {
        for (String path : new String[] {"/api/my-decks", "/api/tts/jobs", "/api/operator"}) {
            assertEquals(401, user.get(path).status(), path);
        }
    }

    @Test
    void whoever_is_signed_in_with_the_old_password_is_out() throws IOException {
        User thief = running.register("ann@example.org");
        try (Wire wire = watching(thief)) {
            Map<String, String> wrong = Map.of("password", "wrong horse", "newPassword", "battery staple");
            assertEquals(400, thief.post("/api/auth/password", wrong).status());
            Map<String, String> weak = Map.of("password", "correct horse", "newPassword", "short");
            assertEquals(400, thief.post("/api/auth/password", weak).status());
            assertEquals(200, thief.get("/api/my-decks").status());

            Map<String, String> right = Map.of("password", "correct horse", "newPassword", "battery staple");
            Answer changed = thief.post("/api/auth/password", right);
            assertEquals(200, changed.status());
            assertOut(thief);
            assertEnds(wire);

            User ann = running.withToken(changed.json().get("token").textValue());
            assertEquals(1, ann.get("/api/my-decks").json().get("decks").size());
            assertEquals(
                    "password.changed",
                    ann.get("/api/tts/audit").json().at("/entries/0/action").textValue());
        }
        assertEquals(401, login("ann@example.org", "correct horse").status());
        // Within the same second, too.
        User again = running.withToken(
                login("ann@example.org", "battery staple").json().get("token").textValue());
        assertEquals(200, again.get("/api/my-decks").status());
    }

    @Test
    void who_is_blocked_is_out_and_stays_out() throws IOException {
        User bob = running.register("bob@example.org");
        Map<String, String> who = Map.of("email", "Bob@example.org");
        assertEquals(
                403,
                bob.post("/api/operator/block", Map.of("email", "boss@example.org"))
                        .status());
        try (Wire wire = watching(bob)) {
            assertEquals(204, boss.post("/api/operator/block", who).status());
            assertOut(bob);
            assertEnds(wire);
        }
        assertEquals(403, login("bob@example.org", "correct horse").status());
        assertEquals(401, login("bob@example.org", "wrong password").status());

        assertEquals(204, boss.post("/api/operator/unblock", who).status());
        assertOut(bob);
        assertEquals(200, login("bob@example.org", "correct horse").status());
    }

    @Test
    void another_issuers_user_can_be_blocked_too() {
        User eve = running.foreign("eve");
        assertEquals(200, eve.get("/api/my-decks").status());
        assertEquals(
                204, boss.post("/api/operator/block", Map.of("user", "eve")).status());
        assertOut(eve);
        Map<String, String> passwords = Map.of("password", "correct horse", "newPassword", "battery staple");
        assertEquals(
                409,
                running.foreign("fay").post("/api/auth/password", passwords).status());
    }

    @Test
    void a_token_goes_with_its_account() throws IOException {
        User carol = running.register("carol@example.org");
        try (Wire wire = watching(carol)) {
            Jdbi.create(running.workshop.dataSource())
                    .useHandle(handle -> handle.execute("DELETE FROM users WHERE email = 'carol@example.org'"));
            assertOut(carol);
            assertEnds(wire);
        }
    }

    @Test
    void an_operator_blocks_who_is_named_and_not_by_mistake() {
        for (Map<String, String> bad : List.<Map<String, String>>of(
                Map.of(), Map.of("email", "a@example.org", "user", "a"), Map.of("email", " ".repeat(300)))) {
            assertEquals(400, boss.post("/api/operator/block", bad).status());
        }
        assertEquals(
                404,
                boss.post("/api/operator/block", Map.of("email", "nobody@example.org"))
                        .status());
        assertEquals(
                409,
                boss.post("/api/operator/block", Map.of("email", "boss@example.org"))
                        .status());
        assertEquals(200, boss.get("/api/my-decks").status());
    }
}
