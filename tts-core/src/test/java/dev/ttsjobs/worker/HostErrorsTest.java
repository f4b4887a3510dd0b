package dev.ttsjobs.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.SpeechJobs;
import dev.ttsjobs.event.JobEvent;
import dev.ttsjobs.event.JobEventHandler;
import dev.ttsjobs.event.JobListener;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobRequest;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import dev.ttsjobs.queue.EventQueue;
import dev.ttsjobs.queue.JobQueue;
import dev.ttsjobs.retry.RetryPolicy;
import dev.ttsjobs.speech.SpeechSynthesizer;
import dev.ttsjobs.speech.SpeechSynthesizer.CallHandle;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.storage.StorageException;
import dev.ttsjobs.testing.ScriptedSynthesizer;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever the parts that a host brings throw, be it an {@link Error}, every loop goes on: a worker whose heart beats while
 * its desk is dead would keep its clips from everybody for ever.
 */
class HostErrorsTest {

    private static final Duration SOON = Duration.ofMillis(20);

    private final JobQueue queue = JobQueue.inMemory(InstantSource.system());
    private final AudioStorage storage = AudioStorage.inMemory();
    private final ScriptedSynthesizer provider = new ScriptedSynthesizer();
    private final SpeechJobs jobs = SpeechJobs.builder(queue).build();
    private final Semaphore ended = new Semaphore(0);
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    /** Of the kinds that a library of the host's may throw when it is called, in turn. */
    private static final class Errors {

        private final AtomicInteger left;

        Errors(int times) {
            this.left = new AtomicInteger(times);
        }

        void mayThrow() {
            switch (left.getAndDecrement()) {
                case 3 -> throw new NoClassDefFoundError("a jar is missing");
                case 2 -> throw new StackOverflowError();
                case 1 -> throw new OutOfMemoryError("unable to create native thread");
                default -> {}
            }
        }

        /** Behaves as the right one, but that a method throws before it does anything. */
        <T> T in(Class<T> port, T right, String method) {
            return port.cast(Proxy.newProxyInstance(
                    port.getClassLoader(), new Class<?>[] {port}, (proxy, called, args) -> {
                        if (called.getName().equals(method)) {
                            mayThrow();
                        }
                        try {
                            Object answer = called.invoke(right, args);
                            Class<?> type = called.getReturnType();
                            return type.isInterface() && type.getName().startsWith("dev.ttsjobs.") && answer != null
                                    ? wrapped(type, answer, method)
                                    : answer;
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    }));
        }

        private <T> T wrapped(Class<T> type, Object answer, String method) {
            return in(type, type.cast(answer), method);
        }

        ThreadFactory threads(int firstFew) {
            AtomicInteger made = new AtomicInteger();
            ThreadFactory right = new WorkerThreads();
            return work -> {
                if (made.incrementAndGet() > firstFew) {
                    mayThrow();
                }
                return right.newThread(work);
            };
        }
    }

    private SpeechWorker.Builder worker(JobQueue of, SpeechSynthesizer synthesizer) {
        return SpeechWorker.builder(of, storage, synthesizer)
                .limit(RateLimit.UNLIMITED)
                .pollInterval(SOON)
                .listener(new JobListener() {
                    @Override
                    public void jobEnded(JobId id) {
                        ended.release();
                    }
                });
    }

    private void start(SpeechWorker.Builder worker) {
        open.add(worker.build().start());
    }

    private void everyJobEnds(int phrases) throws Exception {
        JobRequest.Builder request = JobRequest.builder("alice");
        for (int i = 0; i < phrases; i++) {
            request.phrase("card-" + i, "en", "Sentence number " + i);
        }
        JobId id = jobs.submit(request.build()).id();
        assertTrue(ended.tryAcquire(20, TimeUnit.SECONDS), "the job did not end");
        assertEquals(phrases, jobs.find(id).orElseThrow().progress().processed());
    }

    @ParameterizedTest
    @ValueSource(strings = {"claim", "begin", "settle", "outlook", "beat", "rescue", "reserve", "succeeded"})
    void errorsOfTheQueueStopNoWorker(String method) throws Exception {
        // The second answer of the account is one of many, whose outcomes must not be lost with it.
        start(worker(new Errors(method.equals("succeeded") ? 2 : 1).in(JobQueue.class, queue, method), provider));
        everyJobEnds(20);
        assertEquals(20, provider.calls().size());
    }

