package dev.ttsjobs.storage.s3;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/** As much of an S3 server as the storage speaks to, which misbehaves as it is told, a request at a time. */
final class ScriptedServer implements AutoCloseable {

    static {
        // Else the end of a short answer waits for the client's word that its beginning has come: 40 ms each.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    /** One way to answer one request. */
    @FunctionalInterface
    interface Answer {
        void to(HttpExchange exchange, ScriptedServer server) throws IOException;
    }

    /** As a sound server would. */
    static final Answer SOUND = (exchange, server) -> server.serve(exchange);

    /** Stores what it got and cuts the connection. */
    static final Answer STORES_AND_HANGS_UP = (exchange, server) -> {
        server.store(exchange);
        exchange.close();
    };

    /** Stores what it got and says that it failed. */
    static final Answer STORES_AND_FAILS = (exchange, server) -> {
        server.store(exchange);
        error(exchange, 500, "InternalError");
    };

    static Answer refusing(int status, String code) {
        return (exchange, server) -> error(exchange, status, code);
    }

    record Stored(byte[] bytes, String sha256) {}

    /** Reads nothing and cuts the connection. */
    static final Answer HANGS_UP = (exchange, server) -> exchange.close();

    final Queue<Answer> toPuts = new ConcurrentLinkedQueue<>();
    final Queue<Answer> toGets = new ConcurrentLinkedQueue<>();
    final Map<String, Stored> objects = new ConcurrentHashMap<>();
    final List<Headers> puts = new CopyOnWriteArrayList<>();
    /** To what no answer is scripted for. */
    volatile Answer otherwise = SOUND;

    private final HttpServer server;

    ScriptedServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    private void answer(HttpExchange exchange) throws IOException {
        boolean put = exchange.getRequestMethod().equals("PUT");
        if (put) {
            puts.add(exchange.getRequestHeaders());
        }
        Answer answer = (put ? toPuts : toGets).poll();
        try (exchange) {
            (answer == null ? otherwise : answer).to(exchange, this);
        }
    }

    private void serve(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        if (exchange.getRequestMethod().equals("PUT")) {
            if (exchange.getRequestHeaders().containsKey("If-None-Match") && objects.containsKey(path)) {
                error(exchange, 412, "PreconditionFailed");
                return;
            }
            store(exchange);
            exchange.sendResponseHeaders(200, -1);
            return;
        }
        Stored stored = objects.get(path);
        if (stored == null) {
            error(exchange, 404, "NoSuchKey");
            return;
        }
        exchange.getResponseHeaders().set("x-amz-meta-sha256", stored.sha256);
        if (exchange.getRequestHeaders().containsKey("Range")) {
            exchange.getResponseHeaders().set("Content-Range", "bytes 0-0/" + stored.bytes.length);
            exchange.sendResponseHeaders(206, 1);
            exchange.getResponseBody().write(stored.bytes, 0, 1);
        } else {
            exchange.sendResponseHeaders(200, stored.bytes.length);
            exchange.getResponseBody().write(stored.bytes);
        }
    }

    private void store(HttpExchange exchange) throws IOException {
        byte[] bytes = exchange.getRequestBody().readAllBytes();
        String sha256 = exchange.getRequestHeaders().getFirst("x-amz-meta-sha256");
        objects.put(exchange.getRequestURI().getPath(), new Stored(bytes, sha256 == null ? "" : sha256));
    }

    private static void error(HttpExchange exchange, int status, String code) throws IOException {
        exchange.getRequestBody().readAllBytes();
        byte[] body = code.isEmpty()
                ? "<html>not from S3</html>".getBytes(StandardCharsets.UTF_8)
                : ("<?xml version=\"1.0\"?><Error><Code>" + code + "</Code><Message>no</Message></Error>")
                        .getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", code.isEmpty() ? "text/html" : "application/xml");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
