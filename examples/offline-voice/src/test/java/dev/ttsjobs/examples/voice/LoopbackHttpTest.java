package dev.ttsjobs.examples.voice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.examples.voice.VoiceServerOptions.Engine;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The server on the wire. */
class LoopbackHttpTest {

    private OfflineVoiceServer server;
    private int port;

    @BeforeEach
    void start() throws Exception {
        server = OfflineVoiceServer.start(
                VoiceServerOptions.builder().engine(Engine.TONE).build());
        port = URI.create(server.baseUrl()).getPort();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void oneConnectionTakesManyRequestsAndClosesWhenAsked() throws IOException {
        String one = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
        String last = "GET /health?x=1 HTTP/1.1\r\nhost: localhost\r\nconnection: CLOSE\r\n\r\n";
        assertEquals(3, count(raw(one + one + last + one), "HTTP/1.1 200 OK"));
    }

    @Test
    void anHttp10ClientIsAnsweredAndClosed() throws IOException {
        assertEquals(1, count(raw("GET /health HTTP/1.0\r\n\r\n"), "HTTP/1.1 200 OK"));
    }

    @Test
    void aBodyMayComeInChunksAndMayWaitForPermission() throws IOException {
        String body = Caller.speech("Hello").toString();
        String half = body.substring(0, 10);
        String rest = body.substring(10);
        String answer = raw("POST /v1/audio/speech HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
                + "Expect: 100-continue\r\nConnection: close\r\n\r\n"
                + Integer.toHexString(half.length()) + "\r\n" + half + "\r\n"
                + Integer.toHexString(rest.length()) + ";x=y\r\n" + rest + "\r\n0\r\n\r\n");
        assertTrue(answer.startsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"), answer);
        assertTrue(answer.endsWith("0\r\n\r\n"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rubbish\r\n\r\n",
                "GET /health\r\n\r\n",
                "GET /health SPDY/3\r\n\r\n",
                "GET /health HTTP/1.1\r\nno colon\r\n\r\n",
                "POST /v1/audio/speech HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                "POST /v1/audio/speech HTTP/1.1\r\nContent-Length: x\r\n\r\n",
                "POST /v1/audio/speech HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            })
    void whatIsNotHttpIsHungUpOnAndTheServerGoesOn(String request) throws IOException {
        assertEquals("", raw(request));
        assertEquals("", raw("GET / HTTP/1.1\r\nX: " + "x".repeat(40_000)));
        assertEquals(1, count(raw("GET /health HTTP/1.0\r\n\r\n"), "200 OK"));
    }

    @Test
    void noOtherAddressOfThisMachineAnswers() throws IOException {
        List<InetAddress> others = NetworkInterface.networkInterfaces()
                .flatMap(network -> Collections.list(network.getInetAddresses()).stream())
                .filter(address -> !address.getHostAddress().equals("127.0.0.1"))
                .collect(Collectors.toList());
        for (InetAddress other : others) {
            assertThrows(IOException.class, () -> new Socket(other, port).close(), other.getHostAddress());
        }
    }

    @Test
    void closingCutsConnectionsAndFreesThePort() throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write("GET /health HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertEquals('H', socket.getInputStream().read());
            server.close();
            // What was on its way still comes, and then the end or a reset.
            assertTrue(endOf(socket));
        }
        VoiceServerOptions same =
                VoiceServerOptions.builder().port(port).engine(Engine.TONE).build();
        try (OfflineVoiceServer again = OfflineVoiceServer.start(same)) {
            assertEquals(server.baseUrl(), again.baseUrl());
            assertThrows(IOException.class, () -> OfflineVoiceServer.start(same).close());
        }
    }

    private static boolean endOf(Socket socket) throws IOException {
        try {
            return socket.getInputStream().readAllBytes().length > 0;
        } catch (java.net.SocketTimeoutException e) {
            return false;
        } catch (java.net.SocketException e) {
            return true;
        }
    }

    private static int count(String text, String part) {
        return text.split(java.util.regex.Pattern.quote(part), -1).length - 1;
    }

    private String raw(String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (java.net.SocketException e) {
            // Closed while there was more to read of the request: a reset, and no answer.
            return "";
        }
    }
}
