package dev.ttsjobs.examples.server;

import dev.ttsjobs.job.Job;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/** A job's progress as server-sent events. */
final class StreamRoutes {

    private static final int MOST_STREAMS = 5000;
    private static final int MOST_STREAMS_OF_ONE = 20;

    private final JobDesk desk;
    private final ProgressFeed feed;
    private final AtomicLong numbers;
    private final Map<String, Integer> open = new ConcurrentHashMap<>();

    StreamRoutes(JobDesk desk, ProgressFeed feed, RandomGenerator random) {
        this.desk = desk;
        this.feed = feed;
        // Begins anywhere, so that neither another server nor this one after a restart gives a number again.
        this.numbers = new AtomicLong(random.nextLong() >>> 12);
    }

    void addTo(RoutesConfig routes) {
        routes.get("/api/tts/stream/{jobId}", this::stream);
    }

    private void stream(Context ctx) throws IOException {
        Caller caller = Caller.of(ctx);
        Job job = desk.find(caller, ctx.pathParam("jobId"));
        EventStream.LastEvent known = EventStream.LastEvent.parse(ctx.header("Last-Event-ID"));
        if (job.status().hasEnded() && known.end() && known.stamp().equals(ProgressFeed.stamp(job))) {
            // Tells a browser not to come back.
            ctx.status(204);
            return;
        }
        InetSocketAddress client =
                new InetSocketAddress(ctx.req().getRemoteAddr(), ctx.req().getRemotePort());
        EventStream stream = new EventStream(client, ctx.res().getOutputStream(), numbers::incrementAndGet, known);
        enter(caller);
        ctx.header("Cache-Control", "no-cache");
        ctx.header("X-Accel-Buffering", "no");
        ctx.contentType("text/event-stream");
        stream.over().whenComplete((nothing, failure) -> {
            feed.unwatch(job.id(), stream);
            leave(caller);
        });
        ctx.future(() -> {
            try {
                ctx.res().getOutputStream().setWriteListener(stream);
                feed.watch(job.id(), stream);
            } catch (IOException e) {
                stream.onError(e);
            }
            return stream.over();
        });
    }

    private void enter(Caller caller) {
        if (feed.watchers() >= MOST_STREAMS) {
            throw Problem.tooMany("too many streams are open", Duration.ofSeconds(10));
        }
        open.compute(caller.id(), (id, count) -> {
            if (count != null && count >= MOST_STREAMS_OF_ONE) {
                throw Problem.tooMany("you have too many streams open", Duration.ofSeconds(10));
            }
            return count == null ? 1 : count + 1;
        });
    }

    private void leave(Caller caller) {
        open.computeIfPresent(caller.id(), (id, count) -> count <= 1 ? null : count - 1);
    }
}
