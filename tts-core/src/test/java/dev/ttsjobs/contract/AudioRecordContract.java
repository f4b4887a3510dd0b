package dev.ttsjobs.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.ttsjobs.audio.AudioFacts;
import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.queue.ClipQueue.Outcome;
import dev.ttsjobs.queue.JobStore;
import dev.ttsjobs.queue.Lease;
import dev.ttsjobs.speech.AudioFormat;
import dev.ttsjobs.storage.StorageException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What every queue holds to about the audio on record. */
abstract class AudioRecordContract extends QueueFixture {

    @Test
    void audioIsListedInTheOrderOfItsKeysPageByPage() {
        queue.submit(Jobs.of("anna").say("one", "two", "three").build());
        List<Lease> leases = claimAndBegin(ann, 3);
        assertEquals(List.of(), queue.audio(null, 10), "nothing is made yet");
        time.advance(Duration.ofSeconds(5));
        settle(made(leases.get(0)), made(leases.get(1)), made(leases.get(2)));

        List<JobStore.AudioRecord> all = queue.audio(null, 10);
        assertEquals(
                leases.stream().map(lease -> lease.clip().key()).sorted().toList(),
                all.stream().map(JobStore.AudioRecord::key).toList());
        assertEquals(((Outcome.Made) made(leases.get(0))).facts(), all.get(0).facts());
        assertEquals(time.instant(), all.get(0).madeAt());
        assertEquals(all.subList(0, 2), queue.audio(null, 2));
        assertEquals(all.subList(2, 3), queue.audio(all.get(1).key(), 2));
        assertEquals(List.of(), queue.audio(all.get(2).key(), 2));
    }

    @Test
    void lostAudioIsMadeAgainOnceAndItsJobStaysEnded() {
        JobId job = queue.submit(Jobs.of("anna").say("one").build()).id();
        Lease first = claimAndBegin(ann, 1).get(0);
        settle(made(first));
        JobStore.AudioRecord record = queue.audio(null, 1).get(0);

        IllegalStateException cannot = new IllegalStateException("it cannot be removed");
        Runnable failing = () -> {
            throw cannot;
        };
        assertSame(cannot, assertThrows(IllegalStateException.class, () -> queue.lost(record, failing)));
        assertEquals(List.of(record), queue.audio(null, 1), "nothing has changed");
        assertEquals(List.of(), queue.claim(ann, 1));

        int[] removed = {0};
        assertTrue(queue.lost(record, () -> removed[0]++));
        assertFalse(queue.lost(record, () -> removed[0]++), "it is queued already");
        assertEquals(1, removed[0], "and what is there may be new");
        assertEquals(List.of(), queue.audio(null, 1));
        assertEquals(JobStatus.COMPLETED, queue.find(job).orElseThrow().status());
        Lease again = claimAndBegin(bob, 1).get(0);
        assertEquals(first.clip(), again.clip());
        AudioFacts other = new AudioFacts(AudioFormat.MP3, 9, Duration.ofMillis(7777), "cd".repeat(32));
        assertEquals(Set.of(), settle(new Outcome.Made(again, other, true)).lost());
        assertEquals(other, queue.audio(null, 1).get(0).facts());
        assertFalse(queue.lost(record), "what is on record now is another file");
        assertEquals(
                Duration.ofMillis(7777),
                queue.results(job, 0, 1).get(0).sides().get("en").audio().duration());
    }

    @Test
    void audioThatWasMadeAnewIsNotTheOldOneThoughItIsTheSameToTheByte() {
        queue.submit(Jobs.of("anna").say("one").build());
        settle(made(claimAndBegin(ann, 1).get(0)));
        JobStore.AudioRecord old = queue.audio(null, 1).get(0);
        assertTrue(queue.lost(old));
        time.advance(Duration.ofSeconds(5));
        settle(made(claimAndBegin(bob, 1).get(0)));
        JobStore.AudioRecord anew = queue.audio(null, 1).get(0);
        assertEquals(old.facts(), anew.facts());

        assertFalse(queue.lost(old, () -> fail("it is sound now, and was paid for")));
        assertEquals(List.of(anew), queue.audio(null, 1));
        assertTrue(queue.lost(anew));
    }

    @Test
    void aJoinedClipThatWasLostWaitsForAPartThatWasLostBefore() {
        Clip whole = Jobs.joined("one", "two");
        queue.submit(Jobs.of("anna").say(whole).build());
        List<Lease> parts = claimAndBegin(ann, 2);
        settle(made(parts.get(0)), made(parts.get(1)));
        settle(made(claimAndBegin(ann, 1).get(0)));
        for (ClipKey key : List.of(parts.get(0).clip().key(), whole.key())) {
            assertTrue(queue.lost(queue.audio(null, 9).stream()
                    .filter(record -> record.key().equals(key))
                    .findFirst()
                    .orElseThrow()));
        }
        List<Lease> next = claimAndBegin(ann, 9);
        assertEquals(
                List.of(parts.get(0).clip()), next.stream().map(Lease::clip).toList());
        settle(made(next.get(0)));
        assertEquals(whole, claimAndBegin(ann, 9).get(0).clip());
    }

