package dev.ttsjobs.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.SpeechJobs;
import dev.ttsjobs.contract.RealTime;
import dev.ttsjobs.event.JobListener;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobRequest;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.queue.JobQueue;
import dev.ttsjobs.speech.SpeechAudio;
import dev.ttsjobs.speech.SpeechException;
import dev.ttsjobs.speech.SpeechRequest;
import dev.ttsjobs.speech.SpeechSynthesizer;
import dev.ttsjobs.speech.SpeechSynthesizer.CallHandle;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.testing.ScriptedSynthesizer;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The worker with its real threads, on a queue in memory. */
class SpeechWorkerTest {

    private final JobQueue queue = JobQueue.inMemory(InstantSource.system());
    private final AudioStorage storage = AudioStorage.inMemory();
    private final SpeechJobs jobs = SpeechJobs.builder(queue).build();
    private final Ends ends = new Ends();
    private final List<SpeechWorker> workers = new ArrayList<>();

    @AfterEach
    void closeWorkers() {
        workers.forEach(worker -> worker.close(Duration.ofSeconds(1)));
    }

    @Test
    void aJobIsWorkedInTheBackground() throws Exception {
        ScriptedSynthesizer provider = new ScriptedSynthesizer();
        start(provider);
        JobId id = jobs.submit(numbered(200)).id();
        ends.await(1);
        assertEquals(JobStatus.COMPLETED, find(id).status());
        assertEquals(200, provider.calls().size());
    }

    @Test
    void twoWorkersAndTenEqualJobsBuyEachClipOnce() throws Exception {
        ScriptedSynthesizer provider = new ScriptedSynthesizer();
        for (int i = 0; i < 10; i++) {
            jobs.submit(numbered(50));
        }
        start(provider);
        start(provider);
        ends.await(10);
        assertEquals(50, provider.calls().size());
    }

    @Test
    void untilAnAnswerHasComeOneCallFindsOut() throws Exception {
        Gated provider = new Gated();
        start(provider);
        jobs.submit(numbered(30));
        provider.arrived.acquire();
        assertFalse(provider.arrived.tryAcquire(200, TimeUnit.MILLISECONDS), "a second call before the first answer");
        provider.gate.release();
        assertTrue(provider.arrived.tryAcquire(8, 10, TimeUnit.SECONDS), "then many at once");
        provider.gate.release(1000);
        ends.await(1);
    }

    @Test
    void anEmptyPurseCostsOneCall() throws Exception {
        Failure quota = Failure.of(FailureKind.QUOTA_EXHAUSTED, "insufficient_quota", "no credit");
        ScriptedSynthesizer provider = new ScriptedSynthesizer();
        for (int i = 0; i < 100; i++) {
            provider.failNext(quota);
        }
        start(provider);
        JobId id = jobs.submit(numbered(100)).id();
        assertTrue(ends.paused.await(10, TimeUnit.SECONDS));
        workers.get(0).close(Duration.ofSeconds(5));
        assertEquals(1, provider.calls().size());
        assertEquals(0, find(id).progress().processed());
        assertEquals(100, queue.depth().queued());
        assertEquals(0, queue.depth().leased());
    }

