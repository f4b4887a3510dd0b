package dev.ttsjobs.examples.voice;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Writes one answer, well or badly. The last bytes leave when the handler has returned, and an answer that was not completed
 * has its connection closed.
 */
final class HttpReply {

    private static final Map<Integer, String> REASONS = Map.ofEntries(
            Map.entry(200, "OK"),
            Map.entry(204, "No Content"),
            Map.entry(400, "Bad Request"),
            Map.entry(401, "Unauthorized"),
            Map.entry(403, "Forbidden"),
            Map.entry(404, "Not Found"),
            Map.entry(405, "Method Not Allowed"),
            Map.entry(413, "Content Too Large"),
            Map.entry(429, "Too Many Requests"),
            Map.entry(500, "Internal Server Error"),
            Map.entry(503, "Service Unavailable"));

    private final OutputStream out;
    private boolean complete;

    HttpReply(OutputStream out) {
        this.out = out;
    }

    /** Sends what has gathered so far, before a pause. */
    void flush() throws IOException {
        out.flush();
    }

    /** Whether the client knows where the answer ended, so that the connection can go on. */
    boolean complete() {
        return complete;
    }

    /** A whole answer with its length. */
    void whole(int status, Map<String, String> headers, byte[] body) throws IOException {
        out.write(head(status, headers, "Content-Length: " + body.length));
        out.write(body);
        complete = true;
    }

    /** Begins an answer in chunks, of which OpenAI's sound comes. */
    void startChunked(int status, Map<String, String> headers) throws IOException {
        out.write(head(status, headers, "Transfer-Encoding: chunked"));
    }

    /** Begins an answer of a length that may be a lie. */
    void startSized(int status, Map<String, String> headers, int length) throws IOException {
        out.write(head(status, headers, "Content-Length: " + length));
    }

    /** Begins an answer that ends where the connection does. */
    void startUnsized(int status, Map<String, String> headers) throws IOException {
        out.write(head(status, headers, "Connection: close"));
    }

    /** Sends a part of an answer in chunks; a part of nothing would end it and is left out. */
    void chunk(byte[] bytes, int from, int length) throws IOException {
        if (length == 0) {
            return;
        }
        out.write((Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.write(bytes, from, length);
        out.write('\r');
        out.write('\n');
    }

    void endChunks() throws IOException {
        out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        complete = true;
    }

    /** Sends bytes as they are. */
    void raw(byte[] bytes, int from, int length) throws IOException {
        out.write(bytes, from, length);
    }

    private static byte[] head(int status, Map<String, String> headers, String framing) {
        StringBuilder head = new StringBuilder("HTTP/1.1 ")
                .append(status)
                .append(' ')
                .append(REASONS.getOrDefault(status, "Status"))
                .append("\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        return head.append(framing).append("\r\n\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }
}
