package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.examples.voice.OfflineVoiceServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Programs as processes of their own, one after another, that keep everything below a folder and speak by the tests' voice.
 * Closing ends those that still run.
 */
final class Programs implements AutoCloseable {

    private final Path dir;
    private final OfflineVoiceServer voice;
    private final List<Process> launched = new ArrayList<>();

    Programs(Path dir, OfflineVoiceServer voice) {
        this.dir = dir;
        this.voice = voice;
    }

    /** A program that has ended. */
    record Ended(int status, String out, String err) {

        /** That it refused to start, in one line that names the setting and shows nothing of its value. */
        void assertRefused(String name) {
            assertEquals(2, status, err);
            assertEquals(1, err.lines().count(), err);
            assertTrue(err.startsWith(name + ":"), err);
            assertFalse(err.contains("canary") || err.contains("too short a secret"), err);
            assertEquals("", out);
        }
    }

    Map<String, String> settings() {
        return Map.of(
                "PORT", "0",
                "WORKER_PORT", "0",
                "OPENAI_BASE_URL", voice.baseUrl(),
                "TTS_DATA_DIR", dir.resolve("data").toString(),
                "LOCAL_STORAGE_PATH", dir.resolve("audio").toString());
    }

    /** Starts a program; settings are names and values in turn. */
    Process launch(Class<?> program, List<String> settings, String... arguments) throws IOException {
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
        Process process = builder.start();
        launched.add(process);
        return process;
    }

    Ended await(Process process, long seconds) throws Exception {
        try {
            assertTrue(process.waitFor(seconds, TimeUnit.SECONDS), "it should have ended");
        } finally {
            process.destroyForcibly();
        }
        return new Ended(process.exitValue(), Files.readString(dir.resolve("out")), log());
    }

    Ended run(List<String> settings, String... arguments) throws Exception {
        return await(launch(Main.class, settings, arguments), 60);
    }

    /** What the program that was started last has logged so far. */
    String log() {
        try {
            return Files.readString(dir.resolve("err"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void awaitLogged(String words) {
        RunningServer.eventually(() -> log().contains(words));
    }

    static int freePort() {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        for (Process process : launched) {
            process.destroyForcibly().onExit().join();
        }
    }
}
