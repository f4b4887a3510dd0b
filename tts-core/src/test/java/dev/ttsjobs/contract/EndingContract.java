package dev.ttsjobs.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.job.AuditEntry;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.job.Usage;
import dev.ttsjobs.queue.ClipQueue.Outcome;
import dev.ttsjobs.queue.EventQueue;
import dev.ttsjobs.queue.JobStore;
import dev.ttsjobs.queue.JobStore.JobQuery;
import dev.ttsjobs.queue.JobStore.Submission;
import dev.ttsjobs.queue.Lease;
import dev.ttsjobs.retry.RetryPolicy.Rounds;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What every queue holds to about how jobs end, begin anew, and go. */
abstract class EndingContract extends WorkContract {

    // Cancel and retry

    @Test
    void aCancelledJobTakesItsClipsAlongButNotThoseOfOthers() {
        Submission one = Jobs.of("alice").say("mine", "ours").build();
        Submission two = Jobs.of("bob").say("ours").build();
        queue.submit(one);
        queue.submit(two);
        assertTrue(queue.cancel(one.id()));
        assertFalse(queue.cancel(one.id()));
        assertEquals(JobStatus.CANCELLED, find(one).status());
        assertEquals(time.instant(), find(one).timeline().completedAt());
        List<Lease> leases = claimAndBegin(ann, 10);
        assertEquals(List.of("ours"), texts(leases));
        settle(made(leases.get(0)));
        assertEquals(JobStatus.CANCELLED, find(one).status());
        assertEquals(0, find(one).progress().processed());
        assertEquals(usage(4, 4, 1, 1), find(two).usage(), "the bill goes to the job that is left");
        assertEquals(usage(8, 0, 2, 0), find(one).usage());
    }

    @Test
    void aCancelledJobsClipInAWorkersHandsIsNotBegunAndNotKept() {
        Submission job = Jobs.of("alice").say("one", "two").build();
        queue.submit(job);
        List<Lease> leases = queue.claim(ann, 2);
        queue.begin(List.of(leases.get(0)));
        queue.cancel(job.id());
        assertEquals(
                Set.of(leases.get(0).clip().key(), leases.get(1).clip().key()),
                queue.beat(ann, LEASE).unwanted());
        assertEquals(Set.of(), queue.begin(List.of(leases.get(1))));
        assertEquals(Set.of(), settle(made(leases.get(0))).lost(), "audio that was paid for is kept");
        settle(new Outcome.Released(leases.get(1)));
        assertEquals(List.of(), queue.claim(ann, 2));
        Submission again = Jobs.of("bob").say("one", "two").build();
        queue.submit(again);
        assertEquals(List.of("two"), texts(queue.claim(ann, 2)));
    }

    @Test
    void aJobThatHasEndedCannotBeCancelled() {
        Submission job = Jobs.of("alice").say("Hello").build();
        queue.submit(job);
        settle(made(claimAndBegin(ann, 1).get(0)));
        assertFalse(queue.cancel(job.id()));
        assertEquals(JobStatus.COMPLETED, find(job).status());
    }

    @Test
    void retryMakesOnlyWhatFailedAgain() {
        Submission job = Jobs.of("alice").pair("Hello", "Bonjour").say("Bye").build();
        queue.submit(job);
        assertFalse(queue.retry(job.id()), "a running job is not retried");
        List<Lease> leases = claimAndBegin(ann, 3);
        settle(
                made(leases.get(0)),
                new Outcome.GivenUp(leases.get(1), Jobs.failure(FailureKind.SERVER)),
                made(leases.get(2)));
        assertEquals(1, find(job).progress().failed());

        assertTrue(queue.retry(job.id()));
        Job running = find(job);
        assertEquals(JobStatus.PROCESSING, running.status());
        assertEquals(new Job.Progress(2, 1, 0, null, null), running.progress());
        assertNull(running.timeline().completedAt());
        List<Lease> again = claimAndBegin(ann, 10);
        assertEquals(List.of("Bonjour"), texts(again));
        assertEquals(0, again.get(0).attempts());
        assertEquals(Set.of(job.id()), settle(made(again.get(0))).ended());
        assertEquals(new Job.Progress(2, 2, 0, null, null), find(job).progress());
        assertEquals(JobStatus.COMPLETED, find(job).status());
        assertFalse(queue.retry(job.id()), "nothing failed");
    }

