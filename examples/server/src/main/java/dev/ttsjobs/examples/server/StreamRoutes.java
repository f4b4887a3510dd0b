package dev.ttsjobs.examples.server;

import dev.ttsjobs.job.Job;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A job's progress as server-sent events. */
final class StreamRoutes {

    private static final int MOST_STREAMS = 5000;
    private static final int MOST_STREAMS_OF_ONE = 20;

    private final JobDesk desk;
    private final ProgressFeed feed;
    private final Revocations revocations;
    private final Map<EventStream, Tokens.Token> tokens = new ConcurrentHashMap<>();
    private final OpenStreams open = new OpenStreams(MOST_STREAMS, MOST_STREAMS_OF_ONE);

    StreamRoutes(JobDesk desk, ProgressFeed feed, Revocations revocations) {
        this.desk = desk;
        this.feed = feed;
        this.revocations = revocations;
    }

    /** Ends the streams of those whose tokens count no longer. */
    void endRevoked() {
        if (!tokens.isEmpty()) {
            Set<Tokens.Token> revoked = revocations.revoked(Set.copyOf(tokens.values()));
            tokens.forEach((stream, token) -> {
                if (revoked.contains(token)) {
                    stream.over().complete(null);
                }
            });
        }
    }

    void addTo(RoutesConfig routes) {
        routes.get("/api/tts/stream/{jobId}", this::stream);
    }

    private void stream(Context ctx) throws IOException {
        Caller caller = Caller.of(ctx);
        Job job = desk.find(caller, ctx.pathParam("jobId"));
        ProgressFeed.Stamp now = ProgressFeed.Stamp.of(job);
        EventStream.LastEvent known = EventStream.LastEvent.parse(ctx.header("Last-Event-ID"));
        if (job.status().hasEnded() && known.end() && now.equals(known.stamp())) {
            // Tells a browser not to come back.
            ctx.status(204);
            return;
        }
        ctx.header("Cache-Control", "no-cache");
        ctx.header("X-Accel-Buffering", "no");
        ctx.contentType("text/event-stream");
        if (HeadAsGet.isHead(ctx)) {
            return;
        }
        InetSocketAddress client =
                new InetSocketAddress(ctx.req().getRemoteAddr(), ctx.req().getRemotePort());
        // What never was cannot be known.
        EventStream stream = new EventStream(
                client, ctx.res().getOutputStream(), known.isAheadOf(now) ? EventStream.LastEvent.NONE : known);
        open.enter(caller.id());
        tokens.put(stream, Tokens.Token.of(ctx));
        stream.over().whenComplete((nothing, failure) -> {
            open.leave(caller.id());
            tokens.remove(stream);
        });
        ctx.future(() -> {
            try {
                ctx.res().getOutputStream().setWriteListener(stream);
                feed.watch(job.id(), stream, stream.over());
            } catch (IOException e) {
                stream.onError(e);
            }
            return stream.over();
        });
    }
}
