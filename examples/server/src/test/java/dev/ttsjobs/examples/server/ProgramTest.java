package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import dev.ttsjobs.queue.JobQuery;
import dev.ttsjobs.storage.AudioName;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program as a process of its own. */
class ProgramTest {

    @TempDir
    Path dir;

    private OfflineVoiceServer voice;

    @BeforeEach
    void start() {
        voice = RunningServer.tunes();
    }

    @AfterEach
    void stop() {
        voice.close();
    }

    /** A program that has ended. */
    private record Ended(int status, String out, String err) {}

    private Map<String, String> settings() {
        return Map.of(
                "PORT", "0",
                "OPENAI_BASE_URL", voice.baseUrl(),
                "TTS_DATA_DIR", dir.resolve("data").toString(),
                "LOCAL_STORAGE_PATH", dir.resolve("audio").toString());
    }

    private Process launch(List<String> settings, String... arguments) throws IOException {
        return launch(Main.class, settings, arguments);
    }

    private Process launch(Class<?> program, List<String> settings, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xshare:auto",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                program.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(dir.resolve("out").toFile())
                .redirectError(dir.resolve("err").toFile());
        builder.environment().putAll(settings());
        for (int i = 0; i < settings.size(); i += 2) {
            builder.environment().put(settings.get(i), settings.get(i + 1));
        }
        return builder.start();
    }

    private Ended await(Process process, long seconds) throws Exception {
        try {
            assertTrue(process.waitFor(seconds, TimeUnit.SECONDS), "it should have ended");
        } finally {
            process.destroyForcibly();
        }
        return new Ended(
                process.exitValue(), Files.readString(dir.resolve("out")), Files.readString(dir.resolve("err")));
    }

    private Ended run(List<String> settings, String... arguments) throws Exception {
        return await(launch(settings, arguments), 60);
    }

    /** Finished audio; what a killed process had in the making lies apart until it is swept. */
    private long files() throws IOException {
        Path audio = dir.resolve("audio");
        try (Stream<Path> files = Files.walk(audio)) {
            return files.filter(file ->
                            AudioName.isName(audio.relativize(file).toString().replace('\\', '/')))
                    .count();
        }
    }

    @Test
    void the_demo_makes_a_deck_and_ends() throws Exception {
        List<String> fast = List.of("TTS_REQUESTS_PER_MINUTE", "6000", "LOG_FORMAT", "json");
        Ended first = run(fast, "--demo", "--exit-when-done");

        assertEquals(0, first.status(), first.err());
        assertTrue(first.out().contains("40 of 40 cards have their audio"), first.out());
        assertTrue(first.out().contains("/#token=ey"), first.out());
        assertTrue(first.out().contains(dir.resolve("audio").toString()), first.out());
        assertEquals(80, voice.ledger().calls());
        assertEquals(80, files());

        // Once more, and nothing is bought again.
        Ended second = run(fast, "--demo", "--exit-when-done");
        assertEquals(0, second.status(), second.err());
        assertEquals(80, voice.ledger().calls());
        for (String line : (first.err() + second.err()).lines().toList()) {
            assertTrue(new ObjectMapper().readTree(line).isObject(), line);
            assertFalse(line.contains("Bonjour") || line.contains("eyJ"), line);
        }
    }

    @Test
    void a_demo_that_was_killed_goes_on_with_the_same_job() throws Exception {
        List<String> slow = List.of("TTS_REQUESTS_PER_MINUTE", "1200");
        Process killed = launch(slow, "--demo", "--exit-when-done");
        RunningServer.eventually(() -> voice.ledger().calls() >= 20);
        killed.destroyForcibly();
        killed.waitFor(10, TimeUnit.SECONDS);
        long before = voice.ledger().calls();
        assertTrue(before < 80, "it was not killed in the middle");

        Ended again = await(launch(slow, "--demo", "--exit-when-done"), 120);

        assertEquals(0, again.status(), again.out() + again.err());
        assertEquals(80, files());
        // What was in flight when it died may have been paid for in vain: a few calls at most.
        assertTrue(voice.ledger().calls() <= 80 + 8, voice.ledger().calls() + " calls");
        try (Workshop workshop = Workshop.open(Settings.from(settings()))) {
            assertEquals(1, workshop.jobs().list(JobQuery.ofOwner("demo", 10)).size());
        }
    }

    @Test
    void a_demo_that_lacks_audio_says_so() throws Exception {
        voice.faults(VoiceFaults.always(FaultKind.REFUSED).withOnly("Goodbye"));

        Ended ended = run(List.of("TTS_REQUESTS_PER_MINUTE", "6000"), "--demo", "--exit-when-done");

        assertEquals(1, ended.status());
        assertTrue(ended.out().contains("39 of 40 cards have their audio"), ended.out());
        assertTrue(ended.out().contains("content_policy_violation"), ended.out());
    }

