package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ttsjobs.examples.server.RunningServer.Answer;
import dev.ttsjobs.examples.server.RunningServer.User;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What no well-behaved client sends. */
@Timeout(60)
class HostileRequestsTest {

    private static final String LOGIN = "POST /api/auth/login HTTP/1.1";
    private static final String JSON = "Content-Type: application/json";

    @TempDir
    static Path dir;

    private static RunningServer running;
    private static User ann;

    @BeforeAll
    static void start() {
        running = RunningServer.in(dir);
        ann = running.register("ann@example.org");
    }

    @AfterAll
    static void stop() {
        running.close();
    }

    private static Wire wire() {
        return new Wire(running.server.port());
    }

    private static void assertProblem(int status, Wire.Reply reply) {
        assertEquals(status, reply.status(), reply.head());
        assertTrue(reply.has("Content-Type: application/problem+json"), reply.head());
        assertTrue(reply.body().startsWith("{\"type\":\"about:blank\""), reply.body());
    }

    /** Many clients write all they have before they read: whoever closes before hears nothing of why. */
    @ParameterizedTest
    @ValueSource(ints = {1, Json.MAX_BODY - 1, Json.MAX_BODY + 1, 8 * Json.MAX_BODY})
    void who_sends_everything_first_still_gets_the_answer(int size) {
        try (Wire wire = wire()) {
            wire.head("POST /api/tts/generate HTTP/1.1", "Host: a", JSON, "Content-Length: " + size);
            wire.send("x".repeat(size));
            assertProblem(401, wire.reply());

            // The connection is whole, too.
            wire.head(
                    "POST /api/tts/generate HTTP/1.1",
                    "Host: a",
                    "Authorization: Bearer " + ann.token,
                    JSON,
                    "Content-Length: " + size);
            wire.send("x".repeat(size));
            assertProblem(size > Json.MAX_BODY ? 413 : 400, wire.reply());
        }
    }

    @Test
    void who_asks_before_sending_is_told_at_once() {
        try (Wire wire = wire()) {
            wire.head(LOGIN, "Host: a", JSON, "Expect: 100-continue", "Content-Length: 100000000");
            assertProblem(413, wire.reply());
        }
        try (Wire wire = wire()) {
            wire.head(LOGIN, "Host: a", JSON, "Expect: 100-continue", "Content-Length: 2");
            assertEquals(100, wire.reply().status());
            assertProblem(400, wire.send("{}").reply());
        }
    }

    @Test
    void a_body_in_chunks_is_counted_too() {
        String chunk = "10000\r\n" + " ".repeat(0x10000) + "\r\n";
        try (Wire wire = wire()) {
            wire.head(LOGIN, "Host: a", JSON, "Transfer-Encoding: chunked");
            for (int i = 0; i < 17; i++) {
                wire.send(chunk);
            }
            assertProblem(413, wire.send("0\r\n\r\n").reply());
        }
    }

    @Test
    void a_body_without_end_is_cut() {
        String chunk = "100000\r\n" + " ".repeat(0x100000) + "\r\n";
        try (Wire wire = wire()) {
            wire.head(LOGIN, "Host: a", JSON, "Transfer-Encoding: chunked");
            assertThrows(java.io.UncheckedIOException.class, () -> {
                for (int i = 0; i < 500; i++) {
                    wire.send(chunk);
                }
            });
        }
    }

    @Test
    void a_body_that_is_shorter_than_said_is_no_body() {
        try (Wire wire = wire()) {
            wire.head(LOGIN, "Host: a", JSON, "Content-Length: 1000")
                    .send("{\"email\":")
                    .end();
            int status = wire.reply().status();
            assertTrue(status == 0 || status == 400, "status " + status);
        }
    }

