package dev.ttsjobs.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.job.PhraseResult;
import dev.ttsjobs.job.Priority;
import dev.ttsjobs.queue.ClipQueue;
import dev.ttsjobs.queue.ClipQueue.Outcome;
import dev.ttsjobs.queue.JobStore.Submission;
import dev.ttsjobs.queue.Lease;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What every queue holds to about the work: claims, outcomes, their order, parts of long texts, and leases. */
abstract class WorkContract extends SubmitContract {

    // Claim, begin, settle

    @Test
    void aJobRunsFromPendingToCompleted() {
        Submission job = Jobs.of("alice").pair("Hello", "Bonjour").build();
        queue.submit(job);
        time.advance(Duration.ofSeconds(1));
        List<Lease> leases = queue.claim(ann, 10);
        assertEquals(List.of("Hello", "Bonjour"), texts(leases));
        assertEquals(0, leases.get(0).attempts());
        assertEquals(JobStatus.PROCESSING, find(job).status());
        assertEquals(time.instant(), find(job).timeline().startedAt());
        assertEquals(List.of(), queue.claim(bob, 10));

        assertEquals(Set.copyOf(leases), queue.begin(leases));
        ClipQueue.Settlement first = settle(made(leases.get(0)));
        assertEquals(Set.of(job.id()), first.changed());
        assertEquals(Set.of(), first.ended());
        assertEquals(0, find(job).progress().processed());

        time.advance(Duration.ofSeconds(1));
        ClipQueue.Settlement second = settle(made(leases.get(1)));
        assertEquals(Set.of(job.id()), second.ended());
        Job ended = find(job);
        assertEquals(JobStatus.COMPLETED, ended.status());
        assertEquals(new Job.Progress(1, 1, 0, null, null), ended.progress());
        assertEquals(usage(12, 12, 2, 2), ended.usage());
        assertEquals(time.instant(), ended.timeline().completedAt());
        PhraseResult.Audio audio = side(job, 0, "fr").audio();
        assertNotNull(audio);
        assertEquals(Duration.ofMillis(1200), audio.duration());
        assertEquals(19201, audio.bytes());
        assertFalse(audio.cached());
        assertTrue(audio.name().value().contains(leases.get(1).clip().key().hex()));
        assertEquals(List.of(), queue.claim(ann, 10));
    }

    @Test
    void theVersionGrowsWithEveryChange() {
        Submission job = Jobs.of("alice").say("1", "2").build();
        queue.submit(job);
        long submitted = find(job).timeline().version();
        List<Lease> leases = claimAndBegin(ann, 2);
        long started = find(job).timeline().version();
        settle(made(leases.get(0)));
        long half = find(job).timeline().version();
        settle(made(leases.get(1)));
        long whole = find(job).timeline().version();
        assertTrue(submitted < started && started < half && half < whole);
    }

    @Test
    void claimsTakeNoMoreThanAskedFor() {
        queue.submit(Jobs.of("alice").say("1", "2", "3").build());
        assertEquals(List.of("1", "2"), texts(queue.claim(ann, 2)));
        assertEquals(List.of("3"), texts(queue.claim(bob, 2)));
        assertEquals(List.of(), queue.claim(bob, 2));
    }

    @Test
    void anOutcomeUnderALostLeaseChangesNothing() {
        Submission job = Jobs.of("alice").say("Hello").build();
        queue.submit(job);
        Lease old = claimAndBegin(ann, 1).get(0);
        die(ann);
        Lease young = queue.claim(bob, 1).get(0);
        assertOnlyTheSecondCounts(job, old, young);
    }

    /** As when it gave the clip up for lost, and got it once more before the first answer came. */
    @Test
    void anOutcomeUnderAnEarlierLeaseOfTheSameWorkerChangesNothing() {
        Submission job = Jobs.of("alice").say("Hello").build();
        queue.submit(job);
        Lease old = claimAndBegin(ann, 1).get(0);
        settle(new Outcome.Released(old));
        assertOnlyTheSecondCounts(job, old, queue.claim(ann, 1).get(0));
    }