    @Test
    void a_setting_that_cannot_be_used_ends_the_start_with_one_line() throws Exception {
        Path file = Files.writeString(dir.resolve("file"), "not a folder");
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            assertOneLine("PORT", run(List.of("PORT", Integer.toString(taken.getLocalPort()))));
        }
        assertOneLine("PORT", run(List.of("PORT", "eighty")));
        assertOneLine("JWT_SECRET", run(List.of("JWT_SECRET", "too short a secret")));
        assertOneLine("STORAGE_TYPE", run(List.of("STORAGE_TYPE", "tape")));
        assertOneLine(
                "LOCAL_STORAGE_PATH",
                run(List.of("LOCAL_STORAGE_PATH", file.resolve("x").toString())));
        assertOneLine("TTS_DATA_DIR", run(List.of("TTS_DATA_DIR", file.toString())));
        assertOneLine("DATABASE_URL", run(List.of("DATABASE_URL", "mongodb://u:canary@x/y")));
        assertOneLine("DATABASE_URL", run(List.of("DATABASE_URL", "jdbc:oracle:thin:u/canary@x")));
        assertOneLine("DATABASE_URL", run(List.of("DATABASE_URL", "postgresql://u:canary@127.0.0.1:1/y")));
    }

    private static void assertOneLine(String name, Ended ended) {
        assertEquals(2, ended.status(), ended.err());
        assertEquals(1, ended.err().lines().count(), ended.err());
        assertTrue(ended.err().startsWith(name + ":"), ended.err());
        assertFalse(ended.err().contains("canary") || ended.err().contains("too short a secret"), ended.err());
        assertEquals("", ended.out());
    }

    @Test
    void a_server_that_is_told_to_stop_stops() throws Exception {
        Process process = launch(List.of());
        awaitLogged("listening on");
        process.destroy();
        assertEquals(143, await(process, 20).status());
    }

    private void awaitLogged(String words) {
        RunningServer.eventually(() -> {
            try {
                return Files.readString(dir.resolve("err")).contains(words);
            } catch (IOException e) {
                return false;
            }
        });
    }

    @Test
    void a_worker_of_its_own_does_the_servers_work_and_lets_calls_end() throws Exception {
        try (RunningServer running = RunningServer.in(dir, "WORKER_ENABLED", "false")) {
            User ann = running.register("ann@example.org");
            JsonNode deck = ann.deck("Cat", "Chat", "Dog", "Chien");
            String job = ann.generate(deck);
            List<String> more = List.of(
                    "TTS_REQUESTS_PER_MINUTE", "6000",
                    "POLL_INTERVAL_MS", "100",
                    "OPENAI_BASE_URL", running.voice.baseUrl());
            assertEquals("pending", ann.job(job).get("status").textValue());

            Process worker = launch(WorkerMain.class, more);
            ann.await(job, "completed");
            String deckPath = "/api/my-decks/" + deck.get("id").textValue();
            assertTrue(ann.get(deckPath).json().at("/deck/cards/1/audioUrlFr").isTextual());

            // A call that is under way when the worker is told to stop is paid for, so it is let end.
            running.voice.faults(VoiceFaults.always(FaultKind.SLOW_BODY).withPause(Duration.ofSeconds(2)));
            JsonNode slow = ann.deck("Horse", "Cheval");
            long before = running.voice.ledger().calls();
            String second = ann.generate(slow);
            RunningServer.eventually(() -> running.voice.ledger().calls() == before + 2);
            worker.destroy();
            assertEquals(143, await(worker, 30).status());
            assertEquals("completed", ann.job(second).get("status").textValue());
            assertEquals(before + 2, running.voice.ledger().calls());
        }
    }

    @Test
    void a_webhook_outlives_its_receiver_and_its_sender() throws Exception {
        List<String> more = List.of(
                "TTS_REQUESTS_PER_MINUTE", "6000",
                "WEBHOOK_SECRET", "whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0",
                "WEBHOOK_ALLOW_PRIVATE", "true");
        try (WebhookReceiver receiver = new WebhookReceiver();
                Workshop workshop = Workshop.open(Settings.from(settings()))) {
            receiver.answer(503);
            Process first = launch(WorkerMain.class, more);
            awaitLogged("working");
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

            Process second = launch(WorkerMain.class, more);
            try {
                RunningServer.eventually(() -> workshop.queue().events().deliveries(job).stream()
                        .allMatch(delivery -> delivery.state() == EventQueue.DeliveryState.DELIVERED));
            } finally {
                second.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
            }
            List<WebhookReceiver.Received> received = receiver.received();
            assertEquals(2, received.size());
            received.forEach(told -> assertEquals(failed.event().id(), told.id()));
            assertTrue(received.get(1).isSignedWith(more.get(3)));
        }
    }

    @Test
    void a_worker_with_a_bad_setting_does_not_start() throws Exception {
        assertOneLine("TTS_BURST", await(launch(WorkerMain.class, List.of("TTS_BURST", "0")), 30));
    }

    @Test
    void the_ending_of_the_demo_goes_with_the_demo() throws Exception {
        Ended ended = run(List.of(), "--exit-when-done");
        assertEquals(2, ended.status());
        assertTrue(ended.err().startsWith("--exit-when-done goes with --demo"), ended.err());
        assertTrue(run(List.of(), "--help").out().contains("--demo"));
    }
}