    @Test
    void whatIsPausedByHandIsNotCalledAndGoesOnAtOnceWhenResumed() throws Exception {
        Gated provider = new Gated();
        provider.gate.release(1000);
        jobs.pause(provider.account(), "not now");
        start(provider);
        JobId id = jobs.submit(numbered(30)).id();
        assertTrue(ends.paused.await(10, TimeUnit.SECONDS));
        jobs.submit(numbered(31));
        assertFalse(provider.arrived.tryAcquire(200, TimeUnit.MILLISECONDS), "paused");
        assertEquals("not now", find(id).progress().waitingFor().failure().message());
        long resumed = System.nanoTime();
        assertTrue(jobs.resume(provider.account()));
        provider.arrived.acquire();
        long waited = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - resumed);
        assertTrue(waited < 2_000, "called " + waited + " ms later; it looks by itself after 4 s only");
        ends.await(2);
    }

    @Test
    void aPauseByHandIsHeardAtOnceAndNothingIsCalledThatStoodReady() throws Exception {
        Gated provider = new Gated();
        start(provider);
        jobs.submit(numbered(100));
        provider.arrived.acquire();
        provider.gate.release();
        provider.arrived.acquire(16);
        jobs.pause(provider.account(), "not now");
        // Up to sixteen stand ready behind those sixteen, of which none ends.
        assertTrue(ends.paused.await(10, TimeUnit.SECONDS));
        provider.gate.release(1000);
        assertTimeoutPreemptively(Duration.ofSeconds(10), () -> {
            while (queue.depth().leased() > 0) {
                Thread.onSpinWait();
            }
        });
        assertEquals(17, provider.calls.get());
    }

    @Test
    void closingLetsCallsEndAndGivesTheRestBack() throws Exception {
        Gated provider = new Gated();
        SpeechWorker worker = start(provider);
        JobId id = jobs.submit(numbered(30)).id();
        provider.arrived.acquire();
        provider.gate.release();
        provider.arrived.acquire(4);
        CountDownLatch closed = new CountDownLatch(1);
        new Thread(() -> {
                    worker.close(Duration.ofSeconds(20));
                    closed.countDown();
                })
                .start();
        provider.gate.release(1000);
        assertTrue(closed.await(10, TimeUnit.SECONDS));
        assertEquals(0, queue.depth().leased());
        assertEquals(provider.calls.get(), find(id).progress().processed());
        assertEquals(30 - provider.calls.get(), queue.depth().queued());
    }

    /** As when a process is told to end in the middle of a long call: its lease must outlive the call. */
    @Test
    void whileCallsEndTheHeartBeatsOnAndNothingIsClaimed() throws Exception {
        Gated provider = new Gated();
        AtomicInteger beats = new AtomicInteger();
        AtomicInteger claims = new AtomicInteger();
        JobQueue watched = (JobQueue) Proxy.newProxyInstance(
                JobQueue.class.getClassLoader(), new Class<?>[] {JobQueue.class}, (proxy, method, arguments) -> {
                    switch (method.getName()) {
                        case "beat" -> beats.incrementAndGet();
                        case "claim" -> claims.incrementAndGet();
                        default -> {}
                    }
                    return method.invoke(queue, arguments);
                });
        SpeechWorker worker = SpeechWorker.builder(watched, storage, provider)
                .limit(RateLimit.UNLIMITED)
                .lease(Duration.ofSeconds(1))
                .pollInterval(Duration.ofMillis(20))
                .listener(ends)
                .build()
                .start();
        JobId id = jobs.submit(numbered(30)).id();
        provider.arrived.acquire();
        Thread closing = new Thread(() -> worker.close(Duration.ofSeconds(30)));
        closing.start();
        RealTime.await(Duration.ofSeconds(10), () -> queue.depth().leased() == 1);
        int claimed = claims.get();
        int beaten = beats.get();
        RealTime.await(Duration.ofSeconds(10), () -> beats.get() >= beaten + 3);
        assertEquals(1, queue.depth().leased());
        provider.gate.release(1000);
        closing.join();
        assertEquals(claimed, claims.get());
        assertEquals(1, find(id).progress().processed());
        assertEquals(1, provider.calls.get());
    }

    @Test
    void callsThatOutlastTheGraceAreCutAndGoBack() throws Exception {
        Gated provider = new Gated();
        SpeechWorker worker = start(provider);
        jobs.submit(numbered(3));
        provider.arrived.acquire();
        worker.close(Duration.ofMillis(50));
        assertEquals(0, queue.depth().leased());
        assertEquals(3, queue.depth().queued());
        assertEquals(1, provider.cut.get());
    }

    @Test
    void cancellingStartsNoOtherCallAndKeepsTheAudioOfTheOneUnderWay() throws Exception {
        Gated provider = new Gated();
        start(provider);
        JobId id = jobs.submit(numbered(30)).id();
        provider.arrived.acquire();
        jobs.cancel(id);
        provider.gate.release(1000);
        workers.get(0).close(Duration.ofSeconds(10));
        assertEquals(1, provider.calls.get());
        assertEquals(0, provider.cut.get());
        assertEquals(0, queue.depth().queued());
        assertEquals(1, find(id).usage().billedClips());
        // Which of the clips in hand is called first is the threads' affair.
        assertEquals(1, jobs.estimate(numbered(30)).cachedClips());
    }

    @Test
    void whatWasClaimedInALostAnswerComesBackThoughTheWorkerLives() throws Exception {
        ScriptedSynthesizer provider = new ScriptedSynthesizer();
        jobs.submit(numbered(30));
        workers.add(SpeechWorker.builder(LostAnswers.of(queue, "claim"), storage, provider)
                .limit(RateLimit.UNLIMITED)
                .pollInterval(Duration.ofMillis(20))
                .listener(ends)
                .build()
                .start());
        ends.await(1);
        assertEquals(30, provider.calls().size());
    }

    @Test
    void aWorkerIsStartedOnceAndPollIsForTheOthers() {
        SpeechWorker worker = start(new ScriptedSynthesizer());
        assertThrows(IllegalStateException.class, worker::start);
        assertThrows(IllegalStateException.class, worker::poll);
        worker.close();
        worker.close();
        assertThrows(IllegalStateException.class, worker::poll);
    }

    @Test
    void aListenerThatThrowsHarmsNobody() throws Exception {
        JobListener broken = new JobListener() {
            @Override
            public void jobChanged(JobId id) {
                throw new IllegalStateException("broken listener");
            }

            @Override
            public void jobEnded(JobId id) {
                ends.jobEnded(id);
            }
        };
        workers.add(SpeechWorker.builder(queue, storage, new ScriptedSynthesizer())
                .limit(RateLimit.UNLIMITED)
                .listener(broken)
                .build()
                .start());
        jobs.submit(numbered(10));
        ends.await(1);
    }

    private SpeechWorker start(SpeechSynthesizer provider) {
        SpeechWorker worker = SpeechWorker.builder(queue, storage, provider)
                .limit(RateLimit.UNLIMITED)
                .listener(ends)
                .build()
                .start();
        workers.add(worker);
        return worker;
    }

    private Job find(JobId id) {
        return jobs.find(id).orElseThrow();
    }

    private static JobRequest numbered(int count) {
        JobRequest.Builder request = JobRequest.builder("alice");
        for (int i = 0; i < count; i++) {
            request.phrase("card-" + i, "en", "Sentence number " + i);
        }
        return request.build();
    }

    private static final class Ends implements JobListener {
        private final Semaphore ended = new Semaphore(0);
        private final CountDownLatch paused = new CountDownLatch(1);

        @Override
        public void jobEnded(JobId id) {
            ended.release();
        }

        @Override
        public void accountChanged(String account, Failure failure) {
            paused.countDown();
        }

        void await(int jobs) throws InterruptedException {
            assertTrue(ended.tryAcquire(jobs, 30, TimeUnit.SECONDS), "the jobs did not end");
        }
    }

    /** A provider whose answers wait until they are let go. */
    private static final class Gated implements SpeechSynthesizer {
        private final ScriptedSynthesizer answers = new ScriptedSynthesizer();
        private final Semaphore arrived = new Semaphore(0);
        private final Semaphore gate = new Semaphore(0);
        private final AtomicInteger calls = new AtomicInteger();
        private final AtomicInteger cut = new AtomicInteger();

        @Override
        public SpeechAudio synthesize(SpeechRequest request, CallHandle handle) {
            calls.incrementAndGet();
            handle.onAbort(() -> {
                cut.incrementAndGet();
                gate.release();
            });
            arrived.release();
            gate.acquireUninterruptibly();
            if (handle.isAborted()) {
                throw new SpeechException(Failure.of(FailureKind.TRANSPORT, "aborted", "cut"));
            }
            return answers.synthesize(request, handle);
        }

        @Override
        public String account() {
            return "gated";
        }

        @Override
        public String family() {
            return "openai";
        }
    }
}
