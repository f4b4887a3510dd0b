package dev.ttsjobs.examples.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.queue.jdbc.JdbcJobQueue;
import dev.ttsjobs.queue.jdbc.QueueDataSources;
import dev.ttsjobs.testing.FakeProvider;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What operators do to a server's jobs and audio; a spoken deck leaves the same behind. */
class OperatorTest {

    @TempDir
    Path folder;

    private final Map<String, String> environment = new HashMap<>();
    private final StringWriter said = new StringWriter();
    private FakeProvider provider;
    private Path audio;

    @BeforeEach
    void speakADeck() throws IOException {
        provider = FakeProvider.start().answerText("bad", FakeProvider.Answer.rejected("invalid_value", "no"));
        audio = folder.resolve("out/.tts/audio");
        environment.putAll(Map.of(
                "OPENAI_BASE_URL", provider.baseUrl(),
                "TTS_REQUESTS_PER_MINUTE", "60000",
                "TTS_DATA_DIR", folder.resolve("out/.tts").toString(),
                "LOCAL_STORAGE_PATH", audio.toString()));
        Path deck = Files.writeString(folder.resolve("deck.psv"), "one\ntwo\nbad\n");
        assertEquals(
                1,
                run("speak", deck.toString(), "--out", folder.resolve("out").toString(), "--languages", "en"),
                said::toString);
    }

    @AfterEach
    void stop() {
        provider.close();
    }

    @Test
    void jobsAreListedShownRetriedAndCalledOff() {
        assertEquals(0, run("jobs", "list"));
        assertTrue(said.toString().contains("COMPLETED      3 of 3, 1 failed"), said::toString);
        String id = said.toString().split(" ")[0];
        assertEquals(0, run("jobs", "list", "--status", "PENDING"));
        assertEquals("", said.toString());
        assertEquals(0, run("jobs", "show", id));
        assertTrue(said.toString().contains("  3, en: invalid_value"), said::toString);
        assertEquals(1, run("jobs", "cancel", id));
        assertTrue(said.toString().contains(id + ": it has ended"), said::toString);
        assertEquals(0, run("jobs", "retry", id));
        assertTrue(said.toString().contains(id + ": queued again"), said::toString);
        assertEquals(0, run("jobs", "cancel", id));
        assertTrue(said.toString().contains(id + ": called off"), said::toString);
        assertEquals(2, run("jobs", "cancel", "../x"));
        environment.clear();
        assertEquals(2, run("jobs", "list"));
        assertTrue(said.toString().contains("DATABASE_URL"), said::toString);
    }

    @Test
    void audioIsCopiedCheckedAndMovedAndARunIsRepeatedWithoutHarm() throws IOException {
        Path other = folder.resolve("other");
        assertEquals(0, run("audio", "copy", audio.toString(), other.toString()), said::toString);
        assertTrue(said.toString().startsWith("2 copied"), said::toString);
        assertEquals(0, run("audio", "copy", audio.toString(), other.toString()));
        assertTrue(said.toString().startsWith("0 copied (0 bytes), 2 there already"), said::toString);
        List<Path> copies = files(other);
        for (Path copy : copies) {
            assertArrayEquals(Files.readAllBytes(audio.resolve(other.relativize(copy))), Files.readAllBytes(copy));
        }
        Files.writeString(copies.get(0), "damaged");
        Files.delete(copies.get(1));
        assertEquals(1, run("audio", "verify", other.toString()));
        assertTrue(said.toString().startsWith("0 sound, 1 missing, 1 damaged, 0 queued"), said::toString);
        assertEquals(0, run("audio", "move", audio.toString(), other.toString()));
        assertTrue(said.toString().startsWith("2 copied"), said::toString);
        assertEquals(List.of(), files(audio));
        assertEquals(0, run("audio", "verify", other.toString()));
        assertEquals(2, provider.paid().size());
        assertEquals(2, run("audio", "verify", folder.resolve("none").toString()));
        assertFalse(Files.exists(folder.resolve("none")));
        assertEquals(2, run("audio", "copy", other.toString(), other.toString()));
    }

