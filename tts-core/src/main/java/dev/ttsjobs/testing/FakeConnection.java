package dev.ttsjobs.testing;

import dev.ttsjobs.speech.AudioFormat;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One connection of a {@link FakeProvider}: requests in, answers out, byte by byte where they are to be wrong. */
final class FakeConnection {

    /** How an answer ends. */
    enum Ending {
        /** As it should, its length told by chunks. */
        WHOLE,
        /** As it should, its length told by a header. */
        MEASURED,
        /** The connection breaks, and the framing shows it. */
        CUT,
        /** The connection is closed before as many bytes came as a header says. */
        CUT_SHORT,
        /** The connection is closed, and nothing shows that more should have come. */
        CUT_SILENTLY,
        /** Nothing more comes, and the connection stays open. */
        STALLED,
        /** The same bytes come again and again. */
        ENDLESS
    }

    private static final Duration FOR_EVER = Duration.ofDays(1);
    private static final int CHUNK = 16 * 1024;
    private static final int LONGEST_HEAD = 64 * 1024;

    private final Function<FakeRequest, FakeProvider.Answer> provider;
    private final FakePort port;
    private final InputStream in;
    private final OutputStream out;

    FakeConnection(
            Function<FakeRequest, FakeProvider.Answer> provider, FakePort port, InputStream in, OutputStream out) {
        this.provider = provider;
        this.port = port;
        this.in = new BufferedInputStream(in);
        this.out = out;
    }

    /** Answers requests until one ends the connection. */
    void serve() throws IOException, InterruptedException {
        boolean goesOn = true;
        while (goesOn) {
            FakeRequest request = read();
            if (request == null) {
                return;
            }
            FakeProvider.Answer answer = provider.apply(request);
            if (!answer.delay().isZero() && port.closedWithin(answer.delay())) {
                return;
            }
            goesOn = write(request, answer);
        }
    }

    private @Nullable FakeRequest read() throws IOException {
        String line = line();
        if (line.isEmpty()) {
            return null;
        }
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String header = line(); !header.isEmpty(); header = line()) {
            int colon = header.indexOf(':');
            headers.put(
                    header.substring(0, Math.max(0, colon)),
                    header.substring(colon + 1).strip());
        }
        byte[] body = "chunked".equalsIgnoreCase(headers.get("Transfer-Encoding"))
                ? chunks()
                : in.readNBytes(Integer.parseInt(headers.getOrDefault("Content-Length", "0")));
        return FakeRequest.of(line, headers.get("Authorization"), new String(body, StandardCharsets.UTF_8));
    }

    private byte[] chunks() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int length = chunkLength(); length > 0; length = chunkLength()) {
            body.write(in.readNBytes(length));
            line();
        }
        line();
        return body.toByteArray();
    }

    private int chunkLength() throws IOException {
        String length = line().replaceFirst(";.*", "").strip();
        return length.isEmpty() ? 0 : Integer.parseInt(length, 16);
    }

    /** A line without its end; empty at the end of the stream too. */
    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
            line.append((char) b);
            if (line.length() > LONGEST_HEAD) {
                throw new IOException("a header without an end");
            }
        }
        return line.toString().stripTrailing();
    }

    /** Writes an answer; false when the connection is over with it. */
    private boolean write(FakeRequest request, FakeProvider.Answer answer) throws IOException, InterruptedException {
        boolean events = answer.isAudio() && request.wantsEvents();
        byte[] whole = answer.body(request);
        byte[] body = Arrays.copyOf(whole, answer.sent(whole.length));
        String type = events ? "text/event-stream" : mediaType(request, answer);
        switch (answer.ending()) {
            case WHOLE -> {
                head(answer, type, "Transfer-Encoding: chunked\r\n");
                send(body, events);
                if (events) {
                    chunk(done(request, body.length));
                }
                chunk(new byte[0]);
                return true;
            }
            case MEASURED -> {
                head(answer, type, "Content-Length: " + body.length + "\r\n");
                out.write(body);
                out.flush();
                return true;
            }
            case CUT, STALLED -> {
                head(answer, type, "Transfer-Encoding: chunked\r\n");
                send(body, events);
                if (answer.ending() == Ending.STALLED) {
                    port.closedWithin(FOR_EVER);
                }
            }
            case CUT_SHORT -> {
                head(answer, type, "Content-Length: " + (events ? delta(whole) : whole).length + "\r\n");
                out.write(events ? delta(body) : body);
                out.flush();
            }
            case CUT_SILENTLY -> {
                head(answer, type, "Connection: close\r\n");
                out.write(events ? delta(body) : body);
                out.flush();
            }
            case ENDLESS -> {
                head(answer, type, "Transfer-Encoding: chunked\r\n");
                while (!port.closedWithin(Duration.ZERO)) {
                    send(body, events);
                }
            }
        }
        return false;
    }

    private void head(FakeProvider.Answer answer, String type, String framing) throws IOException {
        StringBuilder head = new StringBuilder("HTTP/1.1 " + answer.status() + " Fake\r\n" + framing);
        if (!type.isEmpty()) {
            head.append("Content-Type: ").append(type).append("\r\n");
        }
        answer.headers().forEach((name, value) -> {
            if (!name.toLowerCase(Locale.ROOT).equals("content-type")) {
                head.append(name).append(": ").append(value).append("\r\n");
            }
        });
        out.write(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    private static String mediaType(FakeRequest request, FakeProvider.Answer answer) {
        String given = answer.headers().get("Content-Type");
        if (given != null) {
            return given;
        }
        AudioFormat format = request.format();
        return format.mediaType();
    }

    private void send(byte[] audio, boolean events) throws IOException {
        for (int from = 0; from < audio.length; from += CHUNK) {
            byte[] piece = Arrays.copyOfRange(audio, from, Math.min(audio.length, from + CHUNK));
            chunk(events ? delta(piece) : piece);
        }
    }

    private void chunk(byte[] bytes) throws IOException {
        out.write((Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
        out.write(bytes);
        out.write("\r\n".getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    private static byte[] delta(byte[] audio) {
        return event("{\"type\":\"speech.audio.delta\",\"audio\":\""
                + Base64.getEncoder().encodeToString(audio) + "\"}");
    }

    /** The last event, with a usage about as the provider counts: four letters a token, 20.8 tokens a second. */
    private static byte[] done(FakeRequest request, int bytes) {
        int input = request.text().length() / 4 + 1;
        long output = Math.round(20.8 * bytes / 8_000) + 1;
        return event("{\"type\":\"speech.audio.done\",\"usage\":{\"input_tokens\":" + input + ",\"output_tokens\":"
                + output + ",\"total_tokens\":" + (input + output) + "}}");
    }

    private static byte[] event(String json) {
        return ("data: " + json + "\n\n").getBytes(StandardCharsets.UTF_8);
    }
}
