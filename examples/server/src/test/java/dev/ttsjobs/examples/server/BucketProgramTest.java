package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ttsjobs.audio.AudioInspector;
import dev.ttsjobs.examples.voice.OfflineVoiceServer;
import dev.ttsjobs.examples.worker.WorkerMain;
import dev.ttsjobs.speech.AudioFormat;
import dev.ttsjobs.storage.AudioName;
import dev.ttsjobs.storage.s3.FaultyWire;
import dev.ttsjobs.storage.s3.S3Proxy;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * The programs as processes of their own, with audio in the bucket of a real S3 server that checks signatures: set up by
 * environment variables alone. {@code -Dtts.kills=100} makes the loop of kills a long one.
 */
class BucketProgramTest {

    private static final int KILLS = Integer.getInteger("tts.kills", 2);
    private static final int CONCURRENCY = 8;
    private static final int CARDS = 30;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir
    Path dir;

    private final List<Process> processes = new ArrayList<>();
    private final HttpClient http = HttpClient.newHttpClient();
    private OfflineVoiceServer voice;
    private S3Proxy s3;
    private S3Client bucket;
    private String address = "";
    private String token = "";

    @BeforeEach
    void start() throws Exception {
        voice = RunningServer.tunes();
        s3 = S3Proxy.start(Files.createDirectory(dir.resolve("s3")));
        bucket = s3.client();
        bucket.createBucket(request -> request.bucket("audio"));
    }