    private void assertOnlyTheSecondCounts(Submission job, Lease old, Lease young) {
        assertTrue(young.epoch() > old.epoch());
        for (Outcome late : List.of(
                made(old),
                new Outcome.GivenUp(old, Jobs.failure(FailureKind.REJECTED)),
                new Outcome.Again(old, Jobs.failure(FailureKind.SERVER), Duration.ZERO),
                new Outcome.Released(old))) {
            assertEquals(Set.of(old), settle(late).lost());
        }
        assertEquals(Set.of(), queue.begin(List.of(old)));
        assertEquals(JobStatus.PROCESSING, find(job).status());
        assertEquals(Set.of(young), queue.begin(List.of(young)));
        assertEquals(Set.of(), settle(made(young)).lost());
        assertEquals(JobStatus.COMPLETED, find(job).status());
    }

    @Test
    void settlingTwiceCountsOnce() {
        Submission job = Jobs.of("alice").say("1", "2").build();
        queue.submit(job);
        Lease lease = claimAndBegin(ann, 1).get(0);
        settle(made(lease));
        assertEquals(Set.of(lease), settle(made(lease)).lost());
        assertEquals(1, find(job).progress().processed());
        assertEquals(1, find(job).usage().billedClips());
    }

    @Test
    void aGroupOfOutcomesOfManyJobsIsSettledAtOnce() {
        Submission one = Jobs.of("alice").say("1", "2").build();
        Submission two = Jobs.of("bob").say("3", "4").build();
        queue.submit(one);
        queue.submit(two);
        List<Lease> leases = claimAndBegin(ann, 4);
        ClipQueue.Settlement settlement = queue.settle(leases.stream()
                .map(lease -> lease.clip().text().equals("4")
                        ? new Outcome.GivenUp(lease, Jobs.failure(FailureKind.REJECTED))
                        : made(lease))
                .toList());
        assertEquals(Set.of(one.id(), two.id()), settlement.ended());
        assertEquals(JobStatus.COMPLETED, find(one).status());
        assertEquals(
                new Job.Progress(2, 2, 1, find(two).progress().errorMessage(), null),
                find(two).progress());
        assertEquals(Set.of(), queue.settle(List.of()).changed());
    }

    @Test
    void aClipThatGoesBackRestsAndKeepsItsAttempts() {
        queue.submit(Jobs.of("alice").say("Hello").build());
        Lease first = claimAndBegin(ann, 1).get(0);
        settle(new Outcome.Again(first, Jobs.failure(FailureKind.SERVER), Duration.ofSeconds(7)));
        assertEquals(List.of(), queue.claim(ann, 1));
        assertEquals(outlook(time.instant().plusSeconds(7), false), queue.outlook());
        time.advance(Duration.ofSeconds(8));
        assertEquals(outlook(time.instant(), false), queue.outlook(), "due is due, however long already");
        Lease second = claimAndBegin(ann, 1).get(0);
        assertEquals(1, second.attempts());
        assertEquals(outlook(null, true), queue.outlook());
        settle(new Outcome.Again(second, Jobs.failure(FailureKind.RATE_LIMITED), Duration.ZERO));
        Lease third = queue.claim(ann, 1).get(0);
        assertEquals(1, third.attempts(), "a rate limit costs no attempt");
        settle(new Outcome.Released(third));
        assertEquals(1, queue.claim(ann, 1).get(0).attempts());
    }

    @Test
    void aReleasedAttemptIsTakenBack() {
        queue.submit(Jobs.of("alice").say("Hello").build());
        settle(new Outcome.Released(claimAndBegin(ann, 1).get(0)));
        assertEquals(0, queue.claim(ann, 1).get(0).attempts());
    }

    @Test
    void aPhraseThatLacksOneSideHasFailedAndTheJobIsCompleted() {
        Submission job = Jobs.of("alice").pair("Hello", "Bonjour").build();
        queue.submit(job);
        List<Lease> leases = claimAndBegin(ann, 2);
        settle(made(leases.get(0)));
        settle(new Outcome.GivenUp(leases.get(1), Failure.of(FailureKind.REJECTED, "bad_text", "not spoken")));
        Job ended = find(job);
        assertEquals(JobStatus.COMPLETED, ended.status());
        assertEquals(1, ended.progress().failed());
        assertEquals(
                "1 of 1 phrases lack some audio. bad_text: not spoken",
                ended.progress().errorMessage());
        assertNotNull(side(job, 0, "en").audio());
        assertEquals(
                Failure.of(FailureKind.REJECTED, "bad_text", "not spoken"),
                side(job, 0, "fr").failure());
    }

