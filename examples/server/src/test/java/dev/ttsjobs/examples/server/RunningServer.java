package dev.ttsjobs.examples.server;

import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ttsjobs.examples.voice.OfflineVoiceServer;
import dev.ttsjobs.examples.voice.VoiceServerOptions;
import dev.ttsjobs.examples.worker.Secret;
import dev.ttsjobs.examples.worker.Settings;
import dev.ttsjobs.examples.worker.Workshop;
import dev.ttsjobs.time.Sleeper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A whole server on a free port with a voice of tunes, and what it takes to call it. */
final class RunningServer implements AutoCloseable {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    final OfflineVoiceServer voice;
    final Workshop workshop;
    final Server server;
    final Contract contract = new Contract();
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    private RunningServer(Path dir, Map<String, String> more) {
        voice = tunes();
        Map<String, String> settings = new HashMap<>(Map.of(
                "PORT",
                "0",
                "OPENAI_BASE_URL",
                voice.baseUrl(),
                "TTS_DATA_DIR",
                dir.resolve("data").toString(),
                "LOCAL_STORAGE_PATH",
                dir.resolve("audio").toString(),
                "TTS_REQUESTS_PER_MINUTE",
                "60000",
                "POLL_INTERVAL_MS",
                "200"));
        settings.putAll(more);
        workshop = Workshop.open(Main.withFreePort(Settings.from(settings)));
        server = Server.start(workshop);
    }

    /** A server that keeps everything below a folder; settings are names and values in turn. */
    static RunningServer in(Path dir, String... settings) {
        Map<String, String> more = new HashMap<>();
        for (int i = 0; i < settings.length; i += 2) {
            more.put(settings[i], settings[i + 1]);
        }
        return new RunningServer(dir, more);
    }

    static OfflineVoiceServer tunes() {
        try {
            return OfflineVoiceServer.start(VoiceServerOptions.builder()
                    .engine(VoiceServerOptions.Engine.TONE)
                    .build());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String url(String path) {
        return path.startsWith("http") ? path : "http://127.0.0.1:" + server.port() + path;
    }

    /** What came back. */
    record Answer(int status, java.net.http.HttpHeaders headers, byte[] body) {

        JsonNode json() {
            try {
                return MAPPER.readTree(body);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        String header(String name) {
            return headers.firstValue(name).orElse("");
        }
    }

    /** A user of the server. */
    final class User {

        final String token;

        private User(String token) {
            this.token = token;
        }

        Answer get(String path, String... headers) {
            return call("GET", path, null, headers);
        }

        Answer post(String path, Object body, String... headers) {
            return call("POST", path, body, headers);
        }

        Answer delete(String path) {
            return call("DELETE", path, null);
        }

        Answer call(String method, String path, Object body, String... headers) {
            List<String> all = new ArrayList<>(List.of(headers));
            if (!token.isEmpty()) {
                all.addAll(List.of("Authorization", "Bearer " + token));
            }
            return RunningServer.this.call(method, path, body, all.toArray(String[]::new));
        }

        /** A deck of cards, each an English and a French text. */
        JsonNode deck(String... sides) {
            List<Object> cards = new ArrayList<>();
            for (int i = 0; i < sides.length; i += 2) {
                cards.add(Map.of("question", sides[i], "answers", List.of(sides[i + 1])));
            }
            Answer answer = post("/api/my-decks", Map.of("name", "Deck", "cards", cards));
            return answer.json().get("deck");
        }

        /** The request for all audio of a deck. */
        Map<String, Object> requestFor(JsonNode deck) {
            List<Object> phrases = new ArrayList<>();
            for (JsonNode card : deck.get("cards")) {
                phrases.add(Map.of(
                        "cardId", card.get("id").textValue(),
                        "textEn", card.get("question").textValue(),
                        "textFr", card.get("answers").get(0).textValue()));
            }
            return Map.of("deckId", deck.get("id").textValue(), "phrases", phrases);
        }

        String generate(JsonNode deck) {
            Answer answer = post("/api/tts/generate", requestFor(deck));
            if (answer.status != 202) {
                throw new AssertionError(answer.status + " " + answer.json());
            }
            return answer.json().get("jobId").textValue();
        }

        JsonNode job(String id) {
            return get("/api/tts/status/" + id).json().get("job");
        }

        /** Waits, within bounds, until the job's status is one of these. */
        JsonNode await(String id, String... statuses) {
            return eventually(() -> {
                JsonNode job = job(id);
                return List.of(statuses).contains(job.get("status").textValue()) ? job : null;
            });
        }
    }

    User nobody() {
        return new User("");
    }

    User withToken(String token) {
        return new User(token);
    }

    /** A user of another issuer that has the same secret. */
    User foreign(String subject) {
        Secret secret = MadeSecret.in(workshop.settings().data().dir());
        return new User(JWT.create()
                .withSubject(subject)
                .withExpiresAt(Instant.now().plusSeconds(600))
                .sign(Algorithm.HMAC256(secret.value())));
    }

    User register(String email) {
        Answer answer = nobody().post("/api/auth/register", Map.of("email", email, "password", "correct horse"));
        return new User(answer.json().get("token").textValue());
    }

    Answer call(String method, String path, Object body, String... headers) {
        try {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(URI.create(url(path))).timeout(PATIENCE);
            boolean typed = List.of(headers).contains("Content-Type");
            if (body != null && !typed) {
                request.header("Content-Type", "application/json");
            }
            for (int i = 0; i < headers.length; i += 2) {
                request.header(headers[i], headers[i + 1]);
            }
            request.method(
                    method,
                    body == null
                            ? HttpRequest.BodyPublishers.noBody()
                            : HttpRequest.BodyPublishers.ofByteArray(bytes(body)));
            HttpResponse<byte[]> response = http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            Answer answer = new Answer(response.statusCode(), response.headers(), response.body());
            if (response.uri().getPort() == server.port()) {
                contract.check(method, response.uri().getRawPath(), answer);
            }
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] bytes(Object body) throws IOException {
        return body instanceof String text
                ? text.getBytes(java.nio.charset.StandardCharsets.UTF_8)
                : MAPPER.writeValueAsBytes(body);
    }

    /** Something that may not be there yet. */
    interface Question<T> {
        T ask();
    }

    /** Asks until there is an answer that is neither null nor false, for a while. */
    static <T> T eventually(Question<T> question) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < end) {
            T answer = question.ask();
            if (answer != null && !Boolean.FALSE.equals(answer)) {
                return answer;
            }
            pause();
        }
        throw new AssertionError("it did not happen within " + PATIENCE);
    }

    private static void pause() {
        try {
            Sleeper.system().sleep(Duration.ofMillis(20));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        server.close();
        workshop.close();
        voice.close();
    }

    static JsonNode field(JsonNode node, String name) {
        return Objects.requireNonNull(node.get(name), name);
    }
}