    @AfterEach
    void stop() throws Exception {
        for (Process process : processes) {
            process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
        bucket.close();
        s3.close();
        voice.close();
    }

    private Process launch(Class<?> program, URI endpoint, String... more) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xshare:auto",
                        "-Xmx192m",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        program.getName())
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve(processes.size() + ".log").toFile());
        builder.environment()
                .putAll(Map.of(
                        "STORAGE_TYPE",
                        "s3",
                        "AWS_S3_BUCKET",
                        "audio",
                        "AWS_REGION",
                        "us-east-1",
                        "AWS_ENDPOINT_URL_S3",
                        endpoint.toString(),
                        "AWS_ACCESS_KEY_ID",
                        S3Proxy.ACCESS_KEY,
                        "AWS_SECRET_ACCESS_KEY",
                        S3Proxy.SECRET_KEY,
                        "OPENAI_BASE_URL",
                        voice.baseUrl(),
                        "TTS_DATA_DIR",
                        dir.resolve("data").toString(),
                        "TTS_REQUESTS_PER_MINUTE",
                        "60000",
                        "TTS_MAX_JOBS_PER_DAY",
                        "0"));
        builder.environment().put("WORKER_PORT", "0");
        for (int i = 0; i < more.length; i += 2) {
            builder.environment().put(more[i], more[i + 1]);
        }
        Process process = builder.start();
        processes.add(process);
        return process;
    }

    private void launchServer(String... more) throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            port = free.getLocalPort();
        }
        address = "http://127.0.0.1:" + port;
        List<String> settings = new ArrayList<>(List.of(more));
        settings.addAll(List.of("PORT", String.valueOf(port)));
        launch(Main.class, s3.endpoint(), settings.toArray(String[]::new));
        RunningServer.eventually(() -> {
            try {
                return get(address + "/healthz/ready").statusCode() == 200;
            } catch (UncheckedIOException e) {
                return false;
            }
        });
        Map<String, String> ann = Map.of("email", "ann@example.org", "password", "correct horse");
        token = post("/api/auth/register", ann).get("token").textValue();
    }

    @Test
    void a_deck_is_made_and_its_audio_is_fetched_as_audio_that_may_be_kept() throws Exception {
        launchServer();

        String job = generate("Cat");
        JsonNode results = awaitCompleted(job).get("resultUrls");

        assertEquals(CARDS, results.size());
        Set<String> names = new HashSet<>();
        for (JsonNode result : results) {
            for (String side : List.of("audioUrlEn", "audioUrlFr")) {
                String url = result.get(side).textValue();
                names.add(url.substring(url.indexOf("/storage/tts/") + "/storage/tts/".length()));
            }
        }
        assertEquals(names, wholeObjects());
        assertEquals(names.size(), voice.ledger().calls());

        String kept = address + "/storage/tts/" + names.iterator().next();
        HttpResponse<byte[]> redirected = get(kept);
        assertEquals(302, redirected.statusCode());
        assertEquals("no-store", header(redirected, "Cache-Control"));
        HttpResponse<byte[]> audio = get(header(redirected, "Location"));
        assertEquals(200, audio.statusCode());
        assertEquals("audio/mpeg", header(audio, "Content-Type"));
        assertEquals("public, max-age=31536000, immutable", header(audio, "Cache-Control"));
        AudioInspector.inspect(new ByteArrayInputStream(audio.body()), AudioFormat.MP3);
        HttpResponse<byte[]> part = get(header(get(kept), "Location"), "Range", "bytes=0-99");
        assertEquals(206, part.statusCode());
        assertEquals("bytes 0-99/" + audio.body().length, header(part, "Content-Range"));
        HttpResponse<byte[]> unsigned = get(header(redirected, "Location").replaceAll("\\?.*", ""));
        assertEquals(403, unsigned.statusCode(), "the bucket itself is not public");
    }

    @Test
    void nothing_in_the_bucket_is_partial_however_often_a_worker_is_killed_while_it_uploads() throws Exception {
        try (FaultyWire slow = FaultyWire.to(s3.endpoint())) {
            slow.slowDown(60_000);
            launchServer("WORKER_ENABLED", "false");
            List<String> jobs = new ArrayList<>();
            for (int kill = 0; kill < KILLS; kill++) {
                jobs.add(generate("Round " + kill));
                int before = keys().size();
                Process worker =
                        launch(WorkerMain.class, slow.endpoint(), "TTS_CONCURRENCY", String.valueOf(CONCURRENCY));
                RunningServer.eventually(() -> {
                    int stored = keys().size();
                    return stored >= before + 8 && voice.ledger().calls() >= stored + 3;
                });
                worker.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
                wholeObjects();
            }
            slow.slowDown(Integer.MAX_VALUE);
            launch(WorkerMain.class, slow.endpoint());
            for (String job : jobs) {
                assertEquals(0, awaitCompleted(job).get("failedCount").intValue());
            }
        }
        int distinct = KILLS * CARDS * 2;
        assertEquals(distinct, wholeObjects().size());
        assertEquals(distinct, voice.ledger().distinct());
        long again = voice.ledger().calls() - distinct;
        assertTrue(again <= (long) KILLS * CONCURRENCY, again + " calls more than those under way at a kill");
    }

    private List<String> keys() {
        return bucket.listObjectsV2Paginator(request -> request.bucket("audio")).contents().stream()
                .map(S3Object::key)
                .filter(key -> !key.equals("check"))
                .toList();
    }

    /** Reads every object, and compares it with what its writer said of it. */
    private Set<String> wholeObjects() throws Exception {
        for (String key : keys()) {
            assertTrue(AudioName.isName(key), key);
            var object =
                    bucket.getObjectAsBytes(request -> request.bucket("audio").key(key));
            byte[] bytes = object.asByteArray();
            String digest = HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
            assertEquals(object.response().metadata().get("sha256"), digest, key + " is not what was uploaded");
            AudioInspector.inspect(new ByteArrayInputStream(bytes), AudioFormat.MP3);
        }
        return Set.copyOf(keys());
    }

    private String generate(String word) {
        List<Object> cards = IntStream.range(0, CARDS)
                .<Object>mapToObj(i -> Map.of(
                        "question",
                        word + ", English sentence number " + i + ", not a short one at all",
                        "answers",
                        List.of(word + ", phrase française numéro " + i + ", qui n'est pas courte")))
                .toList();
        JsonNode deck =
                post("/api/my-decks", Map.of("name", word, "cards", cards)).get("deck");
        List<Object> phrases = new ArrayList<>();
        for (JsonNode card : deck.get("cards")) {
            phrases.add(Map.of(
                    "cardId", card.get("id").textValue(),
                    "textEn", card.get("question").textValue(),
                    "textFr", card.get("answers").get(0).textValue()));
        }
        Map<String, Object> request = Map.of("deckId", deck.get("id").textValue(), "phrases", phrases);
        return post("/api/tts/generate", request).get("jobId").textValue();
    }

    private JsonNode awaitCompleted(String job) {
        return RunningServer.eventually(() -> {
            JsonNode now = json(get(address + "/api/tts/status/" + job)).get("job");
            return now.get("status").textValue().equals("completed") ? now : null;
        });
    }

    private JsonNode post(String path, Object body) {
        try {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address + path))
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofByteArray(MAPPER.writeValueAsBytes(body)));
            HttpResponse<byte[]> response = send(request);
            assertEquals(2, response.statusCode() / 100, new String(response.body()));
            return json(response);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private HttpResponse<byte[]> get(String url, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url));
        return send(headers.length == 0 ? request : request.headers(headers));
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder request) {
        // What is signed in its address must not be signed twice.
        if (!token.isEmpty() && request.build().uri().toString().startsWith(address)) {
            request.header("Authorization", "Bearer " + token);
        }
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static JsonNode json(HttpResponse<byte[]> response) {
        try {
            return MAPPER.readTree(response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String header(HttpResponse<byte[]> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }
}
