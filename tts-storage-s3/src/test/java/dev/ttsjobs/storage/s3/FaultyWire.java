package dev.ttsjobs.storage.s3;

import dev.ttsjobs.time.Sleeper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A wire to a server on loopback that is slow, or is reset after so many bytes, as it is told. */
public final class FaultyWire implements AutoCloseable {

    /** Which way bytes go. */
    enum Way {
        UP,
        DOWN
    }

    private static final int BUFFER = 4096;
    private static final long FOR_EVER = Long.MAX_VALUE;

    private final ServerSocket door;
    private final URI server;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile Duration eachByte = Duration.ZERO;
    private Way way = Way.UP;
    private long after = FOR_EVER;
    private long left = FOR_EVER;
    private int resets;

    private FaultyWire(URI server) throws IOException {
        this.server = server;
        this.door = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    public static FaultyWire to(URI server) throws IOException {
        return new FaultyWire(server);
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + door.getLocalPort());
    }

    /** How fast each connection is from now on, each way. */
    public void slowDown(int bytes) {
        eachByte = Duration.ofSeconds(1).dividedBy(bytes);
    }

    /** From now on whichever connection carries the next byte after so many is reset, both its ends; that often. */
    synchronized void reset(Way which, long afterBytes, int times) {
        way = which;
        after = afterBytes;
        left = afterBytes;
        resets = times;
    }

    /** How many of the resets asked for are still to come. */
    synchronized int resetsLeft() {
        return resets;
    }

    /** How many of these bytes may pass; fewer than all, and the connection is to be reset. */
    private synchronized int pass(Way which, int bytes) {
        if (resets == 0 || which != way) {
            return bytes;
        }
        if (bytes <= left) {
            left -= bytes;
            return bytes;
        }
        int some = (int) left;
        left = after;
        resets--;
        return some;
    }

    private void accept() {
        try {
            while (true) {
                connect(door.accept());
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void connect(Socket client) {
        open.add(client);
        try {
            Socket upstream = new Socket(server.getHost(), server.getPort());
            open.add(upstream);
            start(() -> carry(Way.UP, client, upstream));
            start(() -> carry(Way.DOWN, upstream, client));
        } catch (IOException e) {
            drop(client);
        }
    }

    private void carry(Way which, Socket from, Socket to) {
        byte[] buffer = new byte[BUFFER];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                int some = pass(which, read);
                out.write(buffer, 0, some);
                if (some < read) {
                    from.setSoLinger(true, 0);
                    to.setSoLinger(true, 0);
                    break;
                }
                Sleeper.system().sleep(eachByte.multipliedBy(read));
            }
        } catch (IOException | InterruptedException e) {
            // One end is gone, and so is the other in a moment.
        } finally {
            drop(from);
            drop(to);
        }
    }

    private void drop(Socket socket) {
        open.remove(socket);
        try {
            socket.close();
        } catch (IOException e) {
            // It is gone already.
        }
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "wire");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            door.close();
        } catch (IOException e) {
            // It is gone already.
        }
        open.forEach(this::drop);
    }
}
