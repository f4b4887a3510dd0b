package dev.ttsjobs.examples.deploy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** An answer by HTTP, asked for with exactly the bytes that the test names: no client mends the path first. */
record Answer(int status, List<String> headerLines, byte[] body) {

    static Answer to(int port, String method, String target, String... headers) throws IOException {
        return to(port, method, target, new byte[0], headers);
    }

    static Answer to(int port, String method, String target, byte[] body, String... headers) throws IOException {
        try (Socket socket = open(port)) {
            send(socket, method, target, body, headers);
            return parse(socket.getInputStream().readAllBytes());
        }
    }

    static Socket open(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(20_000);
        return socket;
    }

    static void send(Socket socket, String method, String target, byte[] body, String... headers) throws IOException {
        StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.1\r\nConnection: close\r\n");
        for (String header : headers) {
            head.append(header).append("\r\n");
        }
        if (!String.join("\n", headers).toLowerCase(Locale.ROOT).contains("host:")) {
            head.append("Host: tts.example\r\n");
        }
        if (body.length > 0) {
            head.append("Content-Length: ").append(body.length).append("\r\n");
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(head.append("\r\n").toString().getBytes(ISO_8859_1));
        bytes.writeBytes(body);
        socket.getOutputStream().write(bytes.toByteArray());
    }

    /** Reads on until a text was seen; the stream stays open. */
    static String readUntil(InputStream in, String text) throws IOException {
        StringBuilder read = new StringBuilder();
        while (read.indexOf(text) < 0) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("ended before " + text + ": " + read);
            }
            read.append((char) next);
        }
        return read.toString();
    }

    private static Answer parse(byte[] all) {
        String text = new String(all, ISO_8859_1);
        int end = text.indexOf("\r\n\r\n");
        if (end < 0) {
            throw new AssertionError("no answer: " + text);
        }
        List<String> lines = new ArrayList<>(List.of(text.substring(0, end).split("\r\n")));
        int status = Integer.parseInt(lines.remove(0).split(" ")[1]);
        return new Answer(status, lines, text.substring(end + 4).getBytes(ISO_8859_1));
    }

    /** All values of a header, in one text; empty when there is none. */
    String header(String name) {
        String start = name.toLowerCase(Locale.ROOT) + ":";
        return String.join(
                " | ",
                headerLines.stream()
                        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(start))
                        .map(line -> line.substring(start.length()).strip())
                        .toList());
    }

    String text() {
        return new String(body, ISO_8859_1);
    }
}
