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
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobRefusedException;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.job.PhraseResult;
import dev.ttsjobs.job.Priority;
import dev.ttsjobs.queue.ClipQueue;
import dev.ttsjobs.queue.ClipQueue.Outcome;
import dev.ttsjobs.queue.JobStore;
import dev.ttsjobs.queue.JobStore.JobQuery;
import dev.ttsjobs.queue.JobStore.Submission;
import dev.ttsjobs.queue.Lease;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What every queue holds to about submitting jobs, reading them back, and sharing what they want. */
abstract class SubmitContract extends AudioRecordContract {

    // Submit and read

    @Test
    void aSubmittedJobIsFoundAsItWasGiven() {
        Submission given = Jobs.of("alice")
                .reference("deck-1")
                .priority(Priority.HIGH)
                .pair("Hello", "Bonjour")
                .say("Bye")
                .build();
        assertFalse(queue.submit(given).replayed());

        Job job = find(given);
        assertEquals(given.details(), job.details());
        assertEquals(JobStatus.PENDING, job.status());
        assertEquals(new Job.Progress(2, 0, 0, null, null), job.progress());
        assertEquals(usage(15, 0, 3, 0), job.usage());
        assertEquals(time.instant(), job.timeline().createdAt());
        assertNull(job.timeline().startedAt());
        assertNull(job.timeline().completedAt());

        List<PhraseResult> results = queue.results(given.id(), 0, 10);
        assertEquals(2, results.size());
        assertEquals(List.of("en", "fr"), List.copyOf(results.get(0).sides().keySet()));
        assertEquals(PhraseResult.Side.OPEN, results.get(0).sides().get("fr"));
        assertNull(results.get(0).itemId());
        assertEquals("item-1", results.get(1).itemId());
        assertEquals(1, queue.results(given.id(), 1, 10).size());
        assertEquals(1, queue.results(given.id(), 0, 1).size());
    }

    @Test
    void aJobThatIsNotThereIsNotFound() {
        JobId unknown = new JobId(UUID.randomUUID());
        assertEquals(Optional.empty(), queue.find(unknown));
        assertEquals(List.of(), queue.results(unknown, 0, 10));
        assertFalse(queue.cancel(unknown));
        assertFalse(queue.retry(unknown));
    }

    @Test
    void manyJobsAreFoundAtOneLook() {
        Set<Job> given = new HashSet<>();
        for (int i = 0; i < 40; i++) {
            Submission submission = Jobs.of("owner " + i).say("text " + i).build();
            queue.submit(submission);
            given.add(find(submission));
        }
        Set<JobId> ids = given.stream().map(Job::id).collect(Collectors.toCollection(HashSet::new));
        ids.add(new JobId(UUID.randomUUID()));

        List<Job> found = queue.find(ids);

        assertEquals(given.size(), found.size());
        assertEquals(given, Set.copyOf(found));
        assertEquals(List.of(), queue.find(Set.of()));
    }

    @Test
    void textsOfAnyScriptAndManyCharactersComeBackUnchanged() {
        String text = "“Ça va ?” – 你好 👋🏽 ' ; -- % _ \\ \" ´ ` ñ ".strip() + "x".repeat(4000);
        queue.submit(Jobs.of("o'brien; drop table 你好").say(text).build());
        assertEquals(text, queue.claim(ann, 1).get(0).clip().text());
    }

    @Test
    void theSameIdTwiceIsOneJob() {
        Submission once = Jobs.of("alice").say("Hello").build();
        queue.submit(once);
        JobStore.Receipt again = queue.submit(once);
        assertEquals(new JobStore.Receipt(once.id(), true), again);
        assertEquals(1, queue.list(JobQuery.ofOwner("alice", 10)).size());
    }

    @Test
    void anIdCannotStandForTwoRequests() {
        Submission first = Jobs.of("alice").say("Hello").build();
        queue.submit(first);
        Submission other =
                Jobs.of("alice").id(first.id()).fingerprint('1').say("Bye").build();
        JobRefusedException refused = assertThrows(JobRefusedException.class, () -> queue.submit(other));
        assertEquals(JobRefusedException.Reason.ID_REUSED, refused.reason());
    }

