package dev.ttsjobs.examples.deploy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.ttsjobs.speech.AudioFormat;
import dev.ttsjobs.storage.AudioName;
import dev.ttsjobs.storage.PublicName;
import dev.ttsjobs.storage.local.LocalAudioStorage;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real nginx with the shipped configuration, over a directory that the real storage wrote. */
class NginxTest {

    private static final String IMMUTABLE = "public, max-age=31536000, immutable";
    private static final AudioName NAME = AudioName.of("ab".repeat(32), AudioFormat.MP3);
    private static final AudioName LINK = AudioName.of("cd".repeat(32), AudioFormat.MP3);
    private static final String AUDIO = "/storage/tts/" + NAME;
    private static final String SECRET = "nobody may read this";
    private static final byte[] BYTES = new byte[20_000];

    @TempDir
    static Path folder;

    private static final List<AutoCloseable> OPEN = new ArrayList<>();
    private static LocalAudioStorage storage;
    private static Path nginx;
    private static int port;
    private static int serverPort;

    @BeforeAll
    static void startNginxOverARealStore() throws Exception {
        Optional<Path> found = Program.find("nginx");
        assumeTrue(found.isPresent(), "nginx is not installed (Debian: nginx-light)");
        nginx = found.get();
        folder = folder.toRealPath();
        storage = LocalAudioStorage.open(Nginx.store(folder), URI.create("http://localhost/storage/tts"));
        new Random(7).nextBytes(BYTES);
        put(NAME);
        Files.writeString(folder.resolve("secret.mp3"), SECRET);
        Files.writeString(storage.spoolDirectory().resolve("half.part"), SECRET);
        Files.createDirectory(Nginx.store(folder).resolve("cd"));
        Files.createSymbolicLink(Nginx.store(folder).resolve(LINK.value()), folder.resolve("secret.mp3"));
        serverPort = startServer();
        Nginx running = Nginx.start(nginx, folder, "audio-local.conf", serverPort);
        OPEN.add(running);
        port = running.port;
    }

    @AfterAll
    static void end() throws Exception {
        for (AutoCloseable each : OPEN) {
            each.close();
        }
    }

    private static void put(AudioName name) throws IOException {
        Path part = storage.spoolDirectory().resolve("new.part");
        Files.write(part, BYTES);
        storage.put(name, part);
    }