    @Test
    void aJobWithoutAnyAudioHasFailed() {
        Submission job = Jobs.of("alice").say("Hello").build();
        queue.submit(job);
        Lease lease = claimAndBegin(ann, 1).get(0);
        settle(new Outcome.GivenUp(lease, Failure.of(FailureKind.REJECTED, "bad_text", "not spoken")));
        assertEquals(JobStatus.FAILED, find(job).status());
        assertEquals(
                "No text could be made. bad_text: not spoken",
                find(job).progress().errorMessage());
    }

    // Order

    @Test
    void higherPrioritiesGoFirst() {
        queue.submit(Jobs.of("a").priority(Priority.LOW).say("low").build());
        queue.submit(Jobs.of("b").priority(Priority.NORMAL).say("normal").build());
        queue.submit(Jobs.of("c").priority(Priority.HIGH).say("high").build());
        assertEquals(List.of("high", "normal", "low"), texts(queue.claim(ann, 3)));
    }

    @Test
    void aSmallJobDoesNotWaitBehindALargeOne() {
        queue.submit(numbered("alice", "big", 100));
        queue.claim(ann, 10);
        queue.submit(numbered("bob", "small", 5));
        List<String> next = texts(queue.claim(ann, 12));
        assertEquals(5, next.stream().filter(text -> text.startsWith("small")).count());
    }

    @Test
    void anOwnerWithManyJobsGetsNoMoreThanOneWithOne() {
        for (int i = 0; i < 4; i++) {
            queue.submit(numbered("greedy", "g" + i, 20));
        }
        queue.submit(numbered("modest", "m", 20));
        List<String> next = texts(queue.claim(ann, 30));
        long modest = next.stream().filter(text -> text.startsWith("m")).count();
        assertTrue(modest >= 8, "the modest owner got " + modest + " of 30");
    }

    @Test
    void aClipThatRestsIsNotTheHeadOfTheQueue() {
        queue.submit(numbered("alice", "a", 100));
        Lease first = claimAndBegin(ann, 1).get(0);
        settle(new Outcome.Again(first, Jobs.failure(FailureKind.SERVER), Duration.ofHours(1)));
        queue.claim(ann, 50);
        queue.submit(numbered("bob", "b", 30));
        List<String> next = texts(queue.claim(ann, 20));
        long alice = next.stream().filter(text -> text.startsWith("a")).count();
        assertTrue(alice >= 8, "the older job got " + alice + " of 20");
    }

    @Test
    void aSharedClipTakesTheBetterPlace() {
        queue.submit(Jobs.of("a").priority(Priority.LOW).say("x", "shared").build());
        queue.submit(Jobs.of("b").priority(Priority.HIGH).say("shared").build());
        assertEquals(List.of("shared", "x"), texts(queue.claim(ann, 2)));
    }

    // Parts

    @Test
    void aLongTextIsJoinedOnceItsPartsAreMade() {
        Submission job = Jobs.of("alice").say(Jobs.joined("One.", "Two.")).build();
        queue.submit(job);
        assertEquals(usage(8, 0, 2, 0), find(job).usage());
        List<Lease> parts = claimAndBegin(ann, 10);
        assertEquals(List.of("One.", "Two."), texts(parts));
        assertEquals(JobStatus.PROCESSING, find(job).status());
        settle(made(parts.get(0)));
        assertEquals(List.of(), queue.claim(ann, 10));
        settle(made(parts.get(1)));
        Lease whole = queue.claim(ann, 10).get(0);
        assertEquals(
                List.of("One.", "Two."),
                whole.clip().parts().stream().map(Clip::text).toList());
        settle(made(whole));
        assertEquals(JobStatus.COMPLETED, find(job).status());
        assertEquals(usage(8, 8, 2, 2), find(job).usage());
        assertFalse(side(job, 0, "en").audio().cached());
    }

    @Test
    void aPartThatIsGivenUpFailsTheWhole() {
        Submission job =
                Jobs.of("alice").say(Jobs.joined("One.", "Two.", "Three.")).build();
        queue.submit(job);
        Lease first = claimAndBegin(ann, 1).get(0);
        settle(new Outcome.GivenUp(first, Jobs.failure(FailureKind.REJECTED)));
        assertEquals(JobStatus.FAILED, find(job).status());
        assertEquals(Jobs.failure(FailureKind.REJECTED), side(job, 0, "en").failure());
        assertEquals(List.of(), queue.claim(ann, 10), "nothing more is bought for it");
        queue.retry(job.id());
        assertEquals(3, claimAndBegin(ann, 10).size());
    }

