package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.ttsjobs.examples.server.RunningServer.Answer;
import dev.ttsjobs.examples.server.RunningServer.User;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Audio in a bucket, of which this test keeps the objects. */
class S3Test {

    private static final Map<String, String> CREDENTIALS =
            Map.of("aws.accessKeyId", "key", "aws.secretAccessKey", "canary", "aws.region", "us-east-1");

    private static final byte[] NO_SUCH_KEY =
            "<Error><Code>NoSuchKey</Code></Error>".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    Path dir;

    private final Map<String, byte[]> objects = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private HttpServer bucket;
    /** What the bucket says to everything; null for a bucket that is well. */
    private volatile String refusal;

    @BeforeEach
    void start() throws IOException {
        CREDENTIALS.forEach(System::setProperty);
        bucket = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        bucket.setExecutor(threads);
        bucket.createContext("/audio/", this::serve);
        bucket.start();
    }

    @AfterEach
    void stop() {
        bucket.stop(0);
        threads.shutdownNow();
        CREDENTIALS.keySet().forEach(System::clearProperty);
    }

    private void serve(HttpExchange call) throws IOException {
        String refused = refusal;
        if (refused != null) {
            byte[] error = ("<Error><Code>" + refused + "</Code></Error>").getBytes(StandardCharsets.US_ASCII);
            call.getRequestBody().readAllBytes();
            call.sendResponseHeaders(refused.equals("NoSuchBucket") ? 404 : 403, error.length);
            call.getResponseBody().write(error);
            call.close();
            return;
        }
        String key = call.getRequestURI().getPath().substring("/audio/".length());
        if (call.getRequestMethod().equals("PUT")) {
            boolean first = objects.putIfAbsent(key, call.getRequestBody().readAllBytes()) == null;
            boolean exclusive = call.getRequestHeaders().containsKey("If-None-Match");
            call.getResponseHeaders().set("ETag", "\"tag\"");
            call.sendResponseHeaders(first || !exclusive ? 200 : 412, -1);
        } else {
            byte[] object = objects.getOrDefault(key, NO_SUCH_KEY);
            call.sendResponseHeaders(object == NO_SUCH_KEY ? 404 : 200, object.length);
            call.getResponseBody().write(object);
        }
        call.close();
    }

    private RunningServer running(String... more) {
        String[] settings = new String[6 + more.length];
        System.arraycopy(
                new String[] {
                    "STORAGE_TYPE",
                    "s3",
                    "AWS_S3_BUCKET",
                    "audio",
                    "AWS_ENDPOINT_URL_S3",
                    "http://127.0.0.1:" + bucket.getAddress().getPort()
                },
                0,
                settings,
                0,
                6);
        System.arraycopy(more, 0, settings, 6, more.length);
        return RunningServer.in(dir, settings);
    }

    private static JsonNode made(RunningServer running) {
        User ann = running.register("ann@example.org");
        return ann.await(ann.generate(ann.deck("Cat", "Chat")), "completed");
    }

    @Test
    void what_a_card_keeps_leads_to_an_address_signed_on_the_way() {
        try (RunningServer running = running()) {
            String url = made(running).at("/resultUrls/0/audioUrlEn").textValue();
            assertTrue(url.startsWith("http://localhost:" + running.server.port() + "/storage/tts/"), url);

            Answer answer = running.call("GET", url, null);

            assertEquals(302, answer.status());
            assertEquals("no-store", answer.header("Cache-Control"));
            String signed = answer.header("Location");
            assertTrue(signed.contains("X-Amz-Signature=") && !signed.contains("canary"), signed);
            String name = url.substring(url.indexOf("/storage/tts/") + "/storage/tts/".length());
            assertArrayEquals(
                    objects.get(name), running.call("GET", signed, null).body());
            assertEquals(
                    404, running.call("GET", url.replace(".mp3", ".wav"), null).status());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"NoSuchBucket", "SignatureDoesNotMatch"})
    void a_bucket_that_refuses_is_waited_for_and_nothing_is_bought_for_it(String code) {
        try (RunningServer running = running()) {
            User ann = running.register("ann@example.org");
            refusal = code;
            String job = ann.generate(ann.deck("Cat", "Chat"));
            JsonNode waits = RunningServer.eventually(() -> {
                JsonNode now = ann.job(job).get("waitingFor");
                return now.isNull() ? null : now;
            });
            assertEquals("storage_failed", waits.get("code").textValue());
            assertEquals(503, running.call("GET", "/healthz/ready", null).status());
            assertEquals(0, running.voice.ledger().calls());
            refusal = null;
            assertTrue(ann.await(job, "completed").get("waitingFor").isNull());
            assertEquals(2, running.voice.ledger().calls());
        }
    }

    @Test
    void a_public_bucket_is_named_in_the_addresses() {
        try (RunningServer running = running("PUBLIC_BASE_URL", "https://cdn.example.org/a/")) {
            String url = made(running).at("/resultUrls/0/audioUrlFr").textValue();

            assertTrue(url.startsWith("https://cdn.example.org/a/"), url);
            assertTrue(objects.containsKey(url.substring("https://cdn.example.org/a/".length())));
        }
    }
}
