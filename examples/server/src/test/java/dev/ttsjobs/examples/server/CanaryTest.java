package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.ttsjobs.examples.worker.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A whole run with marked secrets and texts, against a provider that repeats in every way what it was sent: what the program
 * tells anybody is searched for them.
 */
@Timeout(120)
class CanaryTest {

    private static final String KEY = "sk-CANARYKEYabcdefghijklmnopqrstuvwxyz0123";
    private static final String JWT = "CANARYJWTabcdefghijklmnopqrstuvwxyz";
    private static final String WEBHOOK = "whsec_Q0FOQVJZQ0FOQVJZQ0FOQVJZQ0FOQVJZQ0FOQVJZ";
    private static final String PASSWORD = "CANARYPASSWORD of a user";
    private static final String TEXT = "CANARYTEXT\u001b[31m\r\nERROR\u2028all is lost ";

    @TempDir
    Path dir;

    private final HttpClient http = HttpClient.newHttpClient();
    private int port;
    private String token = "";

    /** Answers in turns, each of which holds the key and the text that were sent. */
    private static void repeat(HttpExchange exchange, int turn) throws IOException {
        String sent = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String said = exchange.getRequestHeaders().getFirst("Authorization") + " said "
                + new ObjectMapper().readTree(sent).path("input").asText();
        byte[] error = new ObjectMapper()
                .writeValueAsBytes(
                        Map.of("error", Map.of("message", "No: " + said, "code", "c " + said, "type", said)));
        byte[] page = ("<html><title>" + said + "</title></html>").getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.getResponseHeaders().set("x-request-id", KEY);
        switch (turn) {
            case 0 -> answer(exchange, 400, error);
            case 1 -> answer(exchange, 500, error);
            case 2 -> answer(exchange, 200, error);
            case 3 -> {
                exchange.getResponseHeaders().set("Content-Type", "audio/mpeg");
                answer(exchange, 200, page);
            }
            case 4 -> {
                exchange.getResponseHeaders().set("Location", "/v1/elsewhere?key=" + KEY);
                answer(exchange, 302, page);
            }
            case 5 -> exchange.close();
            case 6 -> answer(exchange, 418, page);
            case 7 -> {
                exchange.getResponseHeaders().set("Retry-After", KEY);
                answer(exchange, 429, error);
            }
            default -> answer(exchange, 401, error);
        }
    }

