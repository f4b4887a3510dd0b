package dev.ttsjobs.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.SpeechJobs;
import dev.ttsjobs.contract.Jobs;
import dev.ttsjobs.contract.RealTime;
import dev.ttsjobs.event.JobListener;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.queue.JobQueue;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.storage.StorageException;
import dev.ttsjobs.testing.ScriptedSynthesizer;
import dev.ttsjobs.time.ManualTime;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What was bought stays bought when something else goes wrong while the storage is out. */
@Timeout(60)
class KeptAudioTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final AudioStorage whole = AudioStorage.inMemory();
    private final ScriptedSynthesizer provider = new ScriptedSynthesizer();
    private final List<SpeechWorker> workers = new ArrayList<>();

    @AfterEach
    void close() {
        workers.forEach(worker -> worker.close(Duration.ofSeconds(1)));
        whole.close();
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private static Object pass(Object to, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(to, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static void await(Thread thread) {
        RealTime.await(PATIENCE, () -> thread.getState() == Thread.State.TERMINATED);
    }

    private SpeechWorker.Builder worker(JobQueue queue, AudioStorage storage) {
        return SpeechWorker.builder(queue, storage, provider)
                .limit(RateLimit.UNLIMITED)
                .pollInterval(Duration.ofMillis(20));
    }

    private void start(SpeechWorker.Builder builder) {
        SpeechWorker worker = builder.build();
        workers.add(worker);
        worker.start();
    }

    /** As the connection pool of an SDK does that was shut down, or a storage of the host's own. */
    @Test
    void aStorageThatThrowsWhatItShouldNotCostsNoSecondCall() {
        JobQueue queue = JobQueue.inMemory(InstantSource.system());
        SpeechJobs jobs = SpeechJobs.builder(queue).build();
        AtomicInteger left = new AtomicInteger(2);
        start(worker(queue, proxy(AudioStorage.class, (self, method, arguments) -> {
            if (method.getName().equals("put") && left.getAndDecrement() > 0) {
                throw new IllegalStateException("Connection pool shut down");
            }
            if (method.getName().equals("check") && left.get() > 0) {
                throw new IllegalStateException("Connection pool shut down");
            }
            return pass(whole, method, arguments);
        })));
        JobId id = queue.submit(Jobs.of("ann").say("hello").build()).id();
        RealTime.await(PATIENCE, () -> jobs.find(id).orElseThrow().status().hasEnded());
        assertEquals(JobStatus.COMPLETED, jobs.find(id).orElseThrow().status());
        assertEquals(1, provider.calls().size());
    }

    /** As when a network is gone, and with it the database and the storage. */
    @Test
    void leasesThatRunOutMeanwhileCostNoSecondCall() {
        JobQueue queue = JobQueue.inMemory(InstantSource.system());
        SpeechJobs jobs = SpeechJobs.builder(queue).build();
        AtomicBoolean out = new AtomicBoolean();
        AtomicInteger beats = new AtomicInteger();
        JobQueue reached = proxy(JobQueue.class, (self, method, arguments) -> {
            boolean beat = method.getName().equals("beat");
            if (out.get() && !method.getName().equals("clock")) {
                beats.addAndGet(beat ? 1 : 0);
                throw new IllegalStateException("the database is away");
            }
            return pass(queue, method, arguments);
        });
        AudioStorage storage = proxy(AudioStorage.class, (self, method, arguments) -> {
            if (method.getName().equals("put") && beats.get() == 0) {
                out.set(true);
            }
            if (out.get() && List.of("put", "check", "find", "open").contains(method.getName())) {
                throw new StorageException("the storage is away");
            }
            return pass(whole, method, arguments);
        });
        start(worker(reached, storage).lease(Duration.ofSeconds(1)));
        JobId id = queue.submit(Jobs.of("ann").say("hello").build()).id();
        // Beats come three times in a lease.
        RealTime.await(PATIENCE, () -> beats.get() >= 8);
        out.set(false);
        RealTime.await(PATIENCE, () -> jobs.find(id).orElseThrow().status().hasEnded());
        assertEquals(JobStatus.COMPLETED, jobs.find(id).orElseThrow().status());
        assertEquals(1, provider.calls().size());
    }

    @Test
    void aThreadThatCannotBeMadeDoesNotKeepTheOutageForEver() {
        JobQueue queue = JobQueue.inMemory(InstantSource.system());
        SpeechJobs jobs = SpeechJobs.builder(queue).build();
        AtomicBoolean out = new AtomicBoolean(true);
        AtomicInteger refused = new AtomicInteger();
        ThreadFactory right = new WorkerThreads();
        AudioStorage storage = proxy(AudioStorage.class, (self, method, arguments) -> {
            if (out.get() && List.of("find", "check").contains(method.getName())) {
                throw new StorageException("the storage is away");
            }
            return pass(whole, method, arguments);
        });
        // The desk, the heart and the watch have theirs, and the clip.
        AtomicInteger made = new AtomicInteger();
        start(worker(queue, storage)
                .threads(work -> {
                    if (made.incrementAndGet() == 5) {
                        refused.incrementAndGet();
                        throw new OutOfMemoryError("unable to create native thread");
                    }
                    return right.newThread(work);
                })
                .listener(new JobListener() {
                    @Override
                    public void storageChanged(@Nullable Failure failure) {
                        // In the clip's thread, which is not to be there for the next task.
                        RealTime.await(PATIENCE, () -> refused.get() > 0);
                    }
                }));
        JobId id = queue.submit(Jobs.of("ann").say("hello").build()).id();
        RealTime.await(PATIENCE, () -> refused.get() > 0);
        out.set(false);
        RealTime.await(PATIENCE, () -> jobs.find(id).orElseThrow().status().hasEnded());
        assertEquals(1, provider.calls().size());
    }

    @Test
    void aBeatThatIsUnderWayAtTheEndLeavesNobodyBehindWhoWaits() {
        JobQueue queue = JobQueue.inMemory(InstantSource.system());
        SpeechJobs jobs = SpeechJobs.builder(queue).build();
        AtomicBoolean slow = new AtomicBoolean();
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch left = new CountDownLatch(1);
        JobQueue reached = proxy(JobQueue.class, (self, method, arguments) -> {
            if (method.getName().equals("beat") && slow.get()) {
                begun.countDown();
                left.await(500, TimeUnit.MILLISECONDS);
            }
            Object answer = pass(queue, method, arguments);
            if (method.getName().equals("leave")) {
                left.countDown();
            }
            return answer;
        });
        AudioStorage storage = proxy(AudioStorage.class, (self, method, arguments) -> {
            throw new StorageException("the storage is away");
        });
        List<Thread> ended = new CopyOnWriteArrayList<>();
        ThreadFactory right = new WorkerThreads();
        start(worker(reached, storage).lease(Duration.ofSeconds(1)).threads(work -> {
            Thread thread = right.newThread(work);
            // The desk, the heart and the watch; the others rest for a while.
            if (ended.size() < 3) {
                ended.add(thread);
            }
            return thread;
        }));
        JobId id = queue.submit(Jobs.of("ann").say("hello").build()).id();
        RealTime.await(PATIENCE, () -> jobs.find(id).orElseThrow().progress().waitingFor() != null);
        slow.set(true);
        RealTime.await(PATIENCE, () -> begun.getCount() == 0);
        workers.get(0).close(Duration.ofSeconds(1));
        RealTime.await(PATIENCE, () -> left.getCount() == 0);
        ended.forEach(KeptAudioTest::await);
        assertNull(jobs.find(id).orElseThrow().progress().waitingFor());
    }

    /** A worker that is driven by hand, and has nothing left to do. */
    @Test
    void whatWaitsNoLongerIsNotSaidToWait() throws Exception {
        ManualTime time = new ManualTime();
        JobQueue queue = JobQueue.inMemory(time);
        AtomicInteger left = new AtomicInteger(3);
        AudioStorage storage = proxy(AudioStorage.class, (self, method, arguments) -> {
            if (method.getName().equals("put") && left.getAndDecrement() > 0) {
                throw new StorageException.Full("it is full", null);
            }
            return pass(whole, method, arguments);
        });
        SpeechWorker worker =
                worker(queue, storage).random(new Random(1)).time(time, time).build();
        queue.submit(Jobs.of("ann").say("hello").build());
        worker.poll();
        JobId next = queue.submit(Jobs.of("ann").say("you").build()).id();
        assertEquals(1, provider.calls().size());
        assertNull(queue.find(next).orElseThrow().progress().waitingFor());
    }

    @Test
    void whoeverIsToldIsToldInTheOrderInWhichItHappened() throws Exception {
        List<String> told = new CopyOnWriteArrayList<>();
        AtomicBoolean out = new AtomicBoolean(true);
        AudioStorage storage = proxy(AudioStorage.class, (self, method, arguments) -> {
            throw new StorageException("it is away");
        });
        StorageOutage outage =
                new StorageOutage(storage, time -> {}, failure -> told.add(failure == null ? "works" : failure.code()));
        StorageException refused = new StorageException("it is away") {
            private static final long serialVersionUID = 1L;

            @Override
            public String getMessage() {
                if (out.getAndSet(false)) {
                    // Another thread has stored something while this one is about to say that it could not.
                    Thread other = new Thread(outage::worked);
                    other.start();
                    RealTime.await(PATIENCE, () -> told.size() == 1 || other.getState() == Thread.State.BLOCKED);
                }
                return "it is away";
            }
        };
        outage.isWhy(refused);
        RealTime.await(PATIENCE, () -> told.size() == 2);
        assertEquals(List.of("storage_failed", "works"), told);
    }

    /** There is always room for a check, once what did not fit is removed again. */
    @Test
    void whatIsTooLargeForTheRoomThatIsLeftIsNotTriedTwiceASecond() throws Exception {
        ManualTime time = new ManualTime();
        List<String> told = new ArrayList<>();
        StorageOutage outage =
                new StorageOutage(whole, time, failure -> told.add(failure == null ? "works" : failure.code()));
        Instant end = time.instant().plus(Duration.ofHours(1));
        while (time.instant().isBefore(end)) {
            outage.isWhy(new StorageException.Full("it is full", null));
            outage.look();
        }
        assertTrue(told.size() < 600, told.size() + " times");
        outage.worked();
        Instant before = time.instant();
        outage.isWhy(new StorageException.Full("it is full", null));
        outage.look();
        assertTrue(time.instant().isBefore(before.plusSeconds(1)), "it is looked for soon again");
    }
}
