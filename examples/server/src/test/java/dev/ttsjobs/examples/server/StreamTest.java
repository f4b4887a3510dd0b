package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ttsjobs.examples.server.RunningServer.Answer;
import dev.ttsjobs.examples.server.RunningServer.User;
import dev.ttsjobs.examples.voice.FaultKind;
import dev.ttsjobs.examples.voice.VoiceFaults;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Progress as it happens. */
@Timeout(120)
class StreamTest {

    @TempDir
    Path dir;

    private RunningServer running;
    private User ann;

    @BeforeEach
    void start() {
        running = RunningServer.in(dir, "TTS_PROBE_INTERVAL_SECONDS", "1");
        ann = running.register("ann@example.org");
    }

    @AfterEach
    void stop() {
        running.close();
    }

    private record Event(String name, String id, JsonNode job) {

        String status() {
            return job.get("status").textValue();
        }
    }

    private static List<Event> events(byte[] body) {
        List<Event> events = new ArrayList<>();
        for (String block : new String(body, StandardCharsets.UTF_8).split("\n\n")) {
            if (!block.isBlank() && !block.startsWith(":")) {
                events.add(event(block));
            }
        }
        return events;
    }

    private static Event event(String block) {
        String[] lines = block.split("\n");
        assertEquals(3, lines.length, block);
        try {
            return new Event(
                    lines[0].substring("event: ".length()),
                    lines[1].substring("id: ".length()),
                    new ObjectMapper()
                            .readTree(lines[2].substring("data: ".length()))
                            .get("job"));
        } catch (IOException e) {
            throw new AssertionError(block, e);
        }
    }

    private JsonNode bigDeck(int cards) {
        return ann.deck(IntStream.range(0, 2 * cards).mapToObj(i -> "text " + i).toArray(String[]::new));
    }

    @Test
    void a_stream_tells_of_each_step_and_ends_with_the_job() {
        String id = ann.generate(bigDeck(20));

        Answer answer = ann.get("/api/tts/stream/" + id);

        assertEquals(200, answer.status());
        assertEquals("text/event-stream", answer.header("Content-Type"));
        assertEquals("no-cache", answer.header("Cache-Control"));
        assertEquals("no", answer.header("X-Accel-Buffering"));
        List<Event> events = events(answer.body());
        Event last = events.get(events.size() - 1);
        assertEquals("completed", last.name());
        assertEquals("completed", last.status());
        assertEquals(20, last.job().get("resultUrls").size());
        int before = -1;
        Set<String> ids = new HashSet<>();
        for (Event event : events) {
            assertTrue(ids.add(event.id()), "an id was used twice");
            int processed = event.job().get("processedCount").intValue();
            assertTrue(processed >= before);
            before = processed;
            assertEquals(event == last ? "completed" : "progress", event.name());
        }
        assertEquals(ann.job(id), last.job());
    }

    @Test
    void who_has_seen_the_end_is_told_not_to_come_back() {
        String id = ann.generate(ann.deck("Cat", "Chat"));
        ann.await(id, "completed");
        List<Event> events = events(ann.get("/api/tts/stream/" + id).body());
        assertEquals(
                List.of("progress", "completed"),
                events.stream().map(Event::name).toList());

        // The end is what is left to say after the last step.
        List<Event> rest = events(
                ann.get("/api/tts/stream/" + id, "Last-Event-ID", events.get(0).id())
                        .body());
        assertEquals(List.of("completed"), rest.stream().map(Event::name).toList());
        assertEquals(events.get(1).id(), rest.get(0).id(), "the same event");

        Answer nothing =
                ann.get("/api/tts/stream/" + id, "Last-Event-ID", events.get(1).id());
        assertEquals(204, nothing.status());
        assertEquals(0, nothing.body().length);
        assertEquals(
                2,
                events(ann.get("/api/tts/stream/" + id, "Last-Event-ID", "what is this")
                                .body())
                        .size());
    }

    @Test
    void a_retried_job_has_more_to_say() {
        running.voice.faults(VoiceFaults.always(FaultKind.REFUSED));
        String id = ann.generate(ann.deck("Cat", "Chat"));
        ann.await(id, "failed");
        List<Event> events = events(ann.get("/api/tts/stream/" + id).body());
        Event end = events.get(events.size() - 1);
        assertEquals("failed", end.name());
        assertTrue(end.job().get("errorMessage").textValue().startsWith("No text could be made"));

        running.voice.faults(VoiceFaults.none());
        assertEquals(
                202, ann.call("POST", "/api/tts/jobs/" + id + "/retry", null).status());
        List<Event> more = events(
                ann.get("/api/tts/stream/" + id, "Last-Event-ID", end.id()).body());
        assertEquals("completed", more.get(more.size() - 1).name());
    }

    @Test
    void a_paused_account_is_shown_and_its_end_too() throws Exception {
        running.voice.faults(VoiceFaults.always(FaultKind.QUOTA));
        String id = ann.generate(ann.deck("Cat", "Chat"));
        JsonNode waiting = RunningServer.eventually(() -> {
            JsonNode job = ann.job(id);
            return job.get("waitingFor").isNull() ? null : job;
        });
        assertEquals("insufficient_quota", waiting.at("/waitingFor/code").textValue());
        assertTrue(waiting.at("/waitingFor/since").isTextual());

        try (Socket socket = new Socket("127.0.0.1", running.server.port());
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
            socket.setSoTimeout(30_000);
            open(socket, id);
            String first = in.readLine();
            while (!first.startsWith("data: ")) {
                first = in.readLine();
            }
            assertTrue(first.contains("insufficient_quota"), first);
            running.voice.faults(VoiceFaults.none());
            String line = first;
            while (!line.startsWith("event: completed")) {
                line = in.readLine();
            }
        }
    }

    private void open(Socket socket, String id) throws IOException {
        String request = "GET /api/tts/stream/" + id + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                + ann.token + "\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void a_client_that_does_not_read_holds_up_nobody() throws Exception {
        String id = ann.generate(bigDeck(200));
        try (Socket deaf = new Socket()) {
            deaf.setReceiveBufferSize(1024);
            deaf.connect(new java.net.InetSocketAddress("127.0.0.1", running.server.port()));
            open(deaf, id);
            List<Event> events = events(ann.get("/api/tts/stream/" + id).body());
            assertEquals("completed", events.get(events.size() - 1).name());
        }
        RunningServer.eventually(
                () -> new String(running.call("GET", "/metrics", null).body(), StandardCharsets.UTF_8)
                        .contains("tts_event_streams 0.0"));
    }

    @Test
    void nobody_has_more_than_twenty_streams_open() {
        running.voice.faults(VoiceFaults.always(FaultKind.QUOTA));
        String id = ann.generate(ann.deck("Cat", "Chat"));
        List<Wire> open = new ArrayList<>();
        try {
            for (int i = 0; i < 20; i++) {
                Wire wire = new Wire(running.server.port());
                open.add(wire);
                wire.head("GET /api/tts/stream/" + id + " HTTP/1.1", "Host: a", "Authorization: Bearer " + ann.token);
                assertEquals(200, wire.reply().status());
            }

            Answer refused = ann.get("/api/tts/stream/" + id);

            assertEquals(429, refused.status());
            assertEquals("10", refused.header("Retry-After"));
            User bob = running.register("bob@example.org");
            String done = bob.generate(bob.deck("Dog", "Chien"));
            running.voice.faults(VoiceFaults.none());
            assertEquals(200, bob.get("/api/tts/stream/" + done).status());
        } finally {
            open.forEach(Wire::close);
        }
    }
}
