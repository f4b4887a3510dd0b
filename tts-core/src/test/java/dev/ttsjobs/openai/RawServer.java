package dev.ttsjobs.openai;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** A server on loopback that writes whatever bytes a test wants, for the answers that no decent server gives. */
final class RawServer implements AutoCloseable {

    /** Answers one request; the connection is closed when it returns, unless it is to be kept. */
    interface Script {
        void answer(Exchange exchange) throws Exception;
    }

    /** One request that was read to its end, and the way to answer it. */
    record Exchange(String request, OutputStream out, CountDownLatch serverClosed, int index, AtomicBoolean keepAlive) {

        Exchange write(String ascii) throws IOException {
            return write(ascii.getBytes(StandardCharsets.ISO_8859_1));
        }

        Exchange write(byte[] bytes) throws IOException {
            out.write(bytes);
            out.flush();
            return this;
        }

        Exchange chunk(byte[] bytes) throws IOException {
            return write(Integer.toHexString(bytes.length) + "\r\n")
                    .write(bytes)
                    .write("\r\n");
        }

        /** Reads another request from the connection. */
        void keep() {
            keepAlive.set(true);
        }

        /** Says nothing more, and does not close the connection. */
        void stall() throws InterruptedException {
            serverClosed.await();
        }
    }

    private static final char TLS_GREETING = 0x16;

    private final ServerSocket listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    private final CountDownLatch closed = new CountDownLatch(1);
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final AtomicInteger requests = new AtomicInteger();
    private final Script script;

    RawServer(Script script) throws IOException {
        this.script = script;
        inBackground(this::accept);
    }

    static byte[] audio(int bytes) {
        byte[] audio = new byte[bytes];
        audio[0] = (byte) 0xff;
        audio[1] = (byte) 0xf3;
        return audio;
    }

    String baseUrl() {
        return "http://127.0.0.1:" + listener.getLocalPort() + "/v1";
    }

    int requests() {
        return requests.get();
    }

    int connections() {
        return sockets.size();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                sockets.add(socket);
                inBackground(() -> serve(socket));
            } catch (IOException e) {
                return; // The listener was closed, which is how the test ends.
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            AtomicBoolean keepAlive = new AtomicBoolean(true);
            while (keepAlive.getAndSet(false)) {
                String request = read(socket.getInputStream());
                if (request.isEmpty()) {
                    return;
                }
                if (request.charAt(0) == TLS_GREETING) {
                    socket.getOutputStream()
                            .write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    return;
                }
                int index = requests.getAndIncrement();
                script.answer(new Exchange(request, socket.getOutputStream(), closed, index, keepAlive));
            }
        } catch (Exception e) {
            // The client went away, or the test ended: both are part of what is tested.
        }
    }

    private static String read(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            int b = in.read();
            if (b < 0) {
                return "";
            }
            head.write(b);
            if (head.size() == 1 && b == TLS_GREETING) {
                return String.valueOf(TLS_GREETING);
            }
        }
        String headers = head.toString(StandardCharsets.ISO_8859_1);
        int length = Integer.parseInt(headers.replaceAll("(?is).*content-length: *(\\d+).*", "$1"));
        return headers + new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }

    private static void inBackground(Runnable work) {
        Thread thread = new Thread(work, "raw-server");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        closed.countDown();
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