    @Test
    void retryTakesWhatAnotherJobHasMadeMeanwhile() {
        Submission job = Jobs.of("alice").say("Hello").build();
        queue.submit(job);
        settle(new Outcome.GivenUp(claimAndBegin(ann, 1).get(0), Jobs.failure(FailureKind.SERVER)));
        queue.submit(Jobs.of("bob").say("Hello").build());
        settle(made(claimAndBegin(ann, 1).get(0)));
        assertTrue(queue.retry(job.id()));
        assertEquals(JobStatus.COMPLETED, find(job).status());
        assertTrue(side(job, 0, "en").audio().cached());
    }

    @Test
    void aCancelledJobIsNotRetried() {
        Submission job = Jobs.of("alice").say("Hello").build();
        queue.submit(job);
        queue.cancel(job.id());
        assertFalse(queue.retry(job.id()));
    }

    // Retry by itself

    @Test
    void whatFailedForReasonsThatMayPassIsTriedAgainByItselfAfterGrowingPauses() {
        queue.events().subscribe("mail");
        Submission job = Jobs.of("alice")
                .rounds(Rounds.of(3))
                .say("made", "never")
                .pair("never", "later")
                .build();
        queue.submit(job);
        settle(claimAndBegin(ann, 9).stream().map(this::madeOrGivenUp).toArray(Outcome[]::new));
        assertEquals(JobStatus.COMPLETED, find(job).status());
        assertEquals(2, find(job).progress().failed());
        for (Duration pause : List.of(Duration.ofMinutes(15), Duration.ofHours(1))) {
            time.advance(pause.minusSeconds(1));
            assertEquals(0, queue.retryDue());
            time.advance(Duration.ofSeconds(1));
            queue.beat(ann, LEASE);
            assertEquals(1, queue.retryDue());
            assertEquals(0, queue.retryDue(), "it runs");
            assertEquals(JobStatus.PROCESSING, find(job).status());
            assertEquals(2, find(job).progress().processed());
            assertEquals(1, find(job).progress().failed());
            assertEquals(
                    "1 of 3 phrases lack some audio. rejected: made to fail",
                    find(job).progress().errorMessage());
            List<Lease> again = claimAndBegin(ann, 9);
            assertEquals(List.of("later"), texts(again));
            settle(madeOrGivenUp(again.get(0)));
            assertEquals(3, find(job).progress().processed());
            assertEquals(2, find(job).progress().failed());
        }
        time.advance(Duration.ofHours(4));
        queue.beat(ann, LEASE);
        assertEquals(1, queue.retryDue());
        settle(made(claimAndBegin(ann, 9).get(0)));
        assertEquals(JobStatus.COMPLETED, find(job).status());
        assertEquals(2, find(job).progress().failed(), "one side of a phrase is still missing");
        assertNotNull(side(job, 2, "fr").audio());
        assertEquals(
                "2 of 3 phrases lack some audio. rejected: made to fail",
                find(job).progress().errorMessage());
        time.advance(Duration.ofDays(2));
        assertEquals(0, queue.retryDue(), "a rejected text stays rejected");
        assertEquals(4, queue.events().deliveries(job.id()).size(), "each end is told");
        assertEquals(
                3,
                queue.audit("alice", Long.MAX_VALUE, 10).stream()
                        .filter(entry -> entry.action() == AuditEntry.Action.RETRIED)
                        .filter(entry -> entry.origin().equals(AuditEntry.Origin.UNKNOWN))
                        .count());
    }

    @Test
    void aJobIsTriedAgainByItselfNoMoreOftenThanItMayBe() {
        Submission job = Jobs.of("alice")
                .rounds(new Rounds(2, Duration.ofSeconds(10)))
                .say("later")
                .build();
        Submission other = Jobs.of("bob").say("later too").build();
        queue.submit(job);
        queue.submit(other);
        int rounds = 0;
        for (int i = 0; i < 10; i++) {
            queue.beat(ann, LEASE);
            claimAndBegin(ann, 9).forEach(lease -> settle(madeOrGivenUp(lease)));
            assertEquals(JobStatus.FAILED, find(job).status());
            time.advance(Duration.ofDays(1));
            rounds += queue.retryDue();
        }
        assertEquals(2, rounds);
        assertEquals(JobStatus.FAILED, find(other).status());
    }