    /** The first throws, and so does the check that is to tell whether it is the storage. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void whateverTheStorageThrowsWhatWasBoughtIsKept(int times) throws Exception {
        Errors errors = new Errors(times);
        AudioStorage broken = errors.in(AudioStorage.class, errors.in(AudioStorage.class, storage, "put"), "check");
        start(SpeechWorker.builder(queue, broken, provider).pollInterval(SOON).listener(new JobListener() {
            @Override
            public void jobEnded(JobId id) {
                ended.release();
            }
        }));
        everyJobEnds(1);
        assertEquals(1, provider.calls().size());
    }

    @Test
    void threadsThatCannotBeMadeStrandNoClip() throws Exception {
        // The desk, the heart and the watch have theirs; callers get none for a while.
        start(worker(queue, provider).threads(new Errors(2).threads(3)));
        everyJobEnds(20);
    }

    @Test
    void aThreadThatCannotBeMadeKeepsNobodyFromLookingForTheStorage() {
        StorageOutage outage = new StorageOutage(storage, rest -> {}, failure -> {});
        SpeechWorker worker = worker(queue, provider).build();
        ClipMaker maker = new ClipMaker(
                storage,
                provider,
                RetryPolicy.STANDARD,
                new Random(1),
                rest -> {},
                SOON,
                new StandIn(queue, "openai", null),
                outage);
        Errors errors = new Errors(1);
        Desk desk = new Desk(
                queue,
                queue.limiter("test", RateLimit.UNLIMITED),
                maker,
                worker.settings,
                new WorkerId(new UUID(0, 1)),
                turn -> {
                    errors.mayThrow();
                    turn.run();
                },
                new Feedback(new JobListener() {}, "test", () -> {}));
        assertTrue(outage.isWhy(new StorageException.Full("no room", null)));
        assertThrows(OutOfMemoryError.class, desk::round);
        desk.round();
        assertFalse(outage.isOn());
    }

    @Test
    void errorsOfTheListenerStopNoWorker() throws Exception {
        Errors errors = new Errors(3);
        start(worker(queue, provider).listener(new JobListener() {
            @Override
            public void jobChanged(JobId id) {
                errors.mayThrow();
            }

            @Override
            public void jobEnded(JobId id) {
                ended.release();
                errors.mayThrow();
            }
        }));
        everyJobEnds(3);
        everyJobEnds(4);
    }

    @Test
    void aCutThatThrowsKeepsNoOtherCallFromBeingCut() {
        CallHandle handle = new CallHandle();
        AtomicInteger cut = new AtomicInteger();
        handle.onAbort(() -> {
            throw new NoClassDefFoundError("a jar is missing");
        });
        handle.onAbort(cut::incrementAndGet);
        handle.abort();
        assertEquals(1, cut.get());
    }

    @ParameterizedTest
    @ValueSource(strings = {"take", "subscribe", "delivered"})
    void errorsOfTheOutboxStopNoHandler(String method) throws Exception {
        queue.events().subscribe("mail");
        EventQueue events = new Errors(1).in(EventQueue.class, queue.events(), method);
        open.add(EventWorker.builder(events)
                .pollInterval(SOON)
                .lease(Duration.ofSeconds(1))
                .handler(handler(new Errors(0)))
                .build()
                .start());
        start(worker(queue, provider));
        everyJobEnds(1);
        assertTrue(told.tryAcquire(20, TimeUnit.SECONDS), "nobody was told");
        everyJobEnds(2);
        assertTrue(told.tryAcquire(20, TimeUnit.SECONDS), "nobody was told of the next");
    }

    @Test
    void threadsThatCannotBeMadeStopNoHandler() throws Exception {
        queue.events().subscribe("mail");
        open.add(EventWorker.builder(queue.events())
                .pollInterval(SOON)
                .lease(Duration.ofSeconds(1))
                .threads(new Errors(1).threads(1))
                .handler(handler(new Errors(0)))
                .build()
                .start());
        start(worker(queue, provider));
        everyJobEnds(1);
        assertTrue(told.tryAcquire(20, TimeUnit.SECONDS), "nobody was told");
    }

    private final Semaphore told = new Semaphore(0);

    private JobEventHandler handler(Errors errors) {
        return new JobEventHandler() {
            @Override
            public String name() {
                return "mail";
            }

            @Override
            public void handle(JobEvent event) {
                errors.mayThrow();
                told.release();
            }
        };
    }

    @Test
    void whatHasNoWordsForItselfStopsNoWorker() throws Exception {
        RuntimeException wordless = new IllegalStateException() {
            private static final long serialVersionUID = 1L;

            @Override
            public String toString() {
                throw new OutOfMemoryError();
            }
        };
        AtomicInteger asked = new AtomicInteger();
        Semaphore askedAgain = new Semaphore(0);
        JobQueue broken = (JobQueue) Proxy.newProxyInstance(
                JobQueue.class.getClassLoader(), new Class<?>[] {JobQueue.class}, (proxy, called, args) -> {
                    if (called.getName().equals("outlook")) {
                        switch (asked.incrementAndGet()) {
                            case 1 -> {}
                            case 2 -> throw wordless;
                            default -> askedAgain.release();
                        }
                    }
                    return called.invoke(queue, args);
                });
        start(worker(broken, provider));
        everyJobEnds(20);
        // An idle worker asks again and again.
        assertTrue(askedAgain.tryAcquire(20, TimeUnit.SECONDS), "the desk is dead");
        everyJobEnds(21);
    }

    @Test
    void errorsInAPollAreTheHostsAndWhatWasInHandComesBack() throws Exception {
        JobQueue broken = new Errors(1).in(JobQueue.class, queue, "settle");
        SpeechWorker worker = worker(broken, provider).build();
        jobs.submit(JobRequest.builder("alice").phrase("card", "en", "Hello").build());
        assertThrows(OutOfMemoryError.class, worker::poll);
        assertEquals(1, worker.poll());
        assertEquals(1, provider.calls().size());
        assertTrue(ended.tryAcquire());
    }
}
