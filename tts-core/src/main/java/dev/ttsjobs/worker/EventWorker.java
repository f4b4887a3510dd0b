package dev.ttsjobs.worker;

import dev.ttsjobs.event.JobEventHandler;
import dev.ttsjobs.queue.ClipQueue;
import dev.ttsjobs.queue.EventQueue;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Tells {@linkplain JobEventHandler handlers} of the ends of jobs, from the outbox: at least once, and in order within a
 * job. Any number of workers, in any number of processes, may work one outbox. An event that is not taken is tried again
 * after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h and 10 h more, each somewhat less by chance; then it is a dead letter, and holds
 * up nothing any more.
 *
 * <p>A handler is told of the jobs that end after a worker first came with its name, also of those that end while no worker
 * runs.
 *
 * <p>{@link #start} works in the background until {@link #close}; {@link #poll} works in the calling thread, for hosts that
 * drive it by hand. Use one or the other. Thread-safe, except that {@code poll} is for one thread at a time.
 */
public final class EventWorker implements AutoCloseable {

    private static final Duration GRACE = Duration.ofSeconds(30);

    private final EventQueue queue;
    final List<EventDesk> desks;
    private final ThreadFactory threads;
    private @Nullable Running running;
    private boolean closed;

    /** What a started worker consists of. */
    private record Running(ExecutorService callers, ClipQueue.Signal signal) {}

    private EventWorker(Builder builder) {
        queue = builder.queue;
        threads = builder.threads;
        EventDesk.Settings settings =
                new EventDesk.Settings(builder.concurrency, builder.lease, builder.pollInterval, builder.random);
        ReentrantLock line = new ReentrantLock();
        desks = builder.handlers.stream()
                .map(handler -> new EventDesk(queue, handler, settings, line))
                .toList();
    }

    /** Starts with the outbox ({@code queue.events()}) and the defaults. */
    public static Builder builder(EventQueue queue) {
        return new Builder(queue);
    }

    /**
     * Begins to work in the background and returns at once. An unreachable queue is waited for.
     *
     * @throws IllegalStateException when it was started or closed before
     */
    public synchronized EventWorker start() {
        if (running != null || closed) {
            throw new IllegalStateException("a worker is started once");
        }
        ExecutorService callers = Executors.newCachedThreadPool(threads);
        running = new Running(callers, queue.onEvent(() -> desks.forEach(EventDesk::wake)));
        desks.forEach(desk -> threads.newThread(() -> desk.run(callers)).start());
        return this;
    }

    /**
     * Delivers what is due now, one event after another, and returns how many were handed over, well or not.
     *
     * @throws IllegalStateException when the worker was started or closed
     */
    public synchronized int poll() {
        if (running != null || closed) {
            throw new IllegalStateException("poll is for a worker that is neither started nor closed");
        }
        return desks.stream().mapToInt(EventDesk::poll).sum();
    }

    /** Closes with a grace of 30 s; see {@link #close(Duration)}. */
    @Override
    public void close() {
        close(GRACE);
    }

    /**
     * Stops: takes nothing more, and lets deliveries under way end for as long as the grace lasts. What has not ended by
     * then is delivered again by another worker once its lease has run out. Repeating it does nothing.
     */
    public void close(Duration grace) {
        Running parts;
        synchronized (this) {
            parts = closed ? null : running;
            closed = true;
        }
        if (parts == null) {
            return;
        }
        parts.signal().close();
        desks.forEach(EventDesk::close);
        parts.callers().shutdown();
        try {
            parts.callers().awaitTermination(grace.toNanos(), java.util.concurrent.TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Builds an {@link EventWorker}. Not thread-safe. */
    public static final class Builder {

        private final EventQueue queue;
        private final List<JobEventHandler> handlers = new ArrayList<>();
        private int concurrency = 8;
        private Duration lease = Duration.ofMinutes(2);
        private Duration pollInterval = Duration.ofSeconds(20);
        private RandomGenerator random = new SecureRandom();
        private ThreadFactory threads = new WorkerThreads();

        private Builder(EventQueue queue) {
            this.queue = Objects.requireNonNull(queue, "queue");
        }

        /**
         * Somebody to be told.
         *
         * @throws IllegalArgumentException when its name is none, or another handler has it
         */
        public Builder handler(JobEventHandler handler) {
            EventQueue.Delivery.requireName(handler.name());
            if (handlers.stream().anyMatch(other -> other.name().equals(handler.name()))) {
                throw new IllegalArgumentException("two handlers are called " + handler.name());
            }
            handlers.add(handler);
            return this;
        }

        /** The most events that one handler is handed at once, of different jobs; 8 by default, 1 to 256. */
        public Builder concurrency(int events) {
            if (events < 1 || events > 256) {
                throw new IllegalArgumentException("concurrency must be from 1 to 256");
            }
            this.concurrency = events;
            return this;
        }

        /**
         * How long a handler may take; an event that it holds for longer may be delivered by another worker at the same
         * time. 2 min by default, at least 1 s.
         */
        public Builder lease(Duration lease) {
            if (lease.compareTo(Duration.ofSeconds(1)) < 0) {
                throw new IllegalArgumentException("a lease is at least 1 s");
            }
            this.lease = lease;
            return this;
        }

        /** How often to look without having been woken, at one statement a look; 20 s by default, at least 10 ms. */
        public Builder pollInterval(Duration interval) {
            if (interval.compareTo(Duration.ofMillis(10)) < 0) {
                throw new IllegalArgumentException("the poll interval is at least 10 ms");
            }
            this.pollInterval = interval;
            return this;
        }

        /** The chance behind jitter; a {@link SecureRandom} by default. */
        public Builder random(RandomGenerator random) {
            this.random = random;
            return this;
        }

        /** Where threads come from; daemon threads named {@code tts-worker-…} by default. */
        public Builder threads(ThreadFactory threads) {
            this.threads = threads;
            return this;
        }

        /** @throws IllegalStateException when there is no handler */
        public EventWorker build() {
            if (handlers.isEmpty()) {
                throw new IllegalStateException("an event worker needs a handler");
            }
            return new EventWorker(this);
        }
    }
}
