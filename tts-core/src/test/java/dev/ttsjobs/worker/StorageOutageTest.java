package dev.ttsjobs.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.contract.Jobs;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.queue.JobQueue;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.storage.StorageException;
import dev.ttsjobs.testing.TtsHarness;
import dev.ttsjobs.time.ManualTime;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A storage that is away for a while, and a long queue. */
class StorageOutageTest {

    private static final int TEXTS = 50;

    private final ManualTime time = new ManualTime();
    private final Instant end = time.instant().plus(Duration.ofMinutes(10));
    private int asked;

    /** Of this only what is asked of it in vain is counted. */
    private AudioStorage awayUntilTheEnd(AudioStorage storage) {
        return (AudioStorage) Proxy.newProxyInstance(
                AudioStorage.class.getClassLoader(),
                new Class<?>[] {AudioStorage.class},
                (proxy, method, arguments) -> {
                    if (time.instant().isBefore(end) && !method.getName().equals("close")) {
                        asked++;
                        throw new StorageException("it is away");
                    }
                    try {
                        return method.invoke(storage, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    void isNotMetWithAllThatIsQueuedOverAndOverAndEndsWithAllOfItMadeOnce() {
        AudioStorage storage = awayUntilTheEnd(AudioStorage.inMemory());
        try (TtsHarness harness = TtsHarness.of(time, JobQueue.inMemory(time), storage, jobs -> {}, worker -> {})) {
            JobId job = harness.queue()
                    .submit(Jobs.of("ann")
                            .say(IntStream.range(0, TEXTS)
                                    .mapToObj(i -> "text " + i)
                                    .toArray(String[]::new))
                            .build())
                    .id();
            harness.drain();
            assertEquals(
                    JobStatus.COMPLETED, harness.jobs().find(job).orElseThrow().status());
            assertEquals(TEXTS, harness.synthesizer().calls().size());
        }
        // A look, a check, and another after a rest of 15 s: three in 15 s.
        assertTrue(asked < 140, asked + " times in ten minutes");
        assertTrue(time.instant().isBefore(end.plus(Duration.ofMinutes(1))), "and it is noticed soon");
    }
}
