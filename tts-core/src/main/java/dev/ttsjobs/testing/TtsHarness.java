package dev.ttsjobs.testing;

import dev.ttsjobs.SpeechJobs;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.queue.JobQueue;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.time.ManualTime;
import dev.ttsjobs.worker.SpeechWorker;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;

/**
 * The whole library in one object for a host's unit tests: real jobs, queue and worker, a scripted provider, and a clock
 * that is moved by hand, so that nothing waits and nothing is random. For one thread.
 */
public final class TtsHarness implements AutoCloseable {

    private final ManualTime time;
    private final JobQueue queue;
    private final AudioStorage storage;
    private final ScriptedSynthesizer synthesizer = new ScriptedSynthesizer();
    private final SpeechJobs jobs;
    private final SpeechWorker worker;

    private TtsHarness(
            ManualTime time,
            JobQueue queue,
            AudioStorage storage,
            Consumer<SpeechJobs.Builder> jobOptions,
            Consumer<SpeechWorker.Builder> workerOptions) {
        this.time = time;
        this.queue = queue;
        this.storage = storage;
        SpeechJobs.Builder jobsBuilder = SpeechJobs.builder(queue).clock(time).random(new Random(1));
        jobOptions.accept(jobsBuilder);
        this.jobs = jobsBuilder.build();
        SpeechWorker.Builder workerBuilder = SpeechWorker.builder(queue, storage, synthesizer)
                .time(time, time)
                .random(new Random(2));
        workerOptions.accept(workerBuilder);
        this.worker = workerBuilder.build();
    }

    /** Everything in memory, with the default limit, retries and voices. */
    public static TtsHarness inMemory() {
        return inMemory(jobs -> {});
    }

    /**
     * Everything in memory, with the host's own voices, pronunciation, quotas or checks:
     * {@code inMemory(jobs -> jobs.voices(voices))}.
     *
     * @param jobs what {@link #jobs} is built with
     */
    public static TtsHarness inMemory(Consumer<SpeechJobs.Builder> jobs) {
        ManualTime time = new ManualTime();
        return of(time, JobQueue.inMemory(time), AudioStorage.inMemory(), jobs, worker -> {});
    }

    /**
     * With the host's own queue and storage. The queue must take its time from the clock given here; a host that submits
     * within its own transactions gives one in a database, such as {@code
     * JdbcJobQueue.builder(dataSource).clock(time).migrate().build()}.
     *
     * @param jobs what {@link #jobs} is built with
     * @param worker what {@link #worker} is built with
     */
    public static TtsHarness of(
            ManualTime time,
            JobQueue queue,
            AudioStorage storage,
            Consumer<SpeechJobs.Builder> jobs,
            Consumer<SpeechWorker.Builder> worker) {
        return new TtsHarness(time, queue, storage, jobs, worker);
    }

    public SpeechJobs jobs() {
        return jobs;
    }

    public ManualTime time() {
        return time;
    }

    public JobQueue queue() {
        return queue;
    }

    public AudioStorage storage() {
        return storage;
    }

    public ScriptedSynthesizer synthesizer() {
        return synthesizer;
    }

    public SpeechWorker worker() {
        return worker;
    }

    /**
     * Works until nothing is left to do, moving the clock on over time slots, rests between attempts, and nothing else: an
     * account that stays paused ends it.
     *
     * @return how many clips were settled
     */
    public int drain() {
        int settled = 0;
        try {
            while (true) {
                int now = worker.poll();
                settled += now;
                Optional<Instant> next =
                        now > 0 ? Optional.of(time.instant()) : queue.outlook().later();
                if (next.isEmpty() || (now == 0 && isPaused())) {
                    return settled;
                }
                time.advanceTo(next.get());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while draining", e);
        }
    }

    private boolean isPaused() {
        // The worker has named its limit; another one is not heard.
        return queue.limiter(synthesizer.account(), RateLimit.UNLIMITED).pause().isPresent();
    }

    @Override
    public void close() {
        worker.close();
        storage.close();
        queue.close();
    }
}
