package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.examples.voice.OfflineVoiceServer;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** More bodies at once than a small server has room for. */
@Timeout(120)
class BodyFloodTest {

    private static final int CALLS = 240;

    /** As large as is taken, and of the kind that takes the most room once it is read. */
    private static final String BODY = body();

    private static String body() {
        String start = "{\"email\":\"ann@example.org\",\"more\":[";
        String elements = "[],".repeat((Json.MAX_BODY - start.length() - 10) / 3);
        return start + elements + "[]]}";
    }

    @Test
    void a_flood_of_large_bodies_leaves_a_small_server_standing(@TempDir Path dir) throws Exception {
        int port = Programs.freePort();
        try (OfflineVoiceServer voice = RunningServer.tunes();
                Programs programs = new Programs(dir, voice)) {
            Process server = programs.launch(
                    Main.class, List.of("PORT", Integer.toString(port), "JDK_JAVA_OPTIONS", "-Xmx200m"));
            programs.awaitLogged("listening on");

            int answered = 0;
            for (Wire.Reply reply : flood(port)) {
                // A connection may be cut while it is told that there is no room.
                answered += reply.status() == 0 ? 0 : 1;
                assertTrue(List.of(0, 400, 503).contains(reply.status()), reply.head());
                if (reply.status() == 503) {
                    assertTrue(reply.has("Retry-After: 5"), reply.head());
                    assertTrue(reply.has("X-Request-Id: "), reply.head());
                    assertTrue(reply.has("Content-Type: application/problem+json"), reply.head());
                }
            }

            assertTrue(answered > CALLS / 4, "only " + answered + " were answered");
            try (Wire wire = new Wire(port)) {
                assertEquals(
                        200,
                        wire.head("GET /healthz/ready HTTP/1.1", "Host: a")
                                .reply()
                                .status());
            }
            assertTrue(server.isAlive());
            assertFalse(programs.log().contains("OutOfMemory"), programs.log());
        }
    }

    private static List<Wire.Reply> flood(int port) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(CALLS);
        try {
            List<Future<Wire.Reply>> calls = new ArrayList<>();
            for (int i = 0; i < CALLS; i++) {
                calls.add(threads.submit(() -> call(port)));
            }
            List<Wire.Reply> replies = new ArrayList<>();
            for (Future<Wire.Reply> call : calls) {
                replies.add(call.get());
            }
            return replies;
        } finally {
            threads.shutdownNow();
        }
    }

    private static Wire.Reply call(int port) {
        try (Wire wire = new Wire(port)) {
            wire.head(
                    "POST /api/auth/login HTTP/1.1",
                    "Host: a",
                    "Content-Type: application/json",
                    "Content-Length: " + BODY.length());
            return wire.send(BODY).reply();
        } catch (UncheckedIOException e) {
            return new Wire.Reply("", "");
        }
    }
}