    private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private String call(String method, String path, Object body) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("Content-Type", "application/json")
                .method(
                        method,
                        body == null
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofByteArray(new ObjectMapper().writeValueAsBytes(body)));
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        return response.statusCode() + "\n" + response.headers().map() + "\n" + response.body();
    }

    private String field(String answer, String name) throws IOException {
        return new ObjectMapper()
                .readTree(answer.substring(answer.indexOf("\n{\"") + 1))
                .path(name)
                .asText();
    }

    @Test
    void nothing_that_is_secret_gets_out() throws Exception {
        AtomicInteger turn = new AtomicInteger();
        HttpServer provider = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        provider.createContext("/", exchange -> repeat(exchange, turn.getAndIncrement()));
        provider.start();
        port = Programs.freePort();
        List<String> settings = List.of(
                "PORT",
                Integer.toString(port),
                "OPENAI_BASE_URL",
                "http://127.0.0.1:" + provider.getAddress().getPort() + "/v1",
                "OPENAI_API_KEY",
                KEY,
                "JWT_SECRET",
                JWT,
                "WEBHOOK_SECRET",
                WEBHOOK,
                "WEBHOOK_ALLOW_PRIVATE",
                "true",
                "ADMIN_EMAILS",
                "ann@example.org",
                "TTS_REQUESTS_PER_MINUTE",
                "6000",
                "TTS_PROBE_INTERVAL_SECONDS",
                "1");
        List<String> told = new ArrayList<>();
        try (Programs programs = new Programs(dir, RunningServer.tunes())) {
            Process process = programs.launch(Main.class, settings);
            programs.awaitLogged("listening on");
            told.addAll(wholeRun(turn, provider));
            process.destroy();
            Programs.Ended ended = programs.await(process, 30);
            told.add(ended.out());
            told.add(ended.err());
            assertLines(ended.err());
            assertFalse(ended.err().contains("CANARYTEXT"), ended.err());
        } finally {
            provider.stop(0);
        }
        for (String one : told) {
            for (String secret : List.of("CANARYKEY", "CANARYJWT", WEBHOOK.substring(6), "CANARYPASSWORD")) {
                assertFalse(one.contains(secret), () -> secret + " in " + one);
            }
        }
        assertFalse(kept("CANARYKEY") || kept("CANARYJWT") || kept("CANARYPASSWORD"), "in a file");
        assertTrue(kept("CANARYTEXT"), "the search finds nothing");
    }

    private List<String> wholeRun(AtomicInteger turn, HttpServer provider) throws Exception {
        List<String> told = new ArrayList<>();
        Map<String, String> account = Map.of("email", "ann@example.org", "password", PASSWORD);
        String registered = call("POST", "/api/auth/register", account);
        call("POST", "/api/auth/login", Map.of("email", "ann@example.org", "password", PASSWORD + "x"));
        told.add(call("POST", "/api/auth/login", Map.of("email", PASSWORD, "password", PASSWORD)));
        token = field(registered, "token");
        told.add(call("POST", "/api/my-decks", Map.of("name", TEXT, "cards", List.of())));
        String deck = told.get(told.size() - 1).replaceAll("(?s).*\"id\":\"([0-9a-f-]{36})\".*", "$1");
        List<Object> phrases = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            phrases.add(Map.of("textEn", TEXT + i));
        }
        Map<String, Object> request = new HashMap<>(Map.of("deckId", deck, "phrases", phrases));
        request.put("webhookUrl", "http://127.0.0.1:" + provider.getAddress().getPort() + "/hook");
        String job = field(call("POST", "/api/tts/generate", request), "jobId");
        assertEquals(36, job.length());
        // Up to the refused key, and a probe further.
        RunningServer.eventually(() -> turn.get() > 9);
        for (String path : List.of(
                "/metrics",
                "/healthz/live",
                "/healthz/ready",
                "/openapi.json",
                "/",
                "/api/operator",
                "/api/my-decks",
                "/api/tts/jobs",
                "/api/tts/status/" + job,
                "/api/tts/status/" + TEXT.replaceAll("[^A-Z]", ""),
                "/api/tts/audit",
                "/api/tts/usage",
                "/api/tts/voices")) {
            told.add(call("GET", path, null));
        }
        assertTrue(told.stream().anyMatch(one -> one.contains("\"waitingFor\":{")), told.toString());
        told.add(call("DELETE", "/api/tts/jobs/" + job, null));
        told.add(call("GET", "/api/tts/stream/" + job, null));
        told.add(call("GET", "/api/tts/jobs/" + job + "/archive", null));
        told.add(call("GET", "/api/tts/jobs/" + job + "/deliveries", null));
        return told;
    }

    /** No line pretends to be two, or moves the cursor of who reads it. */
    private static void assertLines(String log) {
        assertTrue(log.lines().count() > 3, log);
        for (String line : log.lines().toList()) {
            assertTrue(line.chars().noneMatch(c -> (Character.isISOControl(c) && c != '\t') || c == 0x2028), line);
            assertTrue(
                    line.matches(
                            "[0-9]{4}-[0-9]{2}-[0-9]{2}T.*|\tat .*|\t\\.\\.\\. .*|[a-z.]+[A-Za-z$.]+(: .*)?|Caused by: .*"),
                    line);
        }
    }

    private boolean kept(String words) throws IOException {
        try (Stream<Path> files = Files.walk(dir)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                try (InputStream in = Files.newInputStream(file)) {
                    if (new String(in.readAllBytes(), StandardCharsets.ISO_8859_1).contains(words)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    @Test
    void settings_print_no_secret() {
        String printed = Settings.from(Map.of(
                        "OPENAI_API_KEY", KEY,
                        "JWT_SECRET", JWT,
                        "WEBHOOK_SECRET", WEBHOOK,
                        "DATABASE_URL", "postgresql://ann:CANARYPASSWORD@127.0.0.1/tts"))
                .toString();

        assertFalse(printed.contains("CANARY") || printed.contains(WEBHOOK.substring(6)), printed);
        assertTrue(printed.contains("***"), printed);
    }
}
