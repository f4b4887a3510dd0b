package dev.ttsjobs.examples.worker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Where the standalone worker tells how it is: {@code /healthz/live}, {@code /healthz/ready} and {@code /metrics}, the same
 * as the server's. Whoever reaches it may ask. Thread-safe.
 */
final class HealthPort implements AutoCloseable {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    /** Unless another is set. */
    static final int USUAL = 8081;

    /** More than this many calls at once are turned away. */
    private static final int THREADS = 64;

    private final HttpServer server;
    private final ExecutorService threads;
    private final Health health;
    private final Metrics metrics;

    private HealthPort(HttpServer server, Health health, Metrics metrics) {
        this.server = server;
        this.health = health;
        this.metrics = metrics;
        // None waits for another: who sends half a request holds up nobody.
        threads = new ThreadPoolExecutor(0, THREADS, 30, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
            Thread thread = new Thread(task, "tts-health");
            thread.setDaemon(true);
            return thread;
        });
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    /** What is told. */
    private record Answer(int status, String type, String body) {

        static Answer json(int status, Map<String, ?> body) {
            try {
                return new Answer(status, "application/json", MAPPER.writeValueAsString(body));
            } catch (JsonProcessingException e) {
                throw new IllegalStateException("what the worker says can be written as JSON", e);
            }
        }
    }

    /** @throws SettingsException when the port is in use, or the host is none of this machine's */
    static HealthPort open(Settings settings, Health health, Metrics metrics) {
        String host = settings.web().host();
        Integer set = settings.work().healthPort();
        // In seconds: who never comes to the end of a request, or of reading the answer, does not keep a thread.
        System.setProperty("sun.net.httpserver.maxReqTime", "10");
        System.setProperty("sun.net.httpserver.maxRspTime", "30");
        try {
            HttpServer server =
                    set == null ? usualOrFree(host) : HttpServer.create(new InetSocketAddress(host, set), 0);
            return new HealthPort(server, health, metrics);
        } catch (IOException | RuntimeException e) {
            throw new SettingsException("WORKER_PORT: " + (set == null ? "no port" : set) + " on " + host
                    + " is in use or not to be had; each worker on a machine needs its own, and 0 takes any free one");
        }
    }

    /** A second worker on a machine starts as the first one did. */
    private static HttpServer usualOrFree(String host) throws IOException {
        try {
            return HttpServer.create(new InetSocketAddress(host, USUAL), 0);
        } catch (BindException e) {
            return HttpServer.create(new InetSocketAddress(host, 0), 0);
        }
    }

    int port() {
        return server.getAddress().getPort();
    }

    private void handle(HttpExchange call) throws IOException {
        try (call) {
            if (!Set.of("GET", "HEAD").contains(call.getRequestMethod())) {
                call.getResponseHeaders().set("Allow", "GET, HEAD");
                call.sendResponseHeaders(405, -1);
                return;
            }
            Answer answer = answer(call.getRequestURI().getPath());
            byte[] body = answer.body.getBytes(StandardCharsets.UTF_8);
            call.getResponseHeaders().set("Content-Type", answer.type);
            call.getResponseHeaders().set("Cache-Control", "no-store");
            boolean head = call.getRequestMethod().equals("HEAD");
            call.sendResponseHeaders(answer.status, head ? -1 : body.length);
            if (!head) {
                call.getResponseBody().write(body);
            }
        }
    }

    private Answer answer(String path) {
        return switch (path) {
            case "/healthz/live" -> Answer.json(200, Map.of("status", "ok"));
            case "/healthz/ready" -> {
                Health.Report report = health.look();
                yield Answer.json(report.isReady() ? 200 : 503, report.json());
            }
            case "/metrics" -> new Answer(200, Metrics.CONTENT_TYPE, metrics.text());
            default -> Answer.json(404, Map.of("status", "there is /healthz/live, /healthz/ready and /metrics"));
        };
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdown();
    }
}
