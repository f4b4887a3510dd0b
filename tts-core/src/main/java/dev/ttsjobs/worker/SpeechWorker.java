package dev.ttsjobs.worker;

import dev.ttsjobs.event.JobListener;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.limit.RateLimiter;
import dev.ttsjobs.queue.ClipQueue;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import dev.ttsjobs.retry.RetryPolicy;
import dev.ttsjobs.speech.SpeechSynthesizer;
import dev.ttsjobs.speech.Voice;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.time.Sleeper;
import dev.ttsjobs.time.Ticker;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Works a queue: claims clips, looks whether their audio is there, else speaks them within the account's limit, checks and
 * stores the audio, and reports. Any number of workers, in any number of processes, may work one queue; each distinct
 * clip is made once.
 *
 * <p>{@link #start} works in the background until {@link #close}; {@link #poll} works in the calling thread, for hosts that
 * drive it by hand. Use one or the other. To change the key, the address or the limit while the application runs, start a
 * worker with the new one, then close this. Thread-safe, except that {@code poll} is for one thread at a time.
 */
public final class SpeechWorker implements AutoCloseable {

    private static final Duration GRACE = Duration.ofSeconds(30);
    private static final Duration LAST_WORDS = Duration.ofSeconds(5);
    private static final Duration LAST_BEAT = Duration.ofSeconds(1);

    private final ClipQueue queue;
    private final ClipMaker maker;
    final WorkerSettings settings;
    private final String account;
    private final String family;
    private final RateLimiter limiter;
    private final Feedback feedback;
    private final ThreadFactory threads;
    private final WorkerId id;
    private final PolledDesk polled;
    private final StandIn standIn;
    private final List<SpeechWorker> standIns = new CopyOnWriteArrayList<>();
    private @Nullable Running running;
    private boolean closed;

    /** What a started worker consists of. */
    private record Running(
            Desk desk, Thread deskThread, Thread heartThread, ExecutorService callers, ClipQueue.Signal signal) {}

    private SpeechWorker(Builder builder) {
        queue = builder.queue;
        account = builder.synthesizer.account();
        family = builder.synthesizer.family();
        List<SpeechWorker> first = builder.first;
        requireStandsIn(first, builder.voices != null);
        standIn = new StandIn(queue, family, builder.voices);
        threads = builder.threads;
        limiter = queue.limiter(builder.synthesizer.account(), builder.limit);
        Duration probeInterval = builder.limit.probeInterval();
        feedback = new Feedback(
                builder.listener, builder.synthesizer.account(), () -> standIns.forEach(SpeechWorker::hurry));
        Function<Sleeper, ClipMaker> makers = rest -> new ClipMaker(
                builder.storage,
                builder.synthesizer,
                builder.retry,
                builder.random,
                rest,
                probeInterval,
                standIn,
                new StorageOutage(builder.storage, rest, this::storageChanged));
        maker = makers.apply(builder.sleeper);
        boolean unlimited = Double.isInfinite(builder.limit.requestsPerMinute());
        int concurrency = builder.concurrency != 0 ? builder.concurrency : unlimited ? 16 : 64;
        settings = new WorkerSettings(
                concurrency,
                builder.limit,
                builder.lease,
                builder.pollInterval,
                builder.retention,
                builder.listener,
                builder.random,
                builder.ticker,
                () -> first.stream().allMatch(worker -> worker.limiter.pause().isPresent()));
        id = new WorkerId(new UUID(builder.random.nextLong(), builder.random.nextLong()));
        polled = new PolledDesk(queue, limiter, makers, settings, id, builder.sleeper, feedback);
    }

    private void requireStandsIn(List<SpeechWorker> first, boolean hasVoices) {
        for (SpeechWorker other : first) {
            if (other.queue != queue || other.account.equals(account)) {
                throw new IllegalArgumentException(
                        "a worker stands in for workers of the same queue, with other accounts"
                                + " than its own; this one has " + account + ", the other " + other.account);
            }
        }
        boolean same = first.stream().anyMatch(other -> other.family.equals(family));
        boolean another = first.stream().anyMatch(other -> !other.family.equals(family));
        if (hasVoices ? !another : another && !same) {
            throw new IllegalArgumentException("a worker that stands in for another family says with which voices it"
                    + " does, and no other worker; this one is of " + family + ", and stands in for "
                    + first.stream().map(other -> other.family).toList());
        }
    }

    private void storageChanged(@Nullable Failure failure) {
        feedback.storageChanged(failure);
        hurry();
    }

    /** Looks for work at once, or for the reason why there is none: the account for which this worker stands in is paused. */
    private synchronized void hurry() {
        if (running != null) {
            running.desk().hand().call();
            running.desk().heart().hurry();
        }
    }

    /** Starts with what every worker needs, and the defaults. */
    public static Builder builder(ClipQueue queue, AudioStorage storage, SpeechSynthesizer synthesizer) {
        return new Builder(queue, storage, synthesizer);
    }

    /**
     * Begins to work in the background and returns at once. An unreachable queue or provider is waited for.
     *
     * @throws IllegalStateException when it was started or closed before
     */
    public synchronized SpeechWorker start() {
        if (running != null || closed) {
            throw new IllegalStateException(
                    "a worker is started once: this one was started or closed before, build another");
        }
        ExecutorService callers = Executors.newCachedThreadPool(threads);
        Desk desk = new Desk(queue, limiter, maker, settings, id, callers, feedback);
        Thread deskThread = threads.newThread(desk::run);
        Thread heartThread =
                threads.newThread(() -> desk.heart().run(() -> !desk.hand().isEmpty()));
        ClipQueue.Signal signal = queue.onWork(() -> {
            desk.hand().call();
            desk.heart().hurry();
        });
        running = new Running(desk, deskThread, heartThread, callers, signal);
        deskThread.start();
        heartThread.start();
        threads.newThread(desk.heart()::watch).start();
        return this;
    }

    /**
     * Works what is due now, one clip after another, waiting for time slots, and returns how many clips were settled; 0
     * when nothing is due or the account is paused. Leases are renewed between waits; a call or a pause of the thread that
     * outlasts the lease gives the clip to another worker. What a failing queue left undone, the next poll takes up.
     *
     * @throws IllegalStateException when the worker was started or closed
     * @throws InterruptedException when the thread is interrupted while it waits; the clip in hand went back
     */
    public synchronized int poll() throws InterruptedException {
        if (running != null || closed) {
            throw new IllegalStateException("poll is for a worker that is neither started nor closed");
        }
        return polled.poll();
    }

    /** Closes with a grace of 30 s; see {@link #close(Duration)}. */
    @Override
    public void close() {
        close(GRACE);
    }

    /**
     * Stops: claims nothing more, gives back at once what was not called for, lets calls under way end for as long as the
     * grace lasts, and cuts them then. Leases stay alive until the end. Nothing is lost: what was cut goes back into the
     * queue without costing an attempt. Repeating it does nothing.
     */
    public void close(Duration grace) {
        Objects.requireNonNull(grace, "grace");
        Running parts;
        synchronized (this) {
            parts = closed ? null : running;
            closed = true;
        }
        if (parts == null) {
            return;
        }
        parts.signal().close();
        parts.desk().hand().close();
        try {
            if (!parts.desk().hand().awaitEmpty(grace)) {
                cut(parts);
                parts.desk().hand().awaitEmpty(LAST_WORDS);
            }
        } catch (InterruptedException e) {
            cut(parts);
            Thread.currentThread().interrupt();
        }
        parts.desk().hand().drop();
        parts.desk().heart().stop();
        awaitEnd(parts.deskThread(), LAST_WORDS);
        awaitEnd(parts.heartThread(), LAST_BEAT);
        parts.callers().shutdown();
        // After the desk's last claim and the heart's last beat, so that nothing is held, nor anything waited for, by a
        // worker that has left.
        queue.leave(id);
    }

    private void cut(Running parts) {
        maker.outage().giveUp();
        parts.desk().abortAll();
    }

    private static void awaitEnd(Thread thread, Duration patience) {
        try {
            thread.join(patience.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Builds a {@link SpeechWorker}. Not thread-safe. */
    public static final class Builder {

        private final ClipQueue queue;
        private final AudioStorage storage;
        private final SpeechSynthesizer synthesizer;
        private RateLimit limit = RateLimit.perMinute(120);
        private List<SpeechWorker> first = List.of();
        private @Nullable Function<Voice, Optional<Voice>> voices;
        private RetryPolicy retry = RetryPolicy.STANDARD;
        private int concurrency;
        private Duration lease = Duration.ofSeconds(20);
        private Duration pollInterval = Duration.ofSeconds(5);
        private Duration retention = Duration.ofDays(30);
        private JobListener listener = new JobListener() {};
        private RandomGenerator random = new SecureRandom();
        private Ticker ticker = Ticker.system();
        private Sleeper sleeper = Sleeper.system();
        private ThreadFactory threads = new WorkerThreads();

        private Builder(ClipQueue queue, AudioStorage storage, SpeechSynthesizer synthesizer) {
            this.queue = Objects.requireNonNull(queue, "queue");
            this.storage = Objects.requireNonNull(storage, "storage");
            this.synthesizer = Objects.requireNonNull(synthesizer, "synthesizer");
        }

        /**
         * How fast the account may be called, by all workers on this queue together; 120 requests a minute, evenly spaced,
         * by default. The first to name a limit for an account sets it.
         */
        public Builder limit(RateLimit limit) {
            this.limit = Objects.requireNonNull(limit, "limit");
            return this;
        }

        /**
         * Makes the worker a fallback: it works, within a limit of its own, only while the accounts of all these workers are
         * paused, and leaves the work to them again as soon as one of them is not. For a list of accounts, build a worker for
         * each, which stands in for all before it; in every process the same, and start them all.
         *
         * <p>Of the same family, their audio must be interchangeable, for a clip is the same whoever makes it: another key,
         * organization or proxy. A worker of another family says by {@link #voices} what it speaks instead.
         */
        public Builder standsInFor(SpeechWorker... first) {
            this.first = List.of(first);
            return this;
        }

        /**
         * With which voice of its own a fallback of another family speaks a text in the place of a voice of the first one;
         * none, to leave that voice to the first. What it makes is a clip of its own family, with a key of its own, and the
         * results of the jobs that waited name that clip; jobs that come later want the first voice again. A text that is
         * joined from parts waits for the first family, so that no text is spoken by two voices, as does one that is too
         * long for the other model.
         *
         * @param voices short and without side effects; one that throws has no voice
         */
        public Builder voices(Function<Voice, Optional<Voice>> voices) {
            this.voices = Objects.requireNonNull(voices, "voices");
            return this;
        }

        /** Whether and when failed clips are tried again; {@link RetryPolicy#STANDARD} by default. */
        public Builder retry(RetryPolicy retry) {
            this.retry = Objects.requireNonNull(retry, "retry");
            return this;
        }

        /** The most calls at once, 1 to 1,024; by default as many as the rate needs, up to 64. */
        public Builder concurrency(int calls) {
            if (calls < 1 || calls > 1024) {
                throw new IllegalArgumentException("concurrency must be from 1 to 1,024");
            }
            this.concurrency = calls;
            return this;
        }

        /**
         * How long clips stay this worker's after it died; 20 s by default, at least 1 s. Renewed at each third of it, and
         * workers look for the dead as often: a worker counts as dead when two looks, a third of a lease apart, have found
         * its lease run out, so that an outage of the database kills nobody. Its clips are therefore back in the queue
         * after five thirds of a lease at the latest; by default 33 s after a {@code kill -9}.
         */
        public Builder lease(Duration lease) {
            if (Objects.requireNonNull(lease, "lease").compareTo(Duration.ofSeconds(1)) < 0) {
                throw new IllegalArgumentException("a lease is at least 1 s");
            }
            this.lease = lease;
            return this;
        }

        /**
         * How often to look without having been woken; 5 s by default, at least 10 ms. Half as often while there is nothing
         * to do.
         */
        public Builder pollInterval(Duration interval) {
            if (Objects.requireNonNull(interval, "interval").compareTo(Duration.ofMillis(10)) < 0) {
                throw new IllegalArgumentException("the poll interval is at least 10 ms");
            }
            this.pollInterval = interval;
            return this;
        }

        /**
         * How long jobs are kept after they have ended; 30 days by default, 1 to 36,500 days. About once an hour a worker
         * lets older ones go, in small batches; see {@link ClipQueue#prune}.
         *
         * @throws IllegalArgumentException when it is shorter or longer
         */
        public Builder retention(Duration retention) {
            this.retention = ClipQueue.requireRetention(retention);
            return this;
        }

        /** Hears what this worker does. */
        public Builder listener(JobListener listener) {
            this.listener = Objects.requireNonNull(listener, "listener");
            return this;
        }

        /** The chance behind jitter and the worker's identity; a {@link SecureRandom} by default. */
        public Builder random(RandomGenerator random) {
            this.random = Objects.requireNonNull(random, "random");
            return this;
        }

        /** The clock and the sleeper that leases and rests go by; the system's by default. */
        public Builder time(Ticker ticker, Sleeper sleeper) {
            this.ticker = Objects.requireNonNull(ticker, "ticker");
            this.sleeper = Objects.requireNonNull(sleeper, "sleeper");
            return this;
        }

        /** Where threads come from; daemon threads named {@code tts-worker-…} by default. */
        public Builder threads(ThreadFactory threads) {
            this.threads = Objects.requireNonNull(threads, "threads");
            return this;
        }

        /**
         * @throws IllegalArgumentException when it stands in for a worker of another queue, of its own account, or of another
         *     family without voices; or has voices and no other family to stand in for
         */
        public SpeechWorker build() {
            SpeechWorker worker = new SpeechWorker(this);
            for (SpeechWorker other : first) {
                other.standIns.add(worker);
                other.standIn.knows(worker.family);
                worker.standIn.knows(other.family);
            }
            return worker;
        }
    }
}