    /** More than there are threads. */
    @Test
    void many_who_send_slowly_hold_up_nobody() {
        List<Wire> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 300; i++) {
                slow.add(wire().head(LOGIN, "Host: a", JSON, "Content-Length: 60")
                        .send("{"));
            }
            assertEquals(200, ann.get("/api/tts/usage").status());
            Map<String, String> wrong = Map.of("email", "nobody@example.org", "password", "wrong password");
            assertEquals(401, ann.post("/api/auth/login", wrong).status());
            String rest = "\"email\":\"ann@example.org\",\"password\":\"correct horse\"}";
            assertEquals(
                    200,
                    slow.get(0)
                            .send(rest + " ".repeat(59 - rest.length()))
                            .reply()
                            .status());
        } finally {
            slow.forEach(Wire::close);
        }
    }

    @Test
    void what_two_parties_may_read_differently_is_refused() {
        String body = "{}";
        for (String[] lengths : new String[][] {
            {"Content-Length: 2", "Content-Length: 3"},
            {"Content-Length: 2", "Transfer-Encoding: chunked"},
            {"Transfer-Encoding: chunked, identity"},
            {"Content-Length: +2"},
            {"Content-Length: -1"}
        }) {
            List<String> head = new ArrayList<>(List.of(LOGIN, "Host: a", JSON));
            head.addAll(List.of(lengths));
            try (Wire wire = wire()) {
                Wire.Reply reply =
                        wire.head(head.toArray(String[]::new)).send(body).reply();
                assertTrue(reply.status() == 400 || reply.status() == 501, List.of(lengths) + ": " + reply.head());
                assertTrue(reply.has("Connection: close"), reply.head());
            }
        }
        try (Wire wire = wire()) {
            wire.head(
                    "GET /api/tts/usage HTTP/1.1",
                    "Host: a",
                    "Authorization: Bearer " + ann.token,
                    "Authorization: Bearer " + ann.token);
            assertProblem(401, wire.reply());
        }
    }

    @Test
    void what_is_refused_before_it_gets_to_a_route_is_a_problem_too_and_repeats_nothing() {
        String canary = "<b>canary</b>";
        for (String[] head : new String[][] {
            {"GET / HTTP/1.1", "Host: " + canary + " x"},
            {"GET /" + canary + "%00 HTTP/1.1", "Host: a"},
            {"GET /%zz" + canary + " HTTP/1.1", "Host: a"},
            {"GET / HTTP/1.1", "Host: a", "X: " + canary + "a".repeat(20_000)},
            {"GET /" + canary + "a".repeat(20_000) + " HTTP/1.1", "Host: a"},
            {"GET / HTTP/1.1", "Host: a", canary}
        }) {
            try (Wire wire = wire()) {
                Wire.Reply reply = wire.head(head).reply();
                assertTrue(reply.status() >= 400 && reply.status() < 500, reply.head());
                assertProblem(reply.status(), reply);
                assertFalse((reply.head() + reply.body()).contains("canary"), reply.head() + reply.body());
            }
        }
    }

    @Test
    void head_is_answered_as_get_is_but_for_the_body() {
        String job = ann.generate(ann.deck("Cat", "Chat"));
        ann.await(job, "completed");
        for (String path : List.of(
                "/",
                "/nowhere.js",
                "/healthz/ready",
                "/api/nowhere",
                "/api/my-decks",
                "/api/tts/status/" + job,
                "/api/tts/status/none",
                "/api/tts/stream/" + job)) {
            Answer get = ann.get(path);
            Answer head = ann.call("HEAD", path, null);
            assertEquals(get.status(), head.status(), path);
            assertEquals(get.header("Content-Type"), head.header("Content-Type"), path);
            assertEquals(get.header("ETag"), head.header("ETag"), path);
            assertEquals(0, head.body().length, path);
        }
        assertEquals(401, running.nobody().call("HEAD", "/api/my-decks", null).status());
    }

    @Test
    void a_key_that_is_given_twice_is_none() {
        String body = new String(Json.write(ann.requestFor(ann.deck("Cat", "Chat"))), StandardCharsets.UTF_8);
        try (Wire wire = wire()) {
            wire.head(
                            "POST /api/tts/generate HTTP/1.1",
                            "Host: a",
                            "Authorization: Bearer " + ann.token,
                            JSON,
                            "Idempotency-Key: one",
                            "Idempotency-Key: two",
                            "Content-Length: " + body.length())
                    .send(body);
            assertProblem(400, wire.reply());
        }
    }

    @Test
    void what_is_not_in_utf_8_is_no_json() {
        for (byte[] body : List.of(
                "{\"name\":\"x\"}".getBytes(StandardCharsets.UTF_16),
                // A slash in two bytes, as UTF-8 forbids it.
                "{\"name\":\"\u00c0\u00af\"}".getBytes(StandardCharsets.ISO_8859_1))) {
            try (Wire wire = wire()) {
                wire.head(
                                "POST /api/my-decks HTTP/1.1",
                                "Host: a",
                                "Authorization: Bearer " + ann.token,
                                JSON,
                                "Content-Length: " + body.length)
                        .send(new String(body, StandardCharsets.ISO_8859_1));
                assertProblem(400, wire.reply());
            }
        }
    }

    /** However the path is written, there is no way round the token. */
    @Test
    void no_spelling_of_a_path_leads_past_the_token() {
        String secret = ann.deck("Secret", "Secret").get("id").textValue();
        for (String path : List.of(
                "/api/my-decks/",
                "/api//my-decks",
                "//api/my-decks",
                "/./api/my-decks",
                "/x/../api/my-decks",
                "/x/%2e%2e/api/my-decks",
                "/%61pi/my-decks",
                "/api%2fmy-decks",
                "/api;x=1/my-decks",
                "/api/my-decks;x=/api/auth/login",
                "/api/auth/login/../../my-decks",
                "/api/auth/login/%2e%2e/%2e%2e/my-decks",
                "/api/auth/login/..%2f..%2fmy-decks",
                "/api/auth/login;/../../my-decks",
                "/API/my-decks",
                "/api/My-Decks",
                "/api\\my-decks",
                "/api/my-decks?x=/api/auth/login",
                "/api/my-decks#/api/auth/login",
                "http://127.0.0.1/api/my-decks",
                "/api/my-decks/" + secret + "?/api/auth/register")) {
            try (Wire wire = wire()) {
                Wire.Reply reply = wire.head("GET " + path + " HTTP/1.1", "Host: 127.0.0.1")
                        .reply();
                assertTrue(reply.status() >= 400 && reply.status() < 500, path + ": " + reply.head());
                assertFalse(reply.body().contains(secret), path);
            }
        }
    }

    @Test
    void no_spelling_of_a_path_leads_out_of_the_audio_or_the_page() {
        for (String path : List.of(
                "/storage/tts/../../data/jwt-secret",
                "/storage/tts/%2e%2e/%2e%2e/data/jwt-secret",
                "/storage/tts/..%2f..%2fdata%2fjwt-secret",
                "/storage/tts/..%252f..%252fdata%252fjwt-secret",
                "/storage/tts/..%5c..%5cdata%5cjwt-secret",
                "/storage/tts/..;/..;/data/jwt-secret",
                "/storage/tts/.%00./x",
                "/storage/tts/%c0%ae%c0%ae/jwt-secret",
                "/storage/tts//etc/passwd",
                "/storage/tts/aa/CON.mp3",
                "/storage/tts/aa/" + "a".repeat(300) + ".mp3",
                "/..%2f..%2fetc%2fpasswd",
                "/%2e%2e/openapi.json",
                "/public/../openapi.json",
                "/db/server-1.sql",
                "/index.html%00.js",
                "/META-INF%2fMANIFEST.MF",
                "/dev/ttsjobs/examples/server/Server.class")) {
            try (Wire wire = wire()) {
                Wire.Reply reply =
                        wire.head("GET " + path + " HTTP/1.1", "Host: a").reply();
                assertTrue(reply.status() == 400 || reply.status() == 404, path + ": " + reply.head());
                assertProblem(reply.status(), reply);
            }
        }
    }

    @Test
    void other_sites_pages_are_let_in_nowhere_and_nothing_is_echoed() {
        for (String method : List.of("OPTIONS", "GET", "TRACE", "CONNECT", "FOO")) {
            for (String path : List.of("/api/my-decks", "/", "/api/auth/login")) {
                try (Wire wire = wire()) {
                    wire.head(
                            method + " " + path + " HTTP/1.1",
                            "Host: a",
                            "Origin: https://evil.example",
                            "Access-Control-Request-Method: POST",
                            "X-Canary: canary");
                    Wire.Reply reply = wire.reply();
                    assertFalse(reply.has("Access-Control"), method + " " + path);
                    assertFalse(reply.body().contains("canary"), method + " " + path);
                    assertTrue(method.equals("GET") || reply.status() >= 400, method + " " + path);
                }
            }
        }
    }

    @Test
    void nobody_from_outside_is_answered_unless_told_so() throws IOException {
        // The whole of 127/8 is this machine, and only one address of it was bound.
        InetAddress other = InetAddress.getByName("127.0.0.2");
        assertThrows(ConnectException.class, () -> new Socket(other, running.server.port()).close());
    }

    @Test
    void documents_that_would_swell_are_refused() {
        String path = "/api/my-decks";
        StringBuilder names = new StringBuilder("{\"name\":\"x\"");
        for (int i = 0; i < 60_000; i++) {
            names.append(",\"").append(i).append("\":1");
        }
        assertEquals(201, ann.post(path, names + "}").status(), "unknown fields are ignored");
        for (String bomb : List.of(
                "{\"name\":\"x\",\"cards\":" + "[".repeat(100_000),
                "{\"a\":".repeat(10_000),
                "{\"name\":" + "9".repeat(200) + "}",
                "{\"name\":1e999999999}",
                "{\"name\":1e" + "9".repeat(200) + "}",
                "{\"name\":\"x\",\"name\":\"y\"}",
                "{\"name\":\"x\",\"cards\":[{\"question\":\"a\",\"question\":\"b\"}]}",
                "{\"" + "n".repeat(10_000) + "\":1,\"name\":\"x\"}",
                "{\"name\":\"" + "n".repeat(900_000) + "\"}",
                "{\"name\":NaN}",
                "{\"name\":'x'}",
                "{\"name\":\"x\"} /* */",
                "{\"name\":\"x\"}{}",
                "\ufeff{\"name\":1}",
                "{\"name\":\"\\ud800\"}",
                "{\"name\":\"a\\u0000b\"}",
                "")) {
            String start = bomb.substring(0, Math.min(30, bomb.length()));
            assertEquals(400, ann.post(path, bomb).status(), start);
        }
        JsonNode decks = ann.get(path).json().get("decks");
        decks.forEach(deck ->
                assertTrue(List.of("x", "Deck").contains(deck.get("name").textValue())));
    }
}