    @Test
    void whatIsRetriedByHandOrCalledOffIsNotDueAnyMore() {
        Submission job = Jobs.of("alice").rounds(Rounds.of(5)).say("later").build();
        queue.submit(job);
        settle(madeOrGivenUp(claimAndBegin(ann, 1).get(0)));
        assertTrue(queue.retry(job.id()));
        time.advance(Duration.ofHours(2));
        assertEquals(0, queue.retryDue(), "it runs");
        queue.beat(ann, LEASE);
        settle(madeOrGivenUp(claimAndBegin(ann, 1).get(0)));
        time.advance(Duration.ofMinutes(15));
        assertEquals(1, queue.retryDue(), "the rounds are still there");
        assertTrue(queue.cancel(job.id()));
        time.advance(Duration.ofDays(2));
        assertEquals(0, queue.retryDue());
        Submission gone = Jobs.of("bob").rounds(Rounds.of(5)).say("x").build();
        queue.submit(gone);
        queue.beat(ann, LEASE);
        settle(madeOrGivenUp(claimAndBegin(ann, 1).get(0)));
        time.advance(MONTH);
        pruneAll();
        assertEquals(0, queue.retryDue());
    }

    // Pruning

    @Test
    void jobsThatEndedLongAgoAreGoneAndNothingElseIs() {
        Submission old = completed("alice", "Hello", "Bye");
        Submission cancelled = Jobs.of("alice").say("Never").build();
        queue.submit(cancelled);
        queue.cancel(cancelled.id());
        time.advance(Duration.ofSeconds(1));
        Submission younger = completed("bob", "Hello again");
        Submission waiting = Jobs.of("alice").say("Later").build();
        queue.submit(waiting);
        time.advance(MONTH.minusSeconds(1));
        pruneAll();
        assertEquals(Optional.empty(), queue.find(old.id()));
        assertEquals(List.of(), queue.results(old.id(), 0, 10));
        assertEquals(Optional.empty(), queue.find(cancelled.id()));
        assertFalse(queue.retry(old.id()));
        assertEquals(List.of(waiting.id()), ids(JobQuery.ofOwner("alice", 10)));
        assertEquals(1, queue.results(younger.id(), 0, 10).size());
        assertEquals(1, queue.results(waiting.id(), 0, 10).size());
        assertFalse(queue.prune(MONTH), "nothing is left to prune");
    }

    @Test
    void theLedgerTellsFailedAttemptsAndHowLongTheAudioIs() {
        Submission job = Jobs.of("alice").say("Hello", "Bye").build();
        queue.submit(job);
        for (FailureKind kind : List.of(FailureKind.SERVER, FailureKind.RATE_LIMITED, FailureKind.TRANSPORT)) {
            settle(new Outcome.Again(claimAndBegin(ann, 1).get(0), Jobs.failure(kind), Duration.ZERO));
        }
        for (Lease lease : claimAndBegin(ann, 2)) {
            settle(new Outcome.Made(lease, Jobs.facts(2345), true));
        }
        Usage spent = new Usage(8, 8, 2, 2, 4, Duration.ofMillis(4690));
        assertEquals(spent, find(job).usage());
        assertEquals(spent, queue.list(JobQuery.ofOwner("alice", 1)).get(0).usage());
        assertEquals(spent, queue.usage("alice"));
        time.advance(MONTH);
        pruneAll();
        assertEquals(spent, queue.usage("alice"), "pruned");
    }

    @Test
    void whatPrunedJobsCostStaysInTheUsageOfTheirOwners() {
        completed("alice", "Hello", "Bye");
        completed("alice", "Good day");
        completed("bob", "Salut");
        Usage before = queue.usage("alice");
        assertEquals(usage(16, 16, 3, 3), before);
        time.advance(MONTH);
        pruneAll();
        assertEquals(before, queue.usage("alice"));
        assertEquals(5, queue.usage("bob").billedCharacters());
        completed("alice", "More");
        time.advance(MONTH);
        pruneAll();
        assertEquals(usage(20, 20, 4, 4), queue.usage("alice"));
    }

    @Test
    void audioOfPrunedJobsIsStillNotBoughtAgain() {
        completed("alice", "Hello");
        time.advance(MONTH);
        pruneAll();
        Submission again = Jobs.of("bob").say("Hello").build();
        assertEquals(
                Set.of(Jobs.clip("Hello").key()),
                queue.made(List.of(Jobs.clip("Hello").key())));
        queue.submit(again);
        assertEquals(JobStatus.COMPLETED, find(again).status());
        assertTrue(side(again, 0, "en").audio().cached());
        assertEquals(List.of(), queue.claim(ann, 10));
    }