    /** Stands for the example server, and in one test for a bucket. */
    private static int startServer() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        ExecutorService threads = Executors.newCachedThreadPool();
        server.setExecutor(threads);
        server.createContext("/", exchange -> answer(exchange, 404, "text/plain", "the server knows no such page"));
        server.createContext("/api/echo", NginxTest::echo);
        server.createContext("/metrics", exchange -> answer(exchange, 200, "text/plain", "figures"));
        server.createContext("/style.css", exchange -> answer(exchange, 200, "text/css", "a{}\n".repeat(1000)));
        server.createContext(
                "/api/list", exchange -> answer(exchange, 200, "application/json", "[" + "1,".repeat(1000) + "1]"));
        server.createContext("/tts/" + NAME, NginxTest::echo);
        server.createContext(
                "/tts/", exchange -> answer(exchange, 404, "application/xml", "<Code>NoSuchKey in bucket tts</Code>"));
        server.start();
        OPEN.add(() -> {
            server.stop(0);
            threads.shutdownNow();
        });
        return server.getAddress().getPort();
    }

    private static void answer(HttpExchange exchange, int status, String type, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getRequestBody().readAllBytes();
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.getResponseHeaders().set("Cache-Control", "private");
        exchange.sendResponseHeaders(status, body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
        }
    }

    private static void echo(HttpExchange exchange) throws IOException {
        StringBuilder text = new StringBuilder(exchange.getRequestURI() + "\n");
        exchange.getRequestHeaders()
                .forEach((name, values) -> text.append(name)
                        .append(": ")
                        .append(String.join(" | ", values))
                        .append('\n'));
        text.append("body: ").append(exchange.getRequestBody().readAllBytes().length);
        answer(exchange, 200, "text/plain", text.toString());
    }

    private static Answer get(String target, String... headers) throws IOException {
        return Answer.to(port, "GET", target, headers);
    }

    @Test
    void aPublishedNameIsAskedAboutEachTimeAndShowsWhatItIsPublishedForNow() throws Exception {
        PublicName card = PublicName.of("card-7_de", AudioFormat.MP3);
        String target = "/storage/tts/named/card-7_de.mp3";
        assertEquals(404, get(target).status());
        storage.publish(NAME, card);
        Answer first = get(target);
        assertEquals(200, first.status());
        assertArrayEquals(BYTES, first.body());
        assertEquals("audio/mpeg", first.header("Content-Type"));
        assertEquals("public, no-cache", first.header("Cache-Control"));
        assertEquals("nosniff", first.header("X-Content-Type-Options"));
        assertEquals(304, get(target, "If-None-Match: " + first.header("ETag")).status());
        assertEquals(404, get("/storage/tts/.names/card-7_de.mp3").status());
        assertEquals(404, get("/storage/tts/named/").status());
        storage.unpublish(card);
        assertEquals("no-store", get(target).header("Cache-Control"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"audio-local.conf", "audio-s3.conf"})
    void nginxAcceptsTheConfigurationWithoutAWarning(String audio, @TempDir Path other) throws Exception {
        List<String> command = Nginx.command(nginx, other, audio, Nginx.freePort(), serverPort);
        command.add("-t");

        Program.Outcome outcome = Program.run(other, Map.of(), command);

        assertEquals(0, outcome.status(), outcome.output());
        assertFalse(outcome.output().contains("[warn]"), outcome.output());
    }

    @Test
    void aHitIsTheWholeFileAsAudioToBeKeptForEver() throws Exception {
        Answer answer = get(AUDIO, "Accept-Encoding: gzip");

        assertEquals(200, answer.status());
        assertArrayEquals(BYTES, answer.body());
        assertEquals("audio/mpeg", answer.header("Content-Type"));
        assertEquals(IMMUTABLE, answer.header("Cache-Control"));
        assertEquals("nosniff", answer.header("X-Content-Type-Options"));
        assertEquals("bytes", answer.header("Accept-Ranges"));
        assertEquals("", answer.header("Content-Encoding"));
        assertFalse(answer.header("ETag").isEmpty());
        assertEquals("nginx", answer.header("Server"), "no version");
    }

    @Test
    void headTellsTheLengthOnly() throws Exception {
        Answer answer = Answer.to(port, "HEAD", AUDIO);

        assertEquals(200, answer.status());
        assertEquals(String.valueOf(BYTES.length), answer.header("Content-Length"));
        assertEquals(0, answer.body().length);
    }

    @Test
    void aRangeIsThatPart() throws Exception {
        Answer middle = get(AUDIO, "Range: bytes=100-199");
        Answer end = get(AUDIO, "Range: bytes=-50");

        assertEquals(206, middle.status());
        assertEquals("bytes 100-199/20000", middle.header("Content-Range"));
        assertEquals(IMMUTABLE, middle.header("Cache-Control"));
        assertArrayEquals(Arrays.copyOfRange(BYTES, 100, 200), middle.body());
        assertArrayEquals(Arrays.copyOfRange(BYTES, 19_950, 20_000), end.body());
    }

    @Test
    void manyRangesAtOnceAreTheWholeFile() throws Exception {
        Answer answer = get(AUDIO, "Range: bytes=0-1,4-5,8-9");

        assertEquals(200, answer.status());
        assertArrayEquals(BYTES, answer.body());
    }

    @Test
    void aRangeBeyondTheEndIsRefusedAndNotKept() throws Exception {
        Answer answer = get(AUDIO, "Range: bytes=20000-");

        assertEquals(416, answer.status());
        // nginx adds to the line of the hit that this began as; for a cache no-store outweighs all else.
        assertTrue(answer.header("Cache-Control").contains("no-store"), answer.header("Cache-Control"));
    }

    @Test
    void whoHasTheFileIsToldSo() throws Exception {
        Answer answer = get(AUDIO, "If-None-Match: " + get(AUDIO).header("ETag"));

        assertEquals(304, answer.status());
        assertEquals(IMMUTABLE, answer.header("Cache-Control"));
        assertEquals(0, answer.body().length);
    }

    @Test
    void audioThatIsNotMadeYetIsNotRememberedAsMissing() throws Exception {
        AudioName later = AudioName.of("ef".repeat(32), AudioFormat.MP3);
        Answer before = get("/storage/tts/" + later);
        put(later);
        Answer after = get("/storage/tts/" + later);

        assertEquals(404, before.status());
        assertEquals("no-store", before.header("Cache-Control"));
        assertEquals("nosniff", before.header("X-Content-Type-Options"));
        assertEquals(200, after.status());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/storage/tts/",
                "/storage/tts",
                "/storage/tts/ab",
                "/storage/tts/ab/",
                "/storage/tts/.spool/half.part",
                "/storage/tts/ab/%2e%2e/.spool/half.part",
                "/storage/tts/ab/../.spool/half.part",
                "/storage/tts/../../secret.mp3",
                "/storage/tts/../../../secret.mp3",
                "/storage/tts/../../../../../../../../etc/passwd",
                "/storage/tts/%2e%2e/%2e%2e/secret.mp3",
                "/storage/tts/..%2f..%2f..%2fsecret.mp3",
                "/storage/tts/%252e%252e/%252e%252e/secret.mp3",
                "/storage/tts/..\\..\\..\\secret.mp3",
                "/storage/tts//../../secret.mp3",
                "/storage/tts/ab%00.mp3",
                "/storage/tts../secret.mp3",
            })
    void nothingButAudioIsReached(String target) throws Exception {
        Answer answer = get(target);

        assertTrue(answer.status() == 404 || answer.status() == 400, target + " is " + answer.status());
        assertFalse(answer.text().contains(SECRET) || answer.text().contains("root:"), answer.text());
        assertFalse(answer.text().contains("half.part") || answer.text().contains("Index of"), answer.text());
        assertFalse(answer.header("Cache-Control").contains("immutable"));
    }

    @Test
    void onlyNamesThatTheStoreMakesAreServedEvenIfTheFileIsThere() throws Exception {
        Path store = Nginx.store(folder);
        for (String name :
                List.of("ab/notes.mp3", "ab/" + "cd".repeat(32) + ".mp3", "ab/" + "ab".repeat(32) + ".txt")) {
            Files.writeString(store.resolve(name), SECRET);

            Answer answer = get("/storage/tts/" + name);

            assertEquals(404, answer.status(), name);
            assertEquals("no-store", answer.header("Cache-Control"), name);
        }
        assertEquals(404, get(AUDIO + "/").status());
        assertEquals(404, get(AUDIO.replace(".mp3", ".MP3")).status());
    }

    @Test
    void aLinkOutOfTheStoreIsNotFollowed() throws Exception {
        Answer answer = get("/storage/tts/" + LINK);

        assertEquals(403, answer.status());
        assertEquals("no-store", answer.header("Cache-Control"));
        assertFalse(answer.text().contains(SECRET));
    }

    @Test
    void audioCanOnlyBeRead() throws Exception {
        for (String method : List.of("POST", "PUT", "DELETE")) {
            Answer answer = Answer.to(port, method, AUDIO);
            assertEquals(405, answer.status(), method);
            assertEquals("no-store", answer.header("Cache-Control"), method);
        }
    }

    @Test
    void theServerLearnsWhereACallComesFromAndNotWhatTheClientSaysAboutIt() throws Exception {
        String seen = get("/api/echo?a=%2F", "Host: tts.example:8088", "X-Forwarded-For: 6.6.6.6")
                .text();

        assertTrue(seen.startsWith("/api/echo?a=%2F\n"), seen);
        assertTrue(seen.contains("X-forwarded-for: 127.0.0.1\n"), seen);
        assertTrue(seen.contains("X-forwarded-proto: http\n"), seen);
        assertTrue(seen.contains("Host: tts.example:8088\n"), seen);
    }

    /** The answer has no chunks: those nginx would pass on one by one even where it waits for whole buffers. */
    @Test
    void anEventGoesThroughBeforeTheNextOneIsThere(@TempDir Path other) throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Nginx between = Nginx.start(nginx, other, "audio-local.conf", server.getLocalPort());
                Socket client = Answer.open(between.port)) {
            server.setSoTimeout(20_000);
            Answer.send(client, "GET", "/api/tts/stream/1", new byte[0]);
            try (Socket accepted = server.accept()) {
                Answer.readUntil(accepted.getInputStream(), "\r\n\r\n");
                say(accepted, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nevent: progress\n\n");
                Answer.readUntil(client.getInputStream(), "event: progress\n\n");
                say(accepted, "event: completed\n\n");
                Answer.readUntil(client.getInputStream(), "event: completed\n\n");
            }
        }
    }

    private static void say(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void theServersOwnLimitsAreTheOnesThatAreSeen() throws Exception {
        byte[] overTheServersLimit = new byte[1024 * 1024 + 1000];
        String longToken = "Authorization: Bearer " + "x".repeat(9000);

        assertTrue(Answer.to(port, "POST", "/api/echo", overTheServersLimit, longToken)
                .text()
                .endsWith("body: " + overTheServersLimit.length));
    }

    @Test
    void aBodyFarTooLargeIsRefusedLikeTheServerWould() throws Exception {
        try (Socket socket = Answer.open(port)) {
            socket.getOutputStream()
                    .write("POST /api/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 20000000\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            String head = Answer.readUntil(socket.getInputStream(), "}");

            assertTrue(head.startsWith("HTTP/1.1 413 "), head);
            assertTrue(head.contains("application/problem+json"), head);
        }
    }

    @Test
    void figuresAreForTheInside() throws Exception {
        assertEquals(404, get("/metrics").status());
        assertEquals(404, get("//metrics").status());
        assertFalse(get("/%6detrics").text().contains("figures"));
    }

    @Test
    void thePageIsCompressedAndAnswersOfTheServerAreNot() throws Exception {
        assertEquals("gzip", get("/style.css", "Accept-Encoding: gzip").header("Content-Encoding"));
        assertEquals("", get("/api/list", "Accept-Encoding: gzip").header("Content-Encoding"));
    }

    @Test
    void whileTheServerIsAwayAudioIsServedAndTheRestSaysSo(@TempDir Path other) throws Exception {
        LocalAudioStorage second = LocalAudioStorage.open(Nginx.store(other), URI.create("http://localhost"));
        Path part = second.spoolDirectory().resolve("new.part");
        Files.write(part, BYTES);
        second.put(NAME, part);
        try (Nginx alone = Nginx.start(nginx, other, "audio-local.conf", Nginx.freePort())) {
            Answer answer = Answer.to(alone.port, "GET", "/api/tts/song.mp3");

            assertEquals(503, answer.status());
            assertEquals("application/problem+json", answer.header("Content-Type"));
            assertEquals("no-store", answer.header("Cache-Control"));
            assertEquals("5", answer.header("Retry-After"));
            assertEquals(200, Answer.to(alone.port, "GET", AUDIO).status());
        }
    }

    @Test
    void audioInABucketIsServedTheSameWay(@TempDir Path other) throws Exception {
        try (Nginx bucket = Nginx.start(nginx, other, "audio-s3.conf", serverPort)) {
            Answer hit =
                    Answer.to(bucket.port, "GET", AUDIO, "Authorization: Bearer t", "Cookie: c", "Range: bytes=0-9");
            Answer miss = Answer.to(bucket.port, "GET", "/storage/tts/" + LINK);

            assertEquals(200, hit.status());
            assertEquals(IMMUTABLE, hit.header("Cache-Control"));
            assertTrue(hit.text().startsWith("/tts/" + NAME + "\n"), hit.text());
            assertTrue(hit.text().contains("Range: bytes=0-9"), hit.text());
            assertFalse(hit.text().contains("Authorization") || hit.text().contains("Cookie"), hit.text());
            assertEquals(404, miss.status());
            assertEquals("no-store", miss.header("Cache-Control"));
            assertFalse(miss.text().contains("bucket"), miss.text());
            assertEquals(404, Answer.to(bucket.port, "PUT", AUDIO).status());
            assertEquals(404, Answer.to(bucket.port, "GET", "/storage/tts/").status());
            assertEquals(
                    404,
                    Answer.to(bucket.port, "GET", "/storage/tts/?list-type=2").status());
        }
    }
}
