package dev.ttsjobs.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ttsjobs.queue.ClipQueue;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import dev.ttsjobs.queue.JobQueue;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.testing.ScriptedSynthesizer;
import dev.ttsjobs.time.ManualTime;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Calls are cut when the lease that they are made under cannot be renewed, before another worker may make them again. */
class HeartTest {

    private static final Duration LEASE = Duration.ofSeconds(20);

    private final ManualTime time = new ManualTime();
    private final JobQueue sound = JobQueue.inMemory(time);
    private final Heart heart = heart();
    /** What happens to a beat on its way. */
    private Runnable wire = () -> {};

    private int cuts;

    private Heart heart() {
        ClipQueue queue = (ClipQueue) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {ClipQueue.class}, (proxy, called, args) -> {
                    if (called.getName().equals("beat")) {
                        wire.run();
                    }
                    try {
                        return called.invoke(sound, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        WorkerSettings settings = SpeechWorker.builder(sound, AudioStorage.inMemory(), new ScriptedSynthesizer())
                .lease(LEASE)
                .time(time, time)
                .random(new Random(1))
                .build()
                .settings;
        return new Heart(queue, new WorkerId(new UUID(0, 1)), settings, unwanted -> {}, () -> cuts++, () -> null);
    }

    /** A beat while clips are held, and a look of the watch just after. */
    private void beatAt(int second) {
        time.advanceTo(new ManualTime().instant().plusSeconds(second));
        heart.tick(() -> true);
        heart.cutWhatRanOut();
    }

    private static void fail() {
        throw new IllegalStateException("the database is away");
    }

    private void hang(int seconds) {
        time.advance(Duration.ofSeconds(seconds));
    }

    @Test
    void callsAreCutOnceTheLeaseRanOutUnrenewedAndNoSooner() {
        beatAt(0);
        wire = HeartTest::fail;
        beatAt(7);
        beatAt(14);
        beatAt(19);
        assertEquals(0, cuts);
        beatAt(20);
        assertEquals(1, cuts);
    }

    @Test
    void whatIsLetThroughLaterIsCutToo() {
        beatAt(0);
        wire = HeartTest::fail;
        beatAt(20);
        beatAt(21);
        assertEquals(1, cuts);
        beatAt(27);
        assertEquals(2, cuts);
    }

    @Test
    void aBeatThatHangsDoesNotKeepCallsFromBeingCut() {
        beatAt(0);
        wire = () -> {
            hang(12);
            heart.cutWhatRanOut();
            assertEquals(0, cuts, "at 19 s");
            hang(1);
            heart.cutWhatRanOut();
            assertEquals(1, cuts, "while the beat still hangs, at 20 s");
            fail();
        };
        beatAt(7);
        assertEquals(1, cuts);
    }

    @Test
    void anAnswerToTheDesksBeatDoesNotHideThatTheHeartsOwnHangs() {
        beatAt(0);
        wire = () -> {
            wire = () -> {};
            hang(1);
            heart.beatIfDue();
            hang(19);
            heart.cutWhatRanOut();
            assertEquals(0, cuts, "at 27 s, renewed at 8 s");
            hang(1);
            heart.cutWhatRanOut();
            assertEquals(1, cuts, "at 28 s, while the other beat still hangs");
            fail();
        };
        beatAt(7);
        assertEquals(1, cuts);
    }

    @Test
    void aLeaseCountsFromWhenItWasAskedForNotFromTheAnswer() {
        wire = () -> hang(9);
        beatAt(0);
        wire = HeartTest::fail;
        beatAt(19);
        assertEquals(0, cuts);
        beatAt(20);
        assertEquals(1, cuts);
    }

    @Test
    void aRenewedLeaseIsAWholeOne() {
        beatAt(0);
        wire = HeartTest::fail;
        beatAt(14);
        wire = () -> {};
        beatAt(16);
        wire = HeartTest::fail;
        beatAt(23);
        beatAt(35);
        assertEquals(0, cuts);
        beatAt(36);
        assertEquals(1, cuts);
    }

    @Test
    void whoHeldNothingForAWhileHasNothingToCutWhenItClaimsAgain() {
        beatAt(0);
        time.advance(Duration.ofMinutes(5));
        wire = heart::cutWhatRanOut;
        heart.beatIfDue();
        heart.cutWhatRanOut();
        assertEquals(0, cuts);
    }

    @Test
    void whoNeverBeatHoldsNothing() {
        wire = HeartTest::fail;
        beatAt(7);
        beatAt(100);
        assertEquals(0, cuts);
    }
}
