package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ttsjobs.examples.server.RunningServer.Answer;
import dev.ttsjobs.examples.server.RunningServer.User;
import dev.ttsjobs.examples.voice.FaultKind;
import dev.ttsjobs.examples.voice.VoiceFaults;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What those who run the server see of it. */
class HealthTest {

    @TempDir
    Path dir;

    private RunningServer running;

    @BeforeEach
    void start() {
        running = RunningServer.in(dir);
    }

    @AfterEach
    void stop() {
        running.close();
    }

    private Answer ready() {
        return running.call("GET", "/healthz/ready", null);
    }

    private String metrics() {
        return new String(running.call("GET", "/metrics", null).body(), StandardCharsets.UTF_8);
    }

    @Test
    void a_healthy_server_is_ready() {
        assertEquals(200, running.call("GET", "/healthz/live", null).status());
        Answer answer = ready();
        assertEquals(200, answer.status());
        assertEquals("ok", answer.json().get("status").textValue());
        for (String check : new String[] {"database", "storage", "provider"}) {
            assertEquals("ok", answer.json().at("/checks/" + check + "/status").textValue());
        }
    }

    @Test
    void a_paused_account_degrades_it() {
        running.voice.faults(VoiceFaults.always(FaultKind.QUOTA));
        User ann = running.register("ann@example.org");
        ann.generate(ann.deck("Cat", "Chat"));

        JsonNode json = RunningServer.eventually(() -> {
            Answer answer = ready();
            assertEquals(200, answer.status());
            return "degraded".equals(answer.json().get("status").textValue()) ? answer.json() : null;
        });

        assertEquals("insufficient_quota", json.at("/checks/provider/code").textValue());
        assertTrue(json.at("/checks/provider/since").isTextual());
        RunningServer.eventually(() -> metrics().contains("tts_account_paused 1.0"));
        assertTrue(metrics().contains("tts_queue_depth{state=\"queued\"} 2.0"), metrics());
    }

    @Test
    void a_storage_that_takes_nothing_makes_it_useless() throws IOException {
        Path audio = dir.resolve("audio");
        try (Stream<Path> files = Files.walk(audio)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
        Files.writeString(audio, "not a folder");

        Answer answer = RunningServer.eventually(() -> {
            Answer now = ready();
            return now.status() == 503 ? now : null;
        });
        assertEquals("down", answer.json().get("status").textValue());
        assertEquals("down", answer.json().at("/checks/storage/status").textValue());
        assertEquals("ok", answer.json().at("/checks/database/status").textValue());
        assertEquals(503, running.call("HEAD", "/healthz/ready", null).status());
        assertEquals(200, running.call("GET", "/healthz/live", null).status());

        User ann = running.register("ann@example.org");
        String job = ann.generate(ann.deck("Cat", "Chat"));
        JsonNode waits = RunningServer.eventually(() -> {
            JsonNode now = ann.job(job).get("waitingFor");
            return now.isNull() ? null : now;
        });
        assertEquals("storage_failed", waits.get("code").textValue());
        assertFalse(waits.get("message").textValue().contains(dir.toString()), waits.toString());
        RunningServer.eventually(() -> metrics().contains("tts_storage_out 1.0"));
        assertEquals(0, running.voice.ledger().calls());
    }

    @Test
    void figures_count_what_was_made_and_name_nobody() {
        User ann = running.register("ann@example.org");
        String job = ann.generate(ann.deck("Cat", "Chat"));
        ann.await(job, "completed");

        String metrics = RunningServer.eventually(
                () -> metrics().contains("tts_clips_total{kind=\"none\",outcome=\"made\"} 2.0") ? metrics() : null);
        assertTrue(metrics.contains("http_server_requests_seconds_count"), metrics);
        assertTrue(metrics.contains("route=\"/api/tts/status/{jobId}\""), metrics);
        assertTrue(metrics.contains("tts_jobs_ended_total 1.0"), metrics);
        assertFalse(metrics.contains(job) || metrics.contains("ann@"), metrics);
    }
}
