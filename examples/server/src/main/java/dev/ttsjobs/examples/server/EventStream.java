package dev.ttsjobs.examples.server;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One client's stream of events. Nothing waits for a slow client: it is told of the newest state when it is ready for it,
 * and of none in between. Thread-safe.
 */
final class EventStream implements ProgressFeed.Watcher, WriteListener {

    private static final byte[] HEARTBEAT = ": still here\n\n".getBytes(StandardCharsets.UTF_8);
    private static final byte[] NOTHING = {};

    private final InetSocketAddress client;
    private final ServletOutputStream out;
    private final CompletableFuture<Void> over = new CompletableFuture<>();
    private LastEvent last;

    private ProgressFeed.@Nullable Snapshot pending;
    private boolean heartbeatDue;
    private boolean unflushed;
    /** The container said that it will call when there is room. */
    private boolean blocked = true;

    private boolean ended;

    /**
     * @param client the other end of the connection
     * @param last what the client has seen already
     */
    EventStream(InetSocketAddress client, ServletOutputStream out, LastEvent last) {
        this.client = client;
        this.out = out;
        this.last = last;
    }

    /**
     * The last event that a client has seen, by its id. Whichever server goes on from there goes on with the same ids: they
     * are made of what is in the database and of how often the client was told of it.
     *
     * @param stamp the state it showed; null when the client has seen none
     * @param before how many events of the same version the client had seen before
     * @param end whether it was the stream's last
     */
    record LastEvent(ProgressFeed.@Nullable Stamp stamp, int before, boolean end) {

        static final LastEvent NONE = new LastEvent(null, 0, false);

        private static final Pattern ID = Pattern.compile("([0-9]{1,18})-([0-9]{1,9})-([0-9a-z]{1,20})(-end)?");

        static LastEvent parse(@Nullable String id) {
            Matcher parts = ID.matcher(id == null ? "" : id);
            return parts.matches()
                    ? new LastEvent(
                            new ProgressFeed.Stamp(Long.parseLong(parts.group(1)), parts.group(3)),
                            Integer.parseInt(parts.group(2)),
                            parts.group(4) != null)
                    : NONE;
        }

        /** Whether it is of a later state than this one: then somebody made it up, or the state is an old one. */
        boolean isAheadOf(ProgressFeed.Stamp other) {
            return stamp != null && stamp.version() > other.version();
        }

        LastEvent next(ProgressFeed.Stamp next, boolean isEnd) {
            boolean same = stamp != null && stamp.version() == next.version();
            return new LastEvent(next, same ? before + 1 : 0, isEnd);
        }

        private String id() {
            ProgressFeed.Stamp shown = Objects.requireNonNull(stamp);
            return shown.version() + "-" + before + "-" + shown.waiting() + (end ? "-end" : "");
        }
    }

    /** Completes when the stream is over, for whatever reason. */
    CompletableFuture<Void> over() {
        return over;
    }

    @Override
    public synchronized void changed(ProgressFeed.Snapshot snapshot) {
        // What was looked up before what the client has seen is no news.
        if (!ended && !last.isAheadOf(snapshot.stamp())) {
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
        pending = null;
        byte[] news = snapshot == null ? NOTHING : events(snapshot);
        if (news.length > 0) {
            heartbeatDue = false;
            return news;
        }
        if (heartbeatDue && !ended) {
            heartbeatDue = false;
            return HEARTBEAT;
        }
        return null;
    }

    /** None, when the client has seen it. */
    private byte[] events(ProgressFeed.Snapshot snapshot) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(2 * snapshot.data().length + 200);
        if (!snapshot.stamp().equals(last.stamp())) {
            event(bytes, "progress", snapshot, false);
        }
        if (snapshot.end() != null) {
            event(bytes, snapshot.end(), snapshot, true);
            ended = true;
        }
        return bytes.toByteArray();
    }

    private void event(ByteArrayOutputStream bytes, String name, ProgressFeed.Snapshot snapshot, boolean isEnd) {
        last = last.next(snapshot.stamp(), isEnd);
        bytes.writeBytes(("event: " + name + "\nid: " + last.id() + "\ndata: ").getBytes(StandardCharsets.UTF_8));
        // Jackson writes one line: a line end within a text is escaped there.
        bytes.writeBytes(snapshot.data());
        bytes.writeBytes("\n\n".getBytes(StandardCharsets.UTF_8));
    }
}