    @Test
    void audioThatNothingRefersToIsNamedAndRemovedOnlyWhenThatIsAskedFor() throws Exception {
        String storage = audio.toString();
        assertEquals(0, run("audio", "sweep", storage, "--delete"), said::toString);
        assertEquals("0 of 2 files removed (0 bytes)", said.toString().strip(), "a job refers to them");

        Path database = folder.resolve("out/.tts/tts.db");
        age(database, "tts_job", "completed_at");
        try (HikariDataSource source = QueueDataSources.sqlite(database);
                JdbcJobQueue queue = JdbcJobQueue.builder(source).build()) {
            while (queue.prune(Duration.ofDays(1))) {
                // Until nothing is left.
            }
        }
        assertEquals(0, run("audio", "sweep", storage, "--delete"), said::toString);
        assertEquals("0 of 2 files removed (0 bytes)", said.toString().strip(), "they are too young");
        age(database, "tts_audio", "made_at");
        assertEquals(2, run("audio", "sweep", storage, "--grace", "PT59M"));
        assertTrue(said.toString().contains("an hour at least"), said::toString);

        assertEquals(0, run("audio", "sweep", storage, "--grace", "PT1H"), said::toString);
        assertTrue(said.toString().startsWith("2 of 2 files would be removed ("), said::toString);
        assertTrue(said.toString().strip().endsWith("--delete does so"), said::toString);
        assertEquals(2, files(audio).size(), "only said");
        assertEquals(0, run("audio", "sweep", storage, "--grace", "PT1H", "--delete"), said::toString);
        assertTrue(said.toString().startsWith("2 of 2 files removed ("), said::toString);
        assertEquals(List.of(), files(audio));
        assertEquals(0, run("audio", "sweep", storage, "--grace", "PT1H", "--delete"));
        assertEquals("0 of 0 files removed (0 bytes)", said.toString().strip());
        assertEquals(2, run("audio", "sweep", folder.resolve("none").toString()));
    }

    /** As if it had been two days ago. */
    private static void age(Path database, String table, String column) throws SQLException {
        String earlier = "UPDATE %s SET %s = %s - 172800000000".formatted(table, column, column);
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
                Statement statement = connection.createStatement()) {
            assertTrue(statement.executeUpdate(earlier) > 0);
        }
    }

    @Test
    void audioGoesIntoABucketAndBack() throws IOException {
        Map<String, byte[]> objects = new ConcurrentHashMap<>();
        HttpServer bucket = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        bucket.createContext("/audio/", call -> serve(objects, call));
        bucket.start();
        Map<String, String> credentials =
                Map.of("aws.accessKeyId", "key", "aws.secretAccessKey", "secret", "aws.region", "us-east-1");
        credentials.forEach(System::setProperty);
        environment.put(
                "AWS_ENDPOINT_URL_S3", "http://127.0.0.1:" + bucket.getAddress().getPort());
        try {
            assertEquals(0, run("audio", "copy", audio.toString(), "s3://audio"), said::toString);
            assertEquals(2, objects.size());
            assertEquals(0, run("audio", "verify", "s3://audio"), said::toString);
            Path back = folder.resolve("back");
            assertEquals(0, run("audio", "move", "s3://audio", back.toString()), said::toString);
            assertEquals(0, objects.size());
            assertEquals(2, files(back).size());
        } finally {
            credentials.keySet().forEach(System::clearProperty);
            bucket.stop(0);
        }
    }

    private static void serve(Map<String, byte[]> objects, HttpExchange call) throws IOException {
        String key = call.getRequestURI().getPath().substring("/audio/".length());
        byte[] sent = call.getRequestBody().readAllBytes();
        byte[] object = objects.get(key);
        switch (call.getRequestMethod()) {
            case "PUT" -> {
                objects.putIfAbsent(key, sent);
                call.getResponseHeaders().set("ETag", "\"tag\"");
                call.sendResponseHeaders(object == null ? 200 : 412, -1);
            }
            case "DELETE" -> {
                objects.remove(key);
                call.sendResponseHeaders(204, -1);
            }
            case "HEAD" -> {
                call.getResponseHeaders().set("Content-Length", String.valueOf(object == null ? 0 : object.length));
                call.sendResponseHeaders(object == null ? 404 : 200, -1);
            }
            default -> {
                byte[] body = object == null ? "<Error><Code>NoSuchKey</Code></Error>".getBytes() : object;
                call.sendResponseHeaders(object == null ? 404 : 200, body.length);
                call.getResponseBody().write(body);
            }
        }
        call.close();
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(file -> file.toString().endsWith(".mp3")).toList();
        }
    }

    private int run(String... arguments) {
        said.getBuffer().setLength(0);
        PrintWriter writer = new PrintWriter(said, true);
        return TtsCommand.commandLine(environment).setOut(writer).setErr(writer).execute(arguments);
    }
}