    @Test
    void aJobThatIsPrunedTakesNothingFromAJobThatSharesItsClips() {
        Submission failed = Jobs.of("alice").say("Hello", "Bye").build();
        queue.submit(failed);
        List<Lease> leases = claimAndBegin(ann, 2);
        settle(made(leases.get(0)), new Outcome.GivenUp(leases.get(1), Jobs.failure(FailureKind.SERVER)));
        time.advance(MONTH);
        Submission sharing = Jobs.of("bob").say("Hello", "Bye").build();
        queue.submit(sharing);
        Lease bye = claimAndBegin(ann, 2).get(0);
        queue.beat(ann, LEASE);
        pruneAll();
        assertEquals(Optional.empty(), queue.find(failed.id()));
        assertEquals(Set.of(), settle(made(bye)).lost());
        assertEquals(JobStatus.COMPLETED, find(sharing).status());
        assertEquals(usage(8, 3, 2, 1), find(sharing).usage());
        assertEquals(8, queue.usage("alice").characters());
    }

    @Test
    void aJobThatSomebodyIsStillToBeToldOfIsKept() {
        queue.events().subscribe("mail");
        Submission job = completed("alice", "Hello");
        time.advance(MONTH.plusDays(1));
        pruneAll();
        assertEquals(1, queue.events().deliveries(job.id()).size());
        EventQueue.Delivery delivery =
                queue.events().take("mail", 1, LEASE).deliveries().get(0);
        pruneAll();
        assertTrue(queue.events().delivered(delivery));
        pruneAll();
        assertEquals(Optional.empty(), queue.find(job.id()));
        assertEquals(List.of(), queue.events().deliveries(job.id()));
        assertFalse(queue.events().replay(job.id(), "mail", delivery.event().id()));
    }

    @Test
    void deadLettersGoWithTheirJobs() {
        queue.events().subscribe("mail");
        Submission job = completed("alice", "Hello");
        EventQueue.Delivery delivery =
                queue.events().take("mail", 1, LEASE).deliveries().get(0);
        queue.events().dead(delivery, "no such address");
        time.advance(MONTH);
        pruneAll();
        assertEquals(Optional.empty(), queue.find(job.id()));
        assertEquals(List.of(), queue.events().deadLetters("mail", 10));
    }

    @Test
    void aLargeJobGoesAtOnceAndLeavesNothingBehind() {
        Submission large = numbered("alice", "c", 2500);
        queue.submit(large);
        queue.cancel(large.id());
        for (int i = 0; i < 150; i++) {
            Submission small = Jobs.of("bob").say("d " + i).build();
            queue.submit(small);
            queue.cancel(small.id());
        }
        time.advance(MONTH);
        queue.prune(MONTH);
        pruneAll();
        assertEquals(List.of(), queue.list(new JobQuery(null, null, null, null, 10)));
        assertEquals(2500, queue.usage("alice").clips());
        assertEquals(150, queue.usage("bob").clips());
        assertFalse(queue.prune(MONTH));
    }

    @Test
    void countsOfOldDaysGoAndThatOfTodayStays() {
        LocalDate first = LocalDate.ofInstant(time.instant(), ZoneOffset.UTC);
        completed("alice", "Hello");
        time.advance(MONTH.plusDays(1));
        completed("alice", "Bye");
        pruneAll();
        assertEquals(0, queue.jobsOn(first, "alice"));
        assertEquals(1, queue.jobsOn(LocalDate.ofInstant(time.instant(), ZoneOffset.UTC), "alice"));
    }

    @Test
    void anIdempotencyKeyCountsAsLongAsItDidWithoutPruning() {
        Submission job = Jobs.of("alice").key("k", '0').say("Hello").build();
        queue.submit(job);
        queue.cancel(job.id());
        time.advance(Duration.ofDays(1).minusSeconds(1));
        while (queue.prune(Duration.ofDays(1))) {
            continue;
        }
        Submission same = Jobs.of("alice").key("k", '0').say("Hello").build();
        assertEquals(new JobStore.Receipt(job.id(), true), queue.submit(same));
        time.advance(Duration.ofSeconds(1));
        while (queue.prune(Duration.ofDays(1))) {
            continue;
        }
        assertEquals(new JobStore.Receipt(same.id(), false), queue.submit(same));
    }

    @Test
    void aRetentionOfLessThanADayIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> queue.prune(Duration.ofHours(23)));
        assertThrows(IllegalArgumentException.class, () -> queue.prune(Duration.ofDays(36_501)));
    }
}
