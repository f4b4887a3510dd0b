package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ttsjobs.examples.server.RunningServer.User;
import dev.ttsjobs.examples.voice.FaultKind;
import dev.ttsjobs.examples.voice.OfflineVoiceServer;
import dev.ttsjobs.examples.voice.VoiceFaults;
import dev.ttsjobs.examples.worker.Settings;
import dev.ttsjobs.examples.worker.Webhooks;
import dev.ttsjobs.examples.worker.WorkerMain;
import dev.ttsjobs.examples.worker.Workshop;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobRequest;
import dev.ttsjobs.queue.EventQueue;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The standalone worker as a process of its own, beside a server that makes no audio. */
class StandaloneWorkerTest {

    private static final String SECRET = "whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0";

    @TempDir
    Path dir;

    private final HttpClient http = HttpClient.newHttpClient();
    private OfflineVoiceServer voice;
    private Programs programs;

    @BeforeEach
    void start() {
        voice = RunningServer.tunes();
        programs = new Programs(dir, voice);
    }

    @AfterEach
    void stop() {
        programs.close();
        voice.close();
    }

    private HttpResponse<String> ask(String method, int port, String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .timeout(Duration.ofSeconds(20))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private boolean answers(int port, String path, String part) {
        try {
            HttpResponse<String> answer = ask("GET", port, path);
            return answer.statusCode() == 200 && answer.body().contains(part);
        } catch (ConnectException e) {
            return false;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static String operatorsView(User operator) {
        return operator.get("/api/operator").json().at("/operator/workers").toString();
    }

    @Test
    void it_does_the_servers_work_tells_how_it_is_and_lets_calls_end() throws Exception {
        int port = Programs.freePort();
        try (RunningServer running =
                RunningServer.in(dir, "WORKER_ENABLED", "false", "ADMIN_EMAILS", "ann@example.org")) {
            User ann = running.register("ann@example.org");
            JsonNode deck = ann.deck("Cat", "Chat", "Dog", "Chien");
            String job = ann.generate(deck);
            assertEquals("pending", ann.job(job).get("status").textValue());
            assertEquals("[]", operatorsView(ann));

            Process worker = programs.launch(
                    WorkerMain.class,
                    List.of(
                            "TTS_REQUESTS_PER_MINUTE",
                            "6000",
                            "POLL_INTERVAL_MS",
                            "100",
                            "WORKER_PORT",
                            Integer.toString(port),
                            "OPENAI_BASE_URL",
                            running.voice.baseUrl()));
            // The server's stream of events knows of what another process does.
            assertTrue(streamOf(running, ann, job).contains("event: completed"));
            String deckPath = "/api/my-decks/" + deck.get("id").textValue();
            assertTrue(ann.get(deckPath).json().at("/deck/cards/1/audioUrlFr").isTextual());

            assertEquals(200, ask("GET", port, "/healthz/live").statusCode());
            HttpResponse<String> ready = ask("GET", port, "/healthz/ready");
            assertEquals(200, ready.statusCode());
            JsonNode checks = new ObjectMapper().readTree(ready.body());
            assertEquals("ok", checks.get("status").textValue());
            assertEquals("ok", checks.at("/checks/database/status").textValue());
            assertTrue(answers(port, "/metrics", "tts_clips_total{kind=\"none\",outcome=\"made\"} 4.0"));
            assertEquals(404, ask("GET", port, "/api/my-decks").statusCode());
            assertEquals(405, ask("DELETE", port, "/metrics").statusCode());
            RunningServer.eventually(() -> operatorsView(ann).contains("\"kind\":\"worker\""));

            // A call that is under way when the worker is told to stop is paid for, so it is let end.
            running.voice.faults(VoiceFaults.always(FaultKind.SLOW_BODY).withPause(Duration.ofSeconds(2)));
            JsonNode slow = ann.deck("Horse", "Cheval");
            long before = running.voice.ledger().calls();
            String second = ann.generate(slow);
            RunningServer.eventually(() -> running.voice.ledger().calls() == before + 2);
            worker.destroy();
            programs.awaitLogged("stopping");
            assertTrue(answers(port, "/healthz/live", "ok"), "it can be seen to stop");
            assertEquals(143, programs.await(worker, 30).status());
            assertEquals("completed", ann.job(second).get("status").textValue());
            assertEquals(before + 2, running.voice.ledger().calls());
            assertThrows(ConnectException.class, () -> ask("GET", port, "/healthz/live"));
            RunningServer.eventually(() -> operatorsView(ann).equals("[]"));
        }
    }

    private static String streamOf(RunningServer running, User user, String job) {
        return new String(
                running.call("GET", "/api/tts/stream/" + job, null, "Authorization", "Bearer " + user.token)
                        .body(),
                java.nio.charset.StandardCharsets.UTF_8);
    }

    @Test
    void a_server_that_makes_no_audio_still_delivers_webhooks() throws Exception {
        try (WebhookReceiver receiver = new WebhookReceiver();
                RunningServer running = RunningServer.in(
                        dir, "WORKER_ENABLED", "false", "WEBHOOK_SECRET", SECRET, "WEBHOOK_ALLOW_PRIVATE", "true")) {
            User ann = running.register("ann@example.org");
            Map<String, Object> request = new HashMap<>(ann.requestFor(ann.deck("Cat", "Chat")));
            request.put("webhookUrl", receiver.url());
            String job =
                    ann.post("/api/tts/generate", request).json().get("jobId").textValue();

            // It knows no secret, so it delivers nothing.
            programs.launch(WorkerMain.class, List.of("OPENAI_BASE_URL", running.voice.baseUrl()));

            WebhookReceiver.Received told = RunningServer.eventually(
                    () -> receiver.received().stream().findFirst().orElse(null));
            assertTrue(told.isSignedWith(SECRET));
            assertEquals(job, told.json().at("/data/jobId").textValue());
            // Counted once the answer is there.
            RunningServer.eventually(() -> new String(
                            running.call("GET", "/metrics", null).body(), java.nio.charset.StandardCharsets.UTF_8)
                    .contains("tts_webhook_deliveries_total{outcome=\"delivered\"} 1.0"));
        }
    }

    @Test
    void a_webhook_outlives_its_receiver_and_its_sender() throws Exception {
        List<String> more = List.of(
                "TTS_REQUESTS_PER_MINUTE", "6000",
                "WEBHOOK_SECRET", SECRET,
                "WEBHOOK_ALLOW_PRIVATE", "true");
        try (WebhookReceiver receiver = new WebhookReceiver();
                Workshop workshop = Workshop.open(Settings.from(programs.settings()))) {
            receiver.answer(503);
            Process first = programs.launch(WorkerMain.class, more);
            programs.awaitLogged("working");
            JobId job = workshop.jobs()
                    .submit(JobRequest.builder("ann")
                            .phrase("card", "en", "Cat")
                            .attribute(Webhooks.URL, receiver.url())
                            .build())
                    .id();
            EventQueue.Delivery failed =
                    RunningServer.eventually(() -> workshop.queue().events().deliveries(job).stream()
                            .filter(delivery -> delivery.lastError() != null)
                            .findAny()
                            .orElse(null));
            first.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
            receiver.answer(204);

            Process second = programs.launch(WorkerMain.class, more);
            try {
                RunningServer.eventually(() -> workshop.queue().events().deliveries(job).stream()
                        .allMatch(delivery -> delivery.state() == EventQueue.DeliveryState.DELIVERED));
            } finally {
                second.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
            }
            List<WebhookReceiver.Received> received = receiver.received();
            assertEquals(2, received.size());
            received.forEach(told -> assertEquals(failed.event().id(), told.id()));
            assertTrue(received.get(1).isSignedWith(SECRET));
        }
    }

    @Test
    void one_that_cannot_be_as_it_is_told_does_not_start() throws Exception {
        programs.await(programs.launch(WorkerMain.class, List.of("TTS_BURST", "0")), 30)
                .assertRefused("TTS_BURST");
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            List<String> port = List.of("WORKER_PORT", Integer.toString(taken.getLocalPort()));
            programs.await(programs.launch(WorkerMain.class, port), 30).assertRefused("WORKER_PORT");
        }
    }

    @Test
    void it_is_to_be_reached_from_this_machine_alone_unless_told_otherwise() throws Exception {
        int port = Programs.freePort();
        programs.launch(WorkerMain.class, List.of("WORKER_PORT", Integer.toString(port)));
        RunningServer.eventually(() -> answers(port, "/healthz/ready", "ok"));
        // Where only one address is taken, the port is still free on every other one.
        try (ServerSocket elsewhere = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.2"))) {
            assertEquals(port, elsewhere.getLocalPort());
        }
    }
}
