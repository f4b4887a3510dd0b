package dev.ttsjobs.examples.voice;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A small HTTP/1.1 server on 127.0.0.1 that can also break the rules: the JDK's own can end no answer by closing the
 * connection, which is the cut that clients notice least. Each connection has a daemon thread.
 */
final class LoopbackHttp implements AutoCloseable {

    /** Answers one request, or throws to have the connection closed. */
    interface Handler {
        void answer(Request request, HttpReply reply) throws IOException, InterruptedException;
    }

    /** @param headers by name, whatever its case */
    record Request(String method, String path, Map<String, String> headers, byte[] body) {}

    private static final Logger log = LoggerFactory.getLogger(LoopbackHttp.class);
    private static final int MOST_CONNECTIONS = 2_000;
    private static final int MOST_HEADER_BYTES = 32 * 1024;
    private static final int MOST_BODY_BYTES = 1024 * 1024;
    private static final int OUT_BUFFER = 32 * 1024;
    private static final int LINGER_MILLIS = 1_000;
    private static final int IDLE_MILLIS = 120_000;

    private final ServerSocket door;
    private final Handler handler;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads;
    private final CountDownLatch doorShut = new CountDownLatch(1);

    LoopbackHttp(int port, Handler handler) throws IOException {
        this.handler = handler;
        this.door = new ServerSocket();
        try {
            door.setReuseAddress(true);
            door.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port), 1024);
        } catch (IOException e) {
            door.close();
            throw e;
        }
        AtomicInteger count = new AtomicInteger();
        this.threads = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "offline-voice-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        threads.execute(this::accept);
    }

    int port() {
        return door.getLocalPort();
    }

    /** Closes every connection, in the middle of an answer too. */
    @Override
    public void close() {
        closeQuietly(door);
        try {
            // The port is free only when the thread that waited at the door has left it.
            if (!doorShut.await(5, TimeUnit.SECONDS)) {
                log.warn("The port may still be taken for a while");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        open.forEach(LoopbackHttp::closeQuietly);
        threads.shutdownNow();
    }

    private void accept() {
        while (!door.isClosed()) {
            try {
                Socket socket = door.accept();
                open.add(socket);
                if (door.isClosed() || open.size() > MOST_CONNECTIONS) {
                    forget(socket);
                } else {
                    threads.execute(() -> serve(socket));
                }
            } catch (IOException e) {
                if (!door.isClosed()) {
                    log.warn("Could not accept a connection: {}", e.toString());
                }
            }
        }
        doorShut.countDown();
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(IDLE_MILLIS);
            InputStream in = new BufferedInputStream(socket.getInputStream(), 8192);
            OutputStream out = new BufferedOutputStream(socket.getOutputStream(), OUT_BUFFER);
            boolean more = true;
            while (more) {
                more = exchange(in, out);
                out.flush();
            }
            linger(socket, in);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            // The other side went, or sent what is not HTTP; the connection is closed and that is all.
            log.debug("Connection ended: {}", e.toString());
        } catch (RuntimeException e) {
            log.error("A request could not be answered", e);
        } finally {
            open.remove(socket);
        }
    }

    /** Reads what the client still sends, for a moment: closing before that would reset the answer away. */
    private static void linger(Socket socket, InputStream in) throws IOException {
        socket.shutdownOutput();
        socket.setSoTimeout(LINGER_MILLIS);
        byte[] ignored = new byte[8192];
        int left = 8 * MOST_BODY_BYTES;
        while (left > 0) {
            int read = in.read(ignored);
            if (read < 0) {
                return;
            }
            left -= read;
        }
    }

    /** Reads one request and answers it; true when the connection can take another. */
    private boolean exchange(InputStream in, OutputStream out) throws IOException, InterruptedException {
        String start = line(in, MOST_HEADER_BYTES);
        if (start == null) {
            return false;
        }
        String[] words = start.split(" ");
        if (words.length != 3 || !words[2].startsWith("HTTP/1.")) {
            throw new IOException("Not an HTTP/1 request");
        }
        Map<String, String> headers = headers(in);
        if ("100-continue".equalsIgnoreCase(headers.get("Expect"))) {
            out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            out.flush();
        }
        HttpReply reply = new HttpReply(out);
        byte[] body = body(in, headers);
        if (body == null) {
            SpeechRefusal large = new SpeechRefusal(413, "invalid_request_error", null, null, "The body is too large.");
            reply.whole(large.status(), Map.of("Content-Type", "application/json"), large.body());
            return false;
        }
        handler.answer(new Request(words[0], words[1].split("\\?", 2)[0], headers, body), reply);
        return reply.complete() && words[2].equals("HTTP/1.1") && !"close".equalsIgnoreCase(headers.get("Connection"));
    }

    private static Map<String, String> headers(InputStream in) throws IOException {
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        int left = MOST_HEADER_BYTES;
        while (true) {
            String line = line(in, left);
            if (line == null) {
                throw new IOException("The request ended within its headers");
            }
            if (line.isEmpty()) {
                return headers;
            }
            left -= line.length();
            int colon = line.indexOf(':');
            if (colon <= 0) {
                throw new IOException("A header without a name");
            }
            headers.put(line.substring(0, colon), line.substring(colon + 1).strip());
        }
    }

    private static byte @Nullable [] body(InputStream in, Map<String, String> headers) throws IOException {
        if ("chunked".equalsIgnoreCase(headers.get("Transfer-Encoding"))) {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            while (true) {
                int size = number(line(in, 100), 16);
                if (body.size() + (long) size > MOST_BODY_BYTES) {
                    return null;
                }
                body.write(exactly(in, size));
                line(in, 100);
                if (size == 0) {
                    return body.toByteArray();
                }
            }
        }
        int length = number(headers.getOrDefault("Content-Length", "0"), 10);
        return length > MOST_BODY_BYTES ? null : exactly(in, length);
    }

    private static int number(@Nullable String text, int radix) throws IOException {
        try {
            int number = Integer.parseInt(text == null ? "" : text.split(";", 2)[0].strip(), radix);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Falls through to the same complaint as a negative number.
        }
        throw new IOException("Not a length");
    }

    private static byte[] exactly(InputStream in, int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new IOException("The request ended within its body");
        }
        return bytes;
    }

    /** A line without its end; null when the stream is at its end. */
    private static @Nullable String line(InputStream in, int most) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(80);
        while (true) {
            int next = in.read();
            if (next < 0) {
                return null;
            }
            if (next == '\n') {
                return line.toString(StandardCharsets.ISO_8859_1).strip();
            }
            if (line.size() >= most) {
                throw new IOException("A line is too long");
            }
            line.write(next);
        }
    }

    private void forget(Socket socket) {
        open.remove(socket);
        closeQuietly(socket);
    }

    private static void closeQuietly(Closeable thing) {
        try {
            thing.close();
        } catch (IOException e) {
            log.debug("Closing failed: {}", e.toString());
        }
    }
}
