package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.ttsjobs.examples.voice.OfflineVoiceServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a server that runs as it comes writes into its log, and what it never does. */
class LogsTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** In every text that is sent, and in nothing else. */
    private static final String CANARY = "quokka";

    private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    @TempDir
    Path dir;

    private final HttpClient http = HttpClient.newHttpClient();
    private final AtomicInteger broken = new AtomicInteger();
    private final int port = Programs.freePort();
    private OfflineVoiceServer voice;
    private HttpServer gossip;
    private Programs programs;
    private String token = "";

    @BeforeEach
    void start() throws IOException {
        voice = RunningServer.tunes();
        gossip = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        gossip.createContext("/v1/audio/speech", this::repeat);
        gossip.start();
        programs = new Programs(dir, voice);
    }

    @AfterEach
    void stop() {
        programs.close();
        gossip.stop(0);
        voice.close();
    }

    /** A provider that repeats the text in its errors. */
    private void repeat(HttpExchange call) throws IOException {
        byte[] request = call.getRequestBody().readAllBytes();
        String text = MAPPER.readTree(request).get("input").textValue();
        int status =
                text.contains("refused") ? 400 : text.contains("broken") && broken.incrementAndGet() == 1 ? 500 : 200;
        byte[] body = status == 200
                ? spoken(request)
                : MAPPER.writeValueAsBytes(Map.of("error", Map.of("message", "not with me: " + text, "code", text)));
        call.getResponseHeaders().set("Content-Type", status == 200 ? "audio/mpeg" : "application/json");
        call.sendResponseHeaders(status, body.length);
        call.getResponseBody().write(body);
        call.close();
    }

    private byte[] spoken(byte[] request) throws IOException {
        try {
            return http.send(
                            HttpRequest.newBuilder(URI.create(voice.baseUrl() + "/audio/speech"))
                                    .header("Content-Type", "application/json")
                                    .POST(HttpRequest.BodyPublishers.ofByteArray(request))
                                    .build(),
                            HttpResponse.BodyHandlers.ofByteArray())
                    .body();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private HttpResponse<String> call(String method, String path, Object body, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .method(
                        method,
                        body == null
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofByteArray(
                                        body instanceof String text
                                                ? text.getBytes(StandardCharsets.UTF_8)
                                                : MAPPER.writeValueAsBytes(body)))
                .header("Content-Type", "application/json")
                .header("Authorization", "Bearer " + token);
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static String idOf(HttpResponse<String> answer) {
        return answer.headers().firstValue("X-Request-Id").orElse("");
    }

    private Process launch(String format, String... more) throws IOException {
        List<String> settings = new ArrayList<>(List.of(
                "PORT",
                Integer.toString(port),
                "LOG_FORMAT",
                format,
                "OPENAI_BASE_URL",
                "http://127.0.0.1:" + gossip.getAddress().getPort() + "/v1",
                "TTS_REQUESTS_PER_MINUTE",
                "6000",
                "WEBHOOK_SECRET",
                "whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0",
                "WEBHOOK_ALLOW_PRIVATE",
                "true"));
        settings.addAll(List.of(more));
        Process process = programs.launch(Main.class, settings);
        programs.awaitLogged("listening on");
        return process;
    }

    /** A job whose texts are spoken, refused, and spoken at the second try. */
    private String wholeRun(WebhookReceiver receiver) throws Exception {
        token = MAPPER.readTree(call(
                                "POST",
                                "/api/auth/register",
                                Map.of("email", "ann@example.org", "password", "correct horse"))
                        .body())
                .get("token")
                .textValue();
        Map<String, Object> card = Map.of("question", CANARY + " fine", "answers", List.of(CANARY));
        String deck = MAPPER.readTree(call("POST", "/api/my-decks", Map.of("name", CANARY, "cards", List.of(card)))
                        .body())
                .at("/deck/id")
                .textValue();
        List<Object> phrases = new ArrayList<>();
        for (String word : List.of("fine", "refused", "broken")) {
            phrases.add(Map.of("textEn", "A " + CANARY + " that is " + word, "textFr", CANARY + " " + word));
        }
        Map<String, Object> request = Map.of("deckId", deck, "phrases", phrases, "webhookUrl", receiver.url());
        HttpResponse<String> accepted =
                call("POST", "/api/tts/generate", request, "X-Request-Id", "from-the-page.1", "traceparent", TRACE);
        assertEquals(202, accepted.statusCode(), accepted.body());
        assertEquals("from-the-page.1", idOf(accepted));
        String job = MAPPER.readTree(accepted.body()).get("jobId").textValue();
        RunningServer.eventually(() -> programs.log().contains("webhook of event"));
        return job;
    }

    private void nonsense() throws Exception {
        assertEquals(
                400, call("POST", "/api/tts/generate", "{\"deckId\": " + CANARY).statusCode());
        assertEquals(404, call("GET", "/api/" + CANARY + "?q=" + CANARY, null).statusCode());
        assertEquals(404, call("GET", "/api/tts/status/" + CANARY, null).statusCode());
        for (String bad : List.of("two words", "<b>", "x".repeat(65), "{}")) {
            String id = idOf(call("GET", "/healthz/live", null, "X-Request-Id", bad));
            assertTrue(id.matches("[0-9a-f]{16}"), id);
        }
        for (String head : List.of(
                "Host: " + CANARY + " x",
                "Host: a:" + CANARY,
                "Host: a\r\nContent-Length: " + CANARY,
                "Host: a\r\nContent-Length: 2\r\nContent-Type: a/b;charset=" + CANARY,
                "Host: a\r\nTransfer-Encoding: " + CANARY,
                CANARY)) {
            try (Wire wire = new Wire(port)) {
                int status = wire.head("POST /api/auth/login HTTP/1.1", head)
                        .send("{}")
                        .reply()
                        .status();
                assertTrue(status >= 400 && status < 500, head + " gave " + status);
            }
        }
        assertFalse(idOf(call("GET", "/", null)).isEmpty());
        assertFalse(idOf(call("DELETE", "/nowhere", null)).isEmpty());
    }

    @Test
    void a_whole_run_names_jobs_and_requests_and_never_a_text() throws Exception {
        try (WebhookReceiver receiver = new WebhookReceiver()) {
            Process server = launch("json");
            String job = wholeRun(receiver);
            nonsense();
            server.destroy();
            Programs.Ended ended = programs.await(server, 30);

            String all = ended.out() + ended.err();
            assertFalse(all.contains(CANARY) || all.contains("eyJ") || all.contains("correct horse"), all);
            List<JsonNode> lines = new ArrayList<>();
            for (String line : ended.err().lines().toList()) {
                lines.add(MAPPER.readTree(line));
            }
            for (JsonNode line : lines) {
                String message = line.get("formattedMessage").textValue();
                assertEquals(
                        message.contains("job " + job),
                        line.at("/mdc/jobId").asText().equals(job) && !message.startsWith("webhook"),
                        message);
            }
            assertEquals(List.of("from-the-page.1"), requestsOf(lines, "job " + job + " accepted"));
            assertEquals(List.of("from-the-page.1"), requestsOf(lines, "webhook of event"));
            assertEquals(List.of(""), requestsOf(lines, "job " + job + " has ended"));
            assertTrue(ended.err().contains("is given up: http_400"), "the failure itself is told: " + ended.err());
            assertEquals(
                    TRACE,
                    receiver.received()
                            .get(0)
                            .headers()
                            .firstValue("traceparent")
                            .orElse(""));
        }
    }

    /** The request that each line with these words names. */
    private static List<String> requestsOf(List<JsonNode> lines, String words) {
        return lines.stream()
                .filter(line -> line.get("formattedMessage").textValue().startsWith(words))
                .map(line -> line.at("/mdc/requestId").asText())
                .toList();
    }

    @Test
    void people_read_the_same_in_plain_lines() throws Exception {
        try (WebhookReceiver receiver = new WebhookReceiver()) {
            launch("text");
            String job = wholeRun(receiver);
            String log = programs.log();
            assertFalse(log.contains(CANARY), log);
            assertTrue(
                    log.lines()
                            .anyMatch(line -> line.contains("jobId=" + job)
                                    && line.contains("requestId=from-the-page.1")
                                    && line.contains("accepted, 3 phrases")),
                    log);
            assertTrue(log.lines().allMatch(line -> line.matches("\\d{4}-\\d\\d-\\d\\dT.* (INFO |WARN ) .*")), log);
        }
    }
}
