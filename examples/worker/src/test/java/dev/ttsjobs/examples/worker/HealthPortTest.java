package dev.ttsjobs.examples.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HealthPortTest {

    @TempDir
    Path dir;

    private Workshop workshop;
    private HealthPort port;

    private Settings settings(String... more) {
        Map<String, String> settings = new HashMap<>(Map.of(
                "WORKER_PORT",
                "0",
                // Nobody is there, and nobody is called.
                "OPENAI_BASE_URL",
                "http://127.0.0.1:1/v1",
                "TTS_DATA_DIR",
                dir.resolve("data").toString(),
                "LOCAL_STORAGE_PATH",
                dir.resolve("audio").toString()));
        for (int i = 0; i < more.length; i += 2) {
            settings.put(more[i], more[i + 1]);
        }
        return Settings.from(settings);
    }

    @BeforeEach
    void open() {
        workshop = Workshop.open(settings());
        port = port(settings());
    }

    private HealthPort port(Settings settings) {
        InstantSource clock = InstantSource.system();
        Health health = new Health(workshop, clock);
        return HealthPort.open(settings, health, new Metrics(workshop, health, clock));
    }

    @AfterEach
    void close() {
        port.close();
        workshop.close();
    }

    private HttpResponse<String> ask(String method, String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port.port() + path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .timeout(Duration.ofSeconds(5))
                .build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void it_tells_how_the_worker_is_and_nothing_else() throws Exception {
        assertEquals("{\"status\":\"ok\"}", ask("GET", "/healthz/live").body());
        assertEquals(200, ask("GET", "/healthz/ready").statusCode());
        assertTrue(ask("GET", "/metrics").body().contains("tts_queue_depth{state=\"queued\"} 0.0"));
        assertEquals("", ask("HEAD", "/metrics").body());
        assertEquals(404, ask("GET", "/healthz/live/../../etc").statusCode());
        assertEquals(404, ask("GET", "/metrics/").statusCode());
        assertEquals(405, ask("POST", "/healthz/live").statusCode());
    }

    @Test
    void a_storage_that_is_gone_makes_it_useless_but_alive() throws Exception {
        try (var files = Files.walk(dir.resolve("audio"))) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
        HttpResponse<String> ready = ask("GET", "/healthz/ready");
        assertEquals(503, ready.statusCode());
        assertTrue(ready.body().contains("\"storage\":{\"status\":\"down\"}"), ready.body());
        assertEquals(200, ask("GET", "/healthz/live").statusCode());
    }

    @Test
    void who_sends_half_a_request_holds_up_nobody() throws Exception {
        List<Socket> halves = new ArrayList<>();
        try {
            for (int i = 0; i < 20; i++) {
                Socket half = new Socket(InetAddress.getLoopbackAddress(), port.port());
                halves.add(half);
                half.getOutputStream().write("GET /healthz/live HT".getBytes(StandardCharsets.US_ASCII));
            }
            assertEquals(200, ask("GET", "/healthz/live").statusCode());
        } finally {
            for (Socket half : halves) {
                half.close();
            }
        }
    }

    @Test
    void a_port_that_is_taken_is_named() throws IOException {
        Settings same = settings("WORKER_PORT", Integer.toString(port.port()));
        SettingsException refused = assertThrows(SettingsException.class, () -> port(same));
        assertTrue(refused.getMessage().startsWith("WORKER_PORT: "), refused.getMessage());
    }

    @Test
    void a_second_worker_with_nothing_set_starts_beside_the_first() {
        Settings unset = settings("WORKER_PORT", "");
        try (HealthPort first = port(unset);
                HealthPort second = port(unset)) {
            assertNotEquals(first.port(), second.port());
        }
    }

    @Test
    void who_waited_for_a_look_that_took_long_shares_it() throws Exception {
        List<Connection> all = new ArrayList<>();
        try {
            // What does not answer is waited for longer than a look is kept.
            for (int i = 0; i < 8; i++) {
                all.add(workshop.dataSource().getConnection());
            }
            Health health = new Health(workshop, InstantSource.system());
            Health.Report first = health.look();
            assertFalse(first.database());
            assertSame(first, health.look());
        } finally {
            for (Connection each : all) {
                each.close();
            }
        }
    }
}