    @Test
    void audioIsForgottenOnceNoJobRefersToItAndItIsOldEnough() {
        JobId first = queue.submit(Jobs.of("anna").say("one", "two").build()).id();
        claimAndBegin(ann, 2).forEach(lease -> settle(made(lease)));
        time.advance(Duration.ofDays(2));
        JobId second = queue.submit(Jobs.of("bob").say("two").build()).id();
        List<JobStore.AudioRecord> all = queue.audio(null, 9);
        List<ClipKey> keys = all.stream().map(JobStore.AudioRecord::key).toList();
        Clip one = Jobs.clip("one");
        assertEquals(Set.of(), queue.unused(keys), "ended jobs refer to their audio, too");
        assertEquals(Set.of(), queue.forget(all, time.instant()));

        pruneWhatIsADayOld();
        assertTrue(queue.find(first).isEmpty());
        assertEquals(
                Set.of(one.key()), queue.unused(keys), "the other phrase is shared with a job that is still there");
        assertEquals(Set.of(), queue.forget(all, time.instant().minus(Duration.ofDays(2))), "not old enough");
        assertEquals(2, queue.audio(null, 9).size());
        assertFalse(queue.whileForgotten(one.key(), () -> fail("it is on record")));

        assertEquals(Set.of(one.key()), queue.forget(all, time.instant()));
        assertEquals(Set.of(), queue.forget(all, time.instant()), "once");
        assertEquals(1, queue.audio(null, 9).size());
        assertEquals(Set.of(), queue.made(List.of(one.key())));
        AtomicInteger removed = new AtomicInteger();
        assertTrue(queue.whileForgotten(one.key(), removed::incrementAndGet));
        assertEquals(1, removed.get());
        assertEquals(JobStatus.COMPLETED, queue.find(second).orElseThrow().status());
    }

    @Test
    void whatWasForgottenIsMadeAgainForWhoeverWantsIt() {
        queue.submit(Jobs.of("anna").say("one").build());
        settle(made(claimAndBegin(ann, 1).get(0)));
        time.advance(Duration.ofDays(2));
        pruneWhatIsADayOld();
        JobStore.AudioRecord record = queue.audio(null, 1).get(0);
        assertEquals(Set.of(record.key()), queue.forget(List.of(record), time.instant()));

        JobId again = queue.submit(Jobs.of("bob").say("one").build()).id();
        assertFalse(queue.whileForgotten(record.key(), () -> fail("it is wanted again")));
        queue.beat(ann, Duration.ofMinutes(1));
        settle(made(claimAndBegin(ann, 1).get(0)));
        assertEquals(JobStatus.COMPLETED, queue.find(again).orElseThrow().status());
        assertFalse(queue.whileForgotten(record.key(), () -> fail("it is on record again")));
        assertEquals(Set.of(), queue.forget(queue.audio(null, 1), time.instant().plusSeconds(1)));
    }

    @Test
    void partsAreKeptAsLongAsSomeJobRefersToWhatIsJoinedFromThem() {
        Clip whole = Jobs.joined("one", "two");
        queue.submit(Jobs.of("anna").say(whole).build());
        claimAndBegin(ann, 2).forEach(lease -> settle(made(lease)));
        settle(made(claimAndBegin(ann, 1).get(0)));
        List<JobStore.AudioRecord> all = queue.audio(null, 9);
        assertEquals(3, all.size());
        time.advance(Duration.ofDays(2));
        assertEquals(Set.of(), queue.forget(all, time.instant()));
        pruneWhatIsADayOld();
        assertEquals(3, queue.forget(all, time.instant()).size());
    }

    @Test
    void whatFailsWhileSomethingIsForgottenComesThroughAndMayBeRepeated() {
        queue.submit(Jobs.of("anna").say("one").build());
        settle(made(claimAndBegin(ann, 1).get(0)));
        time.advance(Duration.ofDays(2));
        pruneWhatIsADayOld();
        ClipKey key = queue.audio(null, 1).get(0).key();
        queue.forget(queue.audio(null, 1), time.instant());
        StorageException thrown = assertThrows(
                StorageException.class,
                () -> queue.whileForgotten(key, () -> {
                    throw new StorageException("the disk is gone");
                }));
        assertEquals("the disk is gone", thrown.getMessage());
        assertTrue(queue.whileForgotten(key, () -> {}));
    }
}
