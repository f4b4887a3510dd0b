package dev.ttsjobs.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Where a {@link FakeProvider} listens: a free port of the loopback address; each connection has a daemon thread of its own. */
final class FakePort implements AutoCloseable {

    private static final int BACKLOG = 200;

    private final Function<FakeRequest, FakeProvider.Answer> provider;
    private final ServerSocket listener;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

    FakePort(Function<FakeRequest, FakeProvider.Answer> provider) throws IOException {
        this.provider = provider;
        listener = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
    }

    FakePort start() {
        inBackground(this::accept);
        return this;
    }

    int number() {
        return listener.getLocalPort();
    }

    /** Whether it was closed before the time had passed. */
    boolean closedWithin(Duration time) throws InterruptedException {
        return closed.await(time.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Cuts all connections and stops listening. */
    @Override
    public void close() {
        closed.countDown();
        closeQuietly(listener);
        sockets.forEach(FakePort::closeQuietly);
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                sockets.add(socket);
                inBackground(() -> serve(socket));
            } catch (IOException e) {
                return; // The listener was closed.
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            new FakeConnection(provider, this, socket.getInputStream(), socket.getOutputStream()).serve();
        } catch (IOException e) {
            // The client went away, or the provider was closed.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            sockets.remove(socket);
        }
    }

    private static void inBackground(Runnable work) {
        Thread thread = new Thread(work, "fake-provider");
        thread.setDaemon(true);
        thread.start();
    }

    private static void closeQuietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception e) {
            // It is of no more use either way.
        }
    }
}
