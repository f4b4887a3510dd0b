package dev.ttsjobs.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.SpeechJobs;
import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.contract.Jobs;
import dev.ttsjobs.contract.RealTime;
import dev.ttsjobs.event.JobListener;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.queue.JobQueue;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.storage.StorageException;
import dev.ttsjobs.testing.ScriptedSynthesizer;
import dev.ttsjobs.time.ManualTime;
import dev.ttsjobs.time.Ticker;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A storage that refuses, and a provider that counts: what was bought is kept, and no more is bought meanwhile. */
class FullStorageTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int TEXTS = 100;
    private static final int CONCURRENCY = 4;

    private final AudioStorage whole = AudioStorage.inMemory();
    /** The methods that are refused. */
    private final Set<String> refused = ConcurrentHashMap.newKeySet();

    /** Whether it refuses without a word of being full. */
    private volatile boolean odd;

    private final AudioStorage storage = (AudioStorage) Proxy.newProxyInstance(
            AudioStorage.class.getClassLoader(), new Class<?>[] {AudioStorage.class}, (proxy, method, arguments) -> {
                if (refused.contains(method.getName())) {
                    throw odd || refused.contains("check")
                            ? new StorageException("/home/ann/audio cannot be written")
                            : new StorageException.Full("/home/ann/audio is full", null);
                }
                try {
                    return method.invoke(whole, arguments);
                } catch (InvocationTargetException e) {
                    throw e.getCause();
                }
            });

    private final CountDownLatch mended = new CountDownLatch(1);
    private final ScriptedSynthesizer provider = new ScriptedSynthesizer();
    private final Heard heard = new Heard();
    private final List<SpeechWorker> workers = new ArrayList<>();

    private static final class Heard implements JobListener {

        private final List<String> storage = Collections.synchronizedList(new ArrayList<>());
        private final List<Failure> failures = Collections.synchronizedList(new ArrayList<>());

        @Override
        public void storageChanged(Failure failure) {
            storage.add(failure == null ? "works" : failure.code());
        }

        @Override
        public void clipFailed(ClipKey key, Failure failure, boolean givenUp) {
            failures.add(failure);
        }
    }

    @AfterEach
    void close() {
        workers.forEach(worker -> worker.close(Duration.ofSeconds(1)));
        whole.close();
    }

    private SpeechWorker worker(JobQueue queue, AudioStorage itsStorage) {
        SpeechWorker worker = SpeechWorker.builder(queue, itsStorage, provider)
                .limit(RateLimit.UNLIMITED)
                .concurrency(CONCURRENCY)
                .time(Ticker.system(), rest -> mended.await(rest.toNanos(), TimeUnit.NANOSECONDS))
                .listener(heard)
                .build();
        workers.add(worker);
        return worker;
    }

    private void mend() {
        refused.clear();
        mended.countDown();
    }

    private static JobId submit(JobQueue queue) {
        return queue.submit(Jobs.of("ann")
                        .say(IntStream.range(0, TEXTS)
                                .mapToObj(i -> "text " + i)
                                .toArray(String[]::new))
                        .build())
                .id();
    }

    @ParameterizedTest
    @ValueSource(strings = {"put", "put,check", "put,check,find,open"})
    void whatWasBoughtIsKeptAndNoMoreIsBoughtUntilThereIsRoom(String what) throws Exception {
        JobQueue queue = JobQueue.inMemory(InstantSource.system());
        SpeechJobs jobs = SpeechJobs.builder(queue).build();
        refused.addAll(List.of("put", "put,check".equals(what) ? "check" : "put"));
        worker(queue, storage).start();
        JobId id = submit(queue);
        RealTime.await(PATIENCE, () -> jobs.find(id).orElseThrow().progress().waitingFor() != null);
        refused.addAll(List.of(what.split(",")));
        Job.WaitingFor waits = jobs.find(id).orElseThrow().progress().waitingFor();
        assertEquals(FailureKind.STORAGE, waits.failure().kind());
        assertEquals(
                "put,check".equals(what) ? "storage_failed" : "storage_full",
                waits.failure().code());
        assertTrue(!waits.failure().message().contains("/home"), waits.failure().message());
        int bought = provider.calls().size();
        assertTrue(bought <= 2 * CONCURRENCY, bought + " were bought");
        // The rest is anybody's.
        RealTime.await(PATIENCE, () -> queue.depth().queued() == TEXTS - bought);
        assertEquals(bought, provider.calls().size());
        assertEquals(bought, queue.depth().leased());

        mend();
        RealTime.await(PATIENCE, () -> jobs.find(id).orElseThrow().status().hasEnded());
        Job job = jobs.find(id).orElseThrow();
        assertEquals(JobStatus.COMPLETED, job.status());
        assertEquals(0, job.progress().failed());
        assertEquals(TEXTS, provider.calls().size(), "nothing was bought twice");
        assertEquals(TEXTS, job.usage().billedClips());
        assertEquals(List.of(waits.failure().code(), "works"), heard.storage);
        assertEquals(List.of(), heard.failures);
    }

    @ParameterizedTest
    @ValueSource(strings = {"find", "spoolDirectory"})
    void whatCannotEvenBeLookedForIsNotCalledForAtAll(String what) throws Exception {
        JobQueue queue = JobQueue.inMemory(InstantSource.system());
        SpeechJobs jobs = SpeechJobs.builder(queue).build();
        refused.addAll(List.of("check", what));
        worker(queue, storage).start();
        JobId id = submit(queue);
        RealTime.await(PATIENCE, () -> jobs.find(id).orElseThrow().progress().waitingFor() != null);
        assertEquals(0, provider.calls().size());
        RealTime.await(PATIENCE, () -> queue.depth().queued() == TEXTS);
        mend();
        RealTime.await(PATIENCE, () -> jobs.find(id).orElseThrow().status().hasEnded());
        assertEquals(TEXTS, provider.calls().size());
        assertEquals(List.of("storage_failed", "works"), heard.storage);
        assertEquals(List.of(), heard.failures);
    }

    @ParameterizedTest
    @ValueSource(strings = {"put", "find"})
    void anotherWorkerWhoseStorageWorksGoesOn(String what) throws Exception {
        JobQueue queue = JobQueue.inMemory(InstantSource.system());
        SpeechJobs jobs = SpeechJobs.builder(queue).build();
        refused.addAll(List.of("check", what));
        worker(queue, storage).start();
        JobId id = submit(queue);
        RealTime.await(PATIENCE, () -> jobs.find(id).orElseThrow().progress().waitingFor() != null);
        int kept = provider.calls().size();
        worker(queue, whole).start();
        // All but what the first has bought, and keeps.
        RealTime.await(PATIENCE, () -> provider.calls().size() == TEXTS);
        RealTime.await(PATIENCE, () -> jobs.find(id).orElseThrow().progress().processed() == TEXTS - kept);
        mend();
        RealTime.await(PATIENCE, () -> jobs.find(id).orElseThrow().status().hasEnded());
        assertEquals(TEXTS, provider.calls().size());
        assertNull(jobs.find(id).orElseThrow().progress().waitingFor());
    }

    /** By hand, for hours: with a lease that would have run out, and pauses that stay short of a minute. */
    @ParameterizedTest
    @ValueSource(strings = {"put", "find"})
    void aWorkerThatIsDrivenByHandSaysSoTooAndKeepsWhatItHas(String what) throws Exception {
        ManualTime time = new ManualTime();
        JobQueue queue = JobQueue.inMemory(time);
        refused.addAll(List.of("check", what));
        JobId id = submit(queue);
        List<Job.WaitingFor> told = new ArrayList<>();
        SpeechWorker worker = SpeechWorker.builder(queue, storage, provider)
                .limit(RateLimit.UNLIMITED)
                .random(new Random(1))
                .time(time, duration -> {
                    time.advance(duration);
                    told.add(queue.find(id).orElseThrow().progress().waitingFor());
                    if (told.size() == 1000) {
                        mend();
                    }
                })
                .build();
        while (!queue.find(id).orElseThrow().status().hasEnded()) {
            worker.poll();
        }
        // The first rest may be for a slot.
        List<Job.WaitingFor> meanwhile = told.subList(1, 1000);
        assertEquals(1, meanwhile.stream().distinct().count(), meanwhile.get(0) + " to " + meanwhile.get(998));
        assertEquals("storage_failed", meanwhile.get(0).failure().code());
        assertEquals(JobStatus.COMPLETED, queue.find(id).orElseThrow().status());
        assertEquals(TEXTS, provider.calls().size());
        assertNull(queue.find(id).orElseThrow().progress().waitingFor());
    }

    /** A permission to write that is gone, say, while a check has another one: each file by itself could be a chance. */
    @Test
    void manyFilesThatAreRefusedAreAnOutageWhateverTheStorageSays() throws Exception {
        JobQueue queue = JobQueue.inMemory(InstantSource.system());
        SpeechJobs jobs = SpeechJobs.builder(queue).build();
        odd = true;
        worker(queue, storage).start();
        JobId first = queue.submit(Jobs.of("ann").say("first").build()).id();
        RealTime.await(PATIENCE, () -> jobs.find(first).orElseThrow().status().hasEnded());
        refused.add("put");
        JobId id = submit(queue);
        RealTime.await(PATIENCE, () -> jobs.find(id).orElseThrow().progress().waitingFor() != null);
        assertTrue(provider.calls().size() <= 2 * CONCURRENCY);
        mend();
        RealTime.await(PATIENCE, () -> jobs.find(id).orElseThrow().status().hasEnded());
        assertEquals(TEXTS + 1, provider.calls().size());
        assertEquals(List.of("storage_failed", "works"), heard.storage);
    }
}
