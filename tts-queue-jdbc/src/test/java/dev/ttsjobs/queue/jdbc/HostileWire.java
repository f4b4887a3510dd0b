package dev.ttsjobs.queue.jdbc;

import dev.ttsjobs.contract.RealTime;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** A wire to a server on loopback that can be cut, frozen in both directions, and slowed. Thread-safe. */
final class HostileWire implements AutoCloseable {

    private static final int BUFFER = 16 * 1024;

    private final int target;
    private final ServerSocket entry;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean frozen;
    private boolean refusing;
    private boolean closed;
    private volatile Duration delay = Duration.ZERO;

    HostileWire(int target) throws IOException {
        this.target = target;
        this.entry = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    int port() {
        return entry.getLocalPort();
    }

    /** Everything under way breaks, and for a while whoever comes is turned away. */
    void cut() {
        set(() -> refusing = true);
        sockets.forEach(HostileWire::close);
    }

    /** Nothing goes through any more, in either direction, and nobody is told; whoever comes is let in, and waits. */
    void freeze() {
        set(() -> frozen = true);
    }

    /** What was held back arrives, and whoever comes is served again. */
    void heal() {
        delay = Duration.ZERO;
        set(() -> {
            frozen = false;
            refusing = false;
        });
    }

    /** Whatever is sent arrives that much later. */
    void slow(Duration each) {
        delay = each;
    }

    @Override
    public void close() throws IOException {
        set(() -> closed = true);
        entry.close();
        sockets.forEach(HostileWire::close);
    }

    private void set(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void accept() {
        while (!entry.isClosed()) {
            try {
                Socket near = entry.accept();
                sockets.add(near);
                start(() -> connect(near));
            } catch (IOException e) {
                // Closed.
            }
        }
    }

    private void connect(Socket near) {
        try {
            if (!passes()) {
                close(near);
                return;
            }
            Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
            sockets.add(far);
            start(() -> pump(near, far));
            start(() -> pump(far, near));
        } catch (IOException | InterruptedException e) {
            close(near);
        }
    }

    private void pump(Socket from, Socket to) {
        byte[] buffer = new byte[BUFFER];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                RealTime.pass(delay);
                if (!passes()) {
                    return;
                }
                out.write(buffer, 0, read);
            }
        } catch (IOException | InterruptedException e) {
            // Cut, by whichever side.
        } finally {
            sockets.remove(from);
            sockets.remove(to);
        }
    }

    /** Waits while frozen; whether anything is let through. */
    private boolean passes() throws InterruptedException {
        lock.lock();
        try {
            while (frozen && !closed) {
                changed.await();
            }
            return !closed && !refusing;
        } finally {
            lock.unlock();
        }
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "wire");
        thread.setDaemon(true);
        thread.start();
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is gone anyway.
        }
    }
}