    @Test
    void anIdempotencyKeyMakesRepetitionsOneJobForItsOwnerForADay() {
        JobId first = queue.submit(Jobs.of("alice").key("k", '1').say("Hello").build())
                .id();
        assertEquals(
                new JobStore.Receipt(first, true),
                queue.submit(Jobs.of("alice").key("k", '1').say("Hello").build()));
        assertFalse(
                queue.submit(Jobs.of("bob").key("k", '1').say("Hello").build()).replayed());
        JobRefusedException refused = assertThrows(
                JobRefusedException.class,
                () -> queue.submit(Jobs.of("alice").key("k", '2').say("Bye").build()));
        assertEquals(JobRefusedException.Reason.KEY_REUSED, refused.reason());
        time.advance(Duration.ofDays(1).plusSeconds(1));
        assertFalse(
                queue.submit(Jobs.of("alice").key("k", '2').say("Bye").build()).replayed());
    }

    @Test
    void theDailyLimitCountsAcceptedJobsOfTheOwnerUntilMidnight() {
        time.advance(Duration.ofHours(23));
        queue.submit(Jobs.of("alice").jobsPerDay(2).say("1").build());
        queue.submit(Jobs.of("alice").jobsPerDay(2).key("k", '1').say("2").build());
        JobRefusedException refused = assertThrows(
                JobRefusedException.class,
                () -> queue.submit(Jobs.of("alice").jobsPerDay(2).say("3").build()));
        assertEquals(JobRefusedException.Reason.DAILY_LIMIT, refused.reason());
        assertEquals(Duration.ofHours(1), refused.retryAfter());
        assertTrue(queue.submit(
                        Jobs.of("alice").jobsPerDay(2).key("k", '1').say("2").build())
                .replayed());
        queue.submit(Jobs.of("bob").jobsPerDay(2).say("1").build());
        assertEquals(2, queue.jobsOn(LocalDate.parse("2026-01-01"), "alice"));
        time.advance(Duration.ofHours(1));
        queue.submit(Jobs.of("alice").jobsPerDay(2).say("3").build());
        assertEquals(1, queue.jobsOn(LocalDate.parse("2026-01-02"), "alice"));
    }

    @Test
    void aRefusedJobLeavesNothingBehind() {
        queue.submit(Jobs.of("alice").jobsPerDay(1).say("1").build());
        Submission refused = Jobs.of("alice").jobsPerDay(1).say("never").build();
        assertThrows(JobRefusedException.class, () -> queue.submit(refused));
        assertEquals(Optional.empty(), queue.find(refused.id()));
        assertEquals(List.of("1"), texts(queue.claim(ann, 10)));
    }

    @Test
    void jobsAreListedNewestFirstByOwnerStatusReferenceAndPage() {
        JobId a =
                queue.submit(Jobs.of("alice").reference("d1").say("1").build()).id();
        JobId b =
                queue.submit(Jobs.of("alice").reference("d2").say("2").build()).id();
        JobId c =
                queue.submit(Jobs.of("alice").reference("d1").say("3").build()).id();
        queue.submit(Jobs.of("bob").reference("d1").say("4").build());
        queue.cancel(b);
        assertEquals(List.of(c, b, a), ids(JobQuery.ofOwner("alice", 10)));
        assertEquals(List.of(c, b), ids(JobQuery.ofOwner("alice", 2)));
        assertEquals(List.of(a), ids(new JobQuery("alice", null, null, b, 10)));
        assertEquals(List.of(c, a), ids(new JobQuery("alice", null, "d1", null, 10)));
        assertEquals(List.of(b), ids(new JobQuery("alice", JobStatus.CANCELLED, null, null, 10)));
        assertEquals(4, ids(new JobQuery(null, null, null, null, 10)).size());
        assertEquals(List.of(), ids(JobQuery.ofOwner("nobody", 10)));
    }

    // Sharing

    @Test
    void jobsThatWantTheSameClipShareIt() {
        Submission one = Jobs.of("alice").say("Hello", "Hello").build();
        Submission two = Jobs.of("bob").say("Hello").build();
        queue.submit(one);
        queue.submit(two);
        List<Lease> leases = claimAndBegin(ann, 10);
        assertEquals(1, leases.size());
        ClipQueue.Settlement settlement = settle(made(leases.get(0)));
        assertEquals(Set.of(one.id(), two.id()), settlement.ended());
        assertEquals(2, find(one).progress().processed());
        assertEquals(usage(5, 5, 1, 1), find(one).usage());
        assertEquals(usage(5, 0, 1, 0), find(two).usage());
        assertFalse(side(one, 1, "en").audio().cached());
        assertTrue(side(two, 0, "en").audio().cached());
        assertEquals(usage(5, 0, 1, 0), queue.usage("bob"));
    }

