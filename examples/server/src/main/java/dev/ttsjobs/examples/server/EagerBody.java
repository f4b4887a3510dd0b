package dev.ttsjobs.examples.server;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Reads a body before a thread is given to its call, so that who sends slowly holds up nobody. Of a body that is too large
 * the start is kept and the rest thrown away: a connection that is closed while somebody still sends takes the answer with
 * it. Thread-safe.
 */
final class EagerBody extends Handler.Wrapper {

    /** As much is taken in the hope that the sender comes to an end and reads the answer. */
    private static final long MOST_SKIPPED = 64L << 20;

    /** In bytes, of all bodies that are under way or being answered. */
    private static final long MOST_HELD =
            Math.min(128L << 20, Runtime.getRuntime().maxMemory() / 8);

    /** Many of this size may be answered at once; a larger one waits for its turn, which is never long. */
    private static final int SMALL = 16 << 10;

    /** What is made of a body while it is answered takes up to forty times its bytes. */
    private static final int MOST_LARGE =
            (int) Math.max(2, Math.min(64, Runtime.getRuntime().maxMemory() >> 26));

    private static final Duration LONGEST_TURN = Duration.ofSeconds(10);

    private static final Duration LONGEST = Duration.ofMinutes(1);

    private final int most;
    private final InstantSource clock;
    private final AtomicLong held = new AtomicLong();
    private final Semaphore large = new Semaphore(MOST_LARGE);

    /** @param most the bytes that are kept of a body; one more says that it was larger */
    EagerBody(int most, InstantSource clock) {
        this.most = most;
        this.clock = clock;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        boolean chunked = request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING);
        long length = request.getHeaders().getLongField(HttpHeader.CONTENT_LENGTH);
        // Who asks before sending so much is told at once.
        boolean asks = length > most && request.getHeaders().contains(HttpHeader.EXPECT);
        if (!chunked && length <= 0 || asks) {
            return super.handle(request, response, callback);
        }
        new Arriving(request, response, callback).run();
        return true;
    }

    private final class Arriving implements Runnable {

        private final Request request;
        private final Response response;
        private final Callback callback;
        private final Instant latest = clock.instant().plus(LONGEST);
        private final ByteArrayOutputStream kept = new ByteArrayOutputStream(512);
        private long size;

        Arriving(Request request, Response response, Callback callback) {
            this.request = request;
            this.response = response;
            this.callback = callback;
        }

        @Override
        public void run() {
            for (Content.Chunk chunk = request.read(); ; chunk = request.read()) {
                if (chunk == null) {
                    request.demand(this);
                    return;
                }
                if (Content.Chunk.isFailure(chunk)) {
                    refuse(400);
                    return;
                }
                boolean fits = keep(chunk);
                boolean last = chunk.isLast();
                chunk.release();
                if (last || size > MOST_SKIPPED) {
                    hand();
                    return;
                }
                if (!fits || clock.instant().isAfter(latest)) {
                    refuse(fits ? 408 : 503);
                    return;
                }
            }
        }

        private boolean keep(Content.Chunk chunk) {
            size += chunk.remaining();
            byte[] bytes = new byte[Math.min(chunk.remaining(), most + 1 - kept.size())];
            chunk.getByteBuffer().get(bytes);
            kept.writeBytes(bytes);
            return held.addAndGet(bytes.length) <= MOST_HELD;
        }

        private void hand() {
            if (kept.size() <= SMALL) {
                answer();
                return;
            }
            if (!hasTurn()) {
                refuse(503);
                return;
            }
            try {
                answer();
            } finally {
                large.release();
            }
        }

        private boolean hasTurn() {
            try {
                return large.tryAcquire(LONGEST_TURN.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                // The server stops.
                Thread.currentThread().interrupt();
                return false;
            }
        }

        private void answer() {
            try {
                if (!EagerBody.super.handle(new Arrived(request, kept.toByteArray()), response, callback)) {
                    Response.writeError(request, response, callback, 404);
                }
            } catch (Exception e) {
                Response.writeError(request, response, callback, e);
            } finally {
                held.addAndGet(-kept.size());
            }
        }

        private void refuse(int status) {
            held.addAndGet(-kept.size());
            Response.writeError(request, response, callback, status);
        }
    }

    /** A call with its body in hand. */
    private static final class Arrived extends Request.Wrapper {

        private Content.@Nullable Chunk body;

        Arrived(Request request, byte[] body) {
            super(request);
            this.body = Content.Chunk.from(ByteBuffer.wrap(body), true);
        }

        @Override
        public Content.Chunk read() {
            Content.Chunk next = body == null ? Content.Chunk.EOF : body;
            body = null;
            return next;
        }

        @Override
        public void demand(Runnable demand) {
            getContext().execute(demand);
        }
    }
}
