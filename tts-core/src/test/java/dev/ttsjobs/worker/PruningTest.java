package dev.ttsjobs.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.queue.JobQueue;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.testing.ScriptedSynthesizer;
import dev.ttsjobs.time.ManualTime;
import dev.ttsjobs.time.Sleeper;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** When a worker prunes: by hand and in the background. */
class PruningTest {

    private final ManualTime time = new ManualTime();
    private final AudioStorage storage = AudioStorage.inMemory();
    private final AtomicInteger batches = new AtomicInteger();
    private final CountDownLatch pruned = new CountDownLatch(1);

    /** How many of the next batches leave more behind; less than 0 for a failure. */
    private int more;

    private final JobQueue queue = counting(JobQueue.inMemory(time));

    private JobQueue counting(JobQueue right) {
        Class<JobQueue> port = JobQueue.class;
        return port.cast(Proxy.newProxyInstance(port.getClassLoader(), new Class<?>[] {port}, (proxy, called, args) -> {
            if (called.getName().equals("prune")) {
                assertEquals(Duration.ofDays(30), args[0]);
                batches.incrementAndGet();
                pruned.countDown();
                if (more < 0) {
                    throw new IllegalStateException("no database");
                }
                return more-- > 0;
            }
            try {
                return called.invoke(right, args);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        }));
    }

    private SpeechWorker.Builder worker() {
        return SpeechWorker.builder(queue, storage, new ScriptedSynthesizer()).random(new Random(1));
    }

    @Test
    void anIdleWorkerLooksOnceAnHour() throws Exception {
        SpeechWorker worker = worker().time(time, time).build();
        for (int minutes = 0; minutes < 24 * 60; minutes++) {
            worker.poll();
            time.advance(Duration.ofMinutes(1));
        }
        assertTrue(batches.get() >= 24 && batches.get() <= 31, batches + " looks a day");
    }

    @Test
    void whileThereIsMoreABatchGoesEachTime() throws Exception {
        SpeechWorker worker = worker().time(time, time).build();
        more = 5;
        time.advance(Duration.ofHours(1));
        for (int i = 0; i < 20; i++) {
            worker.poll();
        }
        assertEquals(6, batches.get());
    }

    @Test
    void whatFailsIsTriedAgainLaterAndStopsNothingElse() throws Exception {
        SpeechWorker worker = worker().time(time, time).build();
        more = -1;
        time.advance(Duration.ofHours(1));
        assertEquals(0, worker.poll());
        worker.poll();
        assertEquals(1, batches.get());
        time.advance(Duration.ofHours(1));
        worker.poll();
        assertEquals(2, batches.get());
    }

    @Test
    void aStartedWorkerPrunesToo() throws Exception {
        try (SpeechWorker worker = worker().time(time, Sleeper.system())
                .lease(Duration.ofSeconds(1))
                .build()) {
            worker.start();
            boolean done = false;
            for (int hours = 0; hours < 200 && !done; hours++) {
                time.advance(Duration.ofHours(1));
                done = pruned.await(50, TimeUnit.MILLISECONDS);
            }
            assertTrue(done);
        }
    }
}