    @Test
    void partsAreSharedAndReadyOnesAreNotMadeAgain() {
        queue.submit(Jobs.of("alice").say("One.").build());
        settle(made(claimAndBegin(ann, 1).get(0)));
        Submission job = Jobs.of("bob").say(Jobs.joined("One.", "Two.")).build();
        queue.submit(job);
        List<Lease> parts = claimAndBegin(ann, 10);
        assertEquals(List.of("Two."), texts(parts));
        settle(made(parts.get(0)));
        settle(made(queue.claim(ann, 1).get(0)));
        assertEquals(usage(8, 4, 2, 1), find(job).usage());
    }

    @Test
    void cancellingALongTextWithdrawsItsParts() {
        Submission job = Jobs.of("alice").say(Jobs.joined("One.", "Two.")).build();
        queue.submit(job);
        queue.cancel(job.id());
        assertEquals(List.of(), queue.claim(ann, 10));
    }

    // Leases

    @Test
    void clipsOfADeadWorkerGoBackAfterTwoLooks() {
        queue.submit(Jobs.of("alice").say("Hello").build());
        claimAndBegin(ann, 1);
        time.advance(LEASE.plusSeconds(1));
        queue.beat(bob, LEASE);
        assertEquals(0, queue.rescue(APART), "one look is not enough");
        assertEquals(0, queue.rescue(APART), "nor are two at once");
        time.advance(APART);
        queue.beat(bob, LEASE);
        assertEquals(1, queue.rescue(APART));
        Lease rescued = queue.claim(bob, 1).get(0);
        assertEquals(1, rescued.attempts(), "a call that may have been made is an attempt");
        assertEquals(0, queue.rescue(APART));
    }

    @Test
    void aWorkerThatBeatsKeepsItsClips() {
        queue.submit(Jobs.of("alice").say("Hello").build());
        Lease lease = claimAndBegin(ann, 1).get(0);
        for (int i = 0; i < 60; i++) {
            time.advance(Duration.ofSeconds(10));
            queue.beat(ann, LEASE);
            queue.rescue(APART);
        }
        assertEquals(Set.of(), settle(made(lease)).lost());
    }

    @Test
    void aWorkerThatComesBackBetweenTwoLooksKeepsItsClips() {
        queue.submit(Jobs.of("alice").say("Hello").build());
        Lease lease = claimAndBegin(ann, 1).get(0);
        time.advance(LEASE.plusSeconds(1));
        queue.rescue(APART);
        queue.beat(ann, LEASE);
        time.advance(APART);
        queue.rescue(APART);
        assertEquals(Set.of(), settle(made(lease)).lost(), "completion asks for the epoch, not for the clock");
    }

    @Test
    void aWorkerThatLeavesGivesItsClipsBackAtOnce() {
        queue.submit(Jobs.of("alice").say("Hello").build());
        Lease old = queue.claim(ann, 1).get(0);
        queue.leave(ann);
        assertEquals(1, queue.claim(bob, 1).size());
        assertEquals(Set.of(old), settle(made(old)).lost());
    }

    @Test
    void aBuriedWorkerThatClaimsOnceMoreAndDiesIsRescuedToo() {
        queue.submit(Jobs.of("alice").say("Hello").build());
        claimAndBegin(ann, 1);
        die(ann);
        assertEquals(1, queue.claim(ann, 1).size(), "it has not noticed yet");
        assertEquals(0, queue.rescue(APART));
        time.advance(APART);
        queue.beat(bob, LEASE);
        assertEquals(1, queue.rescue(APART));
        assertEquals(1, queue.claim(bob, 1).size());
    }

    @Test
    void whoWantsACalledOffClipThatIsInAWorkersHandsPaysForIt() {
        Submission one = Jobs.of("alice").say("Hello").build();
        Submission two = Jobs.of("bob").say("Hello").build();
        queue.submit(one);
        List<Lease> leases = claimAndBegin(ann, 1);
        queue.cancel(one.id());
        queue.submit(two);
        assertEquals(Set.of(), queue.beat(ann, LEASE).unwanted());
        settle(made(leases.get(0)));
        assertEquals(0, find(one).usage().billedClips());
        assertEquals(1, find(two).usage().billedClips());
        assertFalse(side(two, 0, "en").audio().cached());
    }
}
