package dev.ttsjobs.openai;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ttsjobs.contract.RealTime;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The npm package {@code @copilotkit/aimock} as a process on loopback; it answers every speech call with one file. */
final class Aimock implements AutoCloseable {

    static final String KEY = "sk-test";

    private static final String PACKAGE = "@copilotkit/aimock@1.43.0";
    private static final Path PROGRAM = Path.of("node_modules/@copilotkit/aimock/dist/cli.js");

    private final HttpClient http = HttpClient.newHttpClient();
    private final Process process;
    private final String address;

    private Aimock(Process process, int port) {
        this.process = process;
        this.address = "http://127.0.0.1:" + port;
    }

    /** Starts it, or skips the test where it cannot be had. */
    static Aimock start(Path dir, String... options) throws Exception {
        Path program = installed();
        Files.writeString(
                dir.resolve("speech.json"),
                "{\"fixtures\":[{\"match\":{\"endpoint\":\"speech\"},\"response\":{\"audio\":\""
                        + Base64.getEncoder().encodeToString(audio()) + "\",\"format\":\"mp3\"}}]}");
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        List<String> command = new ArrayList<>(List.of("node", program.toString(), "-p", Integer.toString(port)));
        command.addAll(List.of("-f", dir.toString(), "--metrics", "--log-level", "silent", "--journal-max", "10"));
        for (String option : options) {
            command.addAll(List.of(option.split("=")));
        }
        Path log = dir.resolve("aimock.log");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().put("AIMOCK_API_KEYS", KEY);
        Aimock aimock = new Aimock(builder.start(), port);
        try {
            RealTime.await(Duration.ofSeconds(30), () -> aimock.isWell() || !aimock.process.isAlive());
            assertTrue(aimock.process.isAlive());
            return aimock;
        } catch (AssertionError e) {
            aimock.close();
            throw new AssertionError("aimock did not start: " + Files.readString(log), e);
        }
    }

    private boolean isWell() {
        try {
            return !get("/health").isEmpty();
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** What it answers. */
    static byte[] audio() throws IOException {
        return Files.readAllBytes(Path.of("src/test/resources/audio/lame-24000-info.mp3"));
    }

    /** For the library's client. */
    String baseUrl() {
        return address + "/v1";
    }

    /** The sum of one of its counters, over all lines with that label. */
    long count(String counter, String label) throws Exception {
        return get("/metrics")
                .lines()
                .filter(line -> line.startsWith(counter + "{") && line.contains(label))
                .mapToLong(line -> Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }

    private String get(String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(address + path)).build();
        return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }

    /** The program, brought once between two runs of {@code clean}. */
    private static Path installed() throws Exception {
        Path folder = Files.createDirectories(Path.of("target", "aimock").toAbsolutePath());
        if (Files.notExists(folder.resolve(PROGRAM))) {
            assumeTrue(install(folder), "npm is not there, or cannot bring " + PACKAGE);
        }
        return folder.resolve(PROGRAM);
    }

    private static boolean install(Path folder) throws InterruptedException {
        List<String> command = List.of(
                "npm",
                "install",
                "--prefix=" + folder,
                "--prefer-offline",
                "--fetch-retries=0",
                // Refuses a Node that is too old for it, instead of failing at the start.
                "--engine-strict",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                PACKAGE);
        try {
            Process npm = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("npm.log").toFile())
                    .start();
            boolean there = npm.waitFor(1, TimeUnit.MINUTES) && npm.exitValue() == 0;
            npm.destroyForcibly();
            return there;
        } catch (IOException e) {
            return false;
        }
    }
}
