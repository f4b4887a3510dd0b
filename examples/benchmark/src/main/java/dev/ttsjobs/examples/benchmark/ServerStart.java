package dev.ttsjobs.examples.benchmark;

import dev.ttsjobs.time.Sleeper;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** From the command line to an answer that the server is ready, with nothing configured and an empty directory. */
@Command(name = "server-start", description = "Seconds from the start of the server's jar to ready.")
final class ServerStart extends Measure {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Option(
            names = "--jar",
            defaultValue = "examples/server/target/tts-server.jar",
            description = "Default: ${DEFAULT-VALUE}")
    private Path jar = Path.of("");

    @Option(names = "--runs", defaultValue = "5", description = "Default: ${DEFAULT-VALUE}")
    private int runs;

    @Override
    public Integer call() throws Exception {
        if (!Files.exists(jar)) {
            complain(jar + " is not there: build examples/server first, or name it by --jar");
            return 1;
        }
        return super.call();
    }

    @Override
    void measure(PrintWriter out) throws Exception {
        List<Double> seconds = new ArrayList<>();
        for (int i = 0; i < runs; i++) {
            seconds.add(once());
        }
        out.println(new Figures("start to ready, s", seconds).line());
    }

    private double once() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("tts-server-start");
        int port = freePort();
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-jar",
                        jar.toAbsolutePath().toString())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("server.log").toFile());
        builder.environment().put("PORT", String.valueOf(port));
        long start = System.nanoTime();
        Process server = builder.start();
        try {
            awaitReady(server, URI.create("http://127.0.0.1:" + port + "/healthz/ready"));
            return (System.nanoTime() - start) / 1e9;
        } finally {
            server.destroy();
            server.onExit().completeOnTimeout(server, 30, TimeUnit.SECONDS).join();
            server.destroyForcibly().onExit().join();
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }

    private static void awaitReady(Process server, URI health) throws InterruptedException {
        HttpClient client = HttpClient.newHttpClient();
        HttpRequest request = HttpRequest.newBuilder(health).build();
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < end) {
            if (!server.isAlive()) {
                throw new IllegalStateException("the server ended with " + server.exitValue());
            }
            try {
                if (client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
                    return;
                }
            } catch (IOException e) {
                // Not listening yet.
            }
            Sleeper.system().sleep(Duration.ofMillis(10));
        }
        throw new IllegalStateException("not ready after " + PATIENCE);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