    @Test
    void aJobWhoseClipsAreAllMadeEndsWithItsSubmit() {
        Submission one = Jobs.of("alice").say("Hello").build();
        queue.submit(one);
        settle(made(claimAndBegin(ann, 1).get(0)));
        Submission two = Jobs.of("bob").say("Hello").build();
        queue.submit(two);
        assertEquals(JobStatus.COMPLETED, find(two).status());
        assertTrue(side(two, 0, "en").audio().cached());
        assertEquals(List.of(), queue.claim(ann, 1));
        assertEquals(one.clips().keySet(), queue.made(one.clips().keySet()));
        assertEquals(Set.of(), queue.made(List.of(Jobs.clip("other").key())));
    }

    @Test
    void audioThatWasFoundReadyIsNotBilled() {
        Submission job = Jobs.of("alice").say("Hello").build();
        queue.submit(job);
        Lease lease = queue.claim(ann, 1).get(0);
        settle(new Outcome.Made(lease, Jobs.facts(1000), false));
        assertEquals(usage(5, 0, 1, 0), find(job).usage());
        assertTrue(side(job, 0, "en").audio().cached());
    }

    @Test
    void aFailedClipIsRevivedWhenAskedForAgainAndTheEndedJobKeepsItsResult() {
        Submission one = Jobs.of("alice").say("Hello").build();
        queue.submit(one);
        settle(new Outcome.GivenUp(claimAndBegin(ann, 1).get(0), Jobs.failure(FailureKind.REJECTED)));
        Submission two = Jobs.of("bob").say("Hello").build();
        queue.submit(two);
        Lease lease = claimAndBegin(ann, 1).get(0);
        assertEquals(0, lease.attempts());
        settle(made(lease));
        assertEquals(JobStatus.FAILED, find(one).status());
        assertNotNull(side(one, 0, "en").failure());
        assertEquals(JobStatus.COMPLETED, find(two).status());
        assertEquals(1, find(two).usage().billedClips());
    }

    // Audit

    @Test
    void whoDidWhatToWhichJobIsOnRecordNewestFirst() {
        Submission job = Jobs.of("alice")
                .by("admin", "192.0.2.7")
                .reference("deck-1")
                .pair("Hello", "Bonjour")
                .say("Hello", "No")
                .build();
        queue.submit(job);
        queue.submit(job);
        queue.submit(Jobs.of("bob").say("Hello").build());
        time.advance(Duration.ofMinutes(1));
        for (Lease lease : claimAndBegin(ann, 10)) {
            settle(
                    lease.clip().text().equals("No")
                            ? new Outcome.GivenUp(lease, Jobs.failure(FailureKind.REJECTED))
                            : made(lease));
        }
        assertTrue(queue.retry(job.id(), new AuditEntry.Origin("alice", null)));
        assertFalse(queue.retry(job.id(), new AuditEntry.Origin("mallory", null)));
        time.advance(Duration.ofMinutes(1));
        assertTrue(queue.cancel(job.id()));
        assertFalse(queue.cancel(job.id()));

        List<AuditEntry> entries = queue.audit("alice", Long.MAX_VALUE, 10);
        Instant start = time.instant().minus(Duration.ofMinutes(2));
        long submitted = entries.get(2).number();
        assertEquals(
                new AuditEntry(
                        submitted,
                        start,
                        AuditEntry.Action.SUBMITTED,
                        new AuditEntry.Origin("admin", "192.0.2.7"),
                        job.id(),
                        "alice",
                        "deck-1",
                        3,
                        14),
                entries.get(2));
        assertEquals(
                List.of(AuditEntry.Action.CANCELLED, AuditEntry.Action.RETRIED, AuditEntry.Action.SUBMITTED),
                entries.stream().map(AuditEntry::action).toList());
        assertEquals(new AuditEntry.Origin("alice", null), entries.get(1).origin());
        assertEquals(1, entries.get(1).phrases());
        assertEquals(AuditEntry.Origin.UNKNOWN, entries.get(0).origin());
        assertEquals(start.plus(Duration.ofMinutes(2)), entries.get(0).at());
        assertEquals(entries.subList(0, 2), queue.audit("alice", Long.MAX_VALUE, 2));
        assertEquals(entries.subList(2, 3), queue.audit("alice", entries.get(1).number(), 2));
        assertEquals(List.of(), queue.audit("alice", submitted, 2));
        assertEquals(4, queue.audit(null, Long.MAX_VALUE, 10).size());
    }
}
