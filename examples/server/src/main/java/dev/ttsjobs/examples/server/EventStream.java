package dev.ttsjobs.examples.server;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One client's stream of events. Nothing waits for a slow client: it is told of the newest state when it is ready for it,
 * and of none in between. Thread-safe.
 */
final class EventStream implements ProgressFeed.Watcher, WriteListener {

    private static final byte[] HEARTBEAT = ": still here\n\n".getBytes(StandardCharsets.UTF_8);

    private final InetSocketAddress client;
    private final ServletOutputStream out;
    private final LongSupplier numbers;
    private final CompletableFuture<Void> over = new CompletableFuture<>();
    private LastEvent known;

    private ProgressFeed.@Nullable Snapshot pending;
    private boolean heartbeatDue;
    private boolean unflushed;
    /** The container said that it will call when there is room. */
    private boolean blocked = true;

    private boolean ended;

    /**
     * @param client the other end of the connection
     * @param numbers gives each event a number that is never given again
     * @param known what the client has seen already
     */
    EventStream(InetSocketAddress client, ServletOutputStream out, LongSupplier numbers, LastEvent known) {
        this.client = client;
        this.out = out;
        this.numbers = numbers;
        this.known = known;
    }

    /**
     * The last event that a client has seen, by its id.
     *
     * @param stamp the state it showed; empty when the client has seen none
     * @param end whether it was the stream's last
     */
    record LastEvent(String stamp, boolean end) {

        static final LastEvent NONE = new LastEvent("", false);

        static LastEvent parse(@Nullable String id) {
            if (id == null || !id.matches("[0-9]{1,19}-[0-9a-z]{1,20}-[0-9a-z]{1,13}(-end)?")) {
                return NONE;
            }
            String[] parts = id.split("-");
            return new LastEvent(parts[0] + "-" + parts[1], parts.length == 4);
        }
    }

    /** Completes when the stream is over, for whatever reason. */
    CompletableFuture<Void> over() {
        return over;
    }

    @Override
    public synchronized void changed(ProgressFeed.Snapshot snapshot) {
        if (!ended && (snapshot.end() != null || !snapshot.stamp().equals(known.stamp()))) {
            if (!snapshot.stamp().equals(known.stamp())) {
                // From here on there is news: a pause that comes and goes leads back to what was known, and is told.
                known = LastEvent.NONE;
            }
            pending = snapshot;
            write();
        }
    }

    @Override
    public synchronized void heartbeat(Set<InetSocketAddress> lost) {
        if (lost.contains(client)) {
            over.complete(null);
            return;
        }
        heartbeatDue = true;
        write();
    }

    @Override
    public synchronized void gone() {
        ended = true;
        write();
    }

    @Override
    public synchronized void onWritePossible() {
        blocked = false;
        write();
    }

    @Override
    public void onError(Throwable failure) {
        // The client went away; there is nobody to tell.
        over.complete(null);
    }

    private void write() {
        if (blocked || over.isDone()) {
            return;
        }
        try {
            while (out.isReady()) {
                if (unflushed) {
                    unflushed = false;
                    out.flush();
                    continue;
                }
                byte[] next = next();
                if (next == null) {
                    if (ended) {
                        over.complete(null);
                    }
                    return;
                }
                unflushed = true;
                out.write(next);
            }
            blocked = true;
        } catch (IOException e) {
            onError(e);
        }
    }

    private byte @Nullable [] next() {
        ProgressFeed.Snapshot snapshot = pending;
        if (snapshot != null) {
            pending = null;
            heartbeatDue = false;
            ended = snapshot.end() != null;
            return events(snapshot);
        }
        if (heartbeatDue && !ended) {
            heartbeatDue = false;
            return HEARTBEAT;
        }
        return null;
    }

    private byte[] events(ProgressFeed.Snapshot snapshot) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(2 * snapshot.data().length + 200);
        if (!snapshot.stamp().equals(known.stamp())) {
            event(bytes, "progress", snapshot, "");
        }
        if (snapshot.end() != null) {
            event(bytes, snapshot.end(), snapshot, "-end");
        }
        return bytes.toByteArray();
    }

    private void event(ByteArrayOutputStream bytes, String name, ProgressFeed.Snapshot snapshot, String suffix) {
        String id = snapshot.stamp() + "-" + Long.toString(numbers.getAsLong(), 36) + suffix;
        bytes.writeBytes(("event: " + name + "\nid: " + id + "\ndata: ").getBytes(StandardCharsets.UTF_8));
        // Jackson writes one line: a line end within a text is escaped there.
        bytes.writeBytes(snapshot.data());
        bytes.writeBytes("\n\n".getBytes(StandardCharsets.UTF_8));
    }
}
