package dev.ttsjobs.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.ttsjobs.audio.AudioFacts;
import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.cost.PriceList;
import dev.ttsjobs.cost.Quotas;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.job.AuditEntry;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobRefusedException;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.job.PhraseResult;
import dev.ttsjobs.job.Priority;
import dev.ttsjobs.job.Usage;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.limit.RateLimiter;
import dev.ttsjobs.queue.ClipQueue;
import dev.ttsjobs.queue.EventQueue;
import dev.ttsjobs.queue.JobQuery;
import dev.ttsjobs.queue.JobQueue;
import dev.ttsjobs.queue.JobStore;
import dev.ttsjobs.queue.Lease;
import dev.ttsjobs.queue.Outcome;
import dev.ttsjobs.queue.Submission;
import dev.ttsjobs.queue.WorkerId;
import dev.ttsjobs.retry.RetryPolicy.Rounds;
import dev.ttsjobs.speech.AudioFormat;
import dev.ttsjobs.speech.ProviderHints;
import dev.ttsjobs.storage.StorageException;
import dev.ttsjobs.time.ManualTime;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link JobQueue} holds to. */
public abstract class JobQueueContract {

    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final Duration APART = Duration.ofSeconds(10);

    protected final ManualTime time = new ManualTime();
    protected JobQueue queue;
    private final WorkerId ann = new WorkerId(UUID.randomUUID());
    private final WorkerId bob = new WorkerId(UUID.randomUUID());

    /** An empty queue that takes its time from the given clock. */
    protected abstract JobQueue open(ManualTime clock) throws Exception;

    @BeforeEach
    void openQueue() throws Exception {
        queue = open(time);
        queue.beat(ann, LEASE);
        queue.beat(bob, LEASE);
    }

    @AfterEach
    void closeQueue() {
        queue.close();
    }

    // Audio on record

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

        assertTrue(queue.lost(record));
        assertFalse(queue.lost(record), "it is queued already");
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

    private void pruneWhatIsADayOld() {
        boolean more = true;
        while (more) {
            more = queue.prune(Duration.ofDays(1));
        }
    }

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
        assertEquals(new Usage(15, 0, 3, 0), job.usage());
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
        assertEquals(new Usage(12, 12, 2, 2), ended.usage());
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
        assertEquals(new Usage(5, 5, 1, 1), find(one).usage());
        assertEquals(new Usage(5, 0, 1, 0), find(two).usage());
        assertFalse(side(one, 1, "en").audio().cached());
        assertTrue(side(two, 0, "en").audio().cached());
        assertEquals(new Usage(5, 0, 1, 0), queue.usage("bob"));
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
        assertEquals(new Usage(5, 0, 1, 0), find(job).usage());
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
        assertEquals(new Usage(4, 4, 1, 1), find(two).usage(), "the bill goes to the job that is left");
        assertEquals(new Usage(8, 0, 2, 0), find(one).usage());
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

    private Outcome madeOrGivenUp(Lease lease) {
        return switch (lease.clip().text()) {
            case "made" -> made(lease);
            case "never" -> new Outcome.GivenUp(lease, Jobs.failure(FailureKind.REJECTED));
            default -> new Outcome.GivenUp(lease, Jobs.failure(FailureKind.SERVER));
        };
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

    // Parts

    @Test
    void aLongTextIsJoinedOnceItsPartsAreMade() {
        Submission job = Jobs.of("alice").say(Jobs.joined("One.", "Two.")).build();
        queue.submit(job);
        assertEquals(new Usage(8, 0, 2, 0), find(job).usage());
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
        assertEquals(new Usage(8, 8, 2, 2), find(job).usage());
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
        assertEquals(new Usage(8, 4, 2, 1), find(job).usage());
    }

    @Test
    void cancellingALongTextWithdrawsItsParts() {
        Submission job = Jobs.of("alice").say(Jobs.joined("One.", "Two.")).build();
        queue.submit(job);
        queue.cancel(job.id());
        assertEquals(List.of(), queue.claim(ann, 10));
    }

    // Pruning

    private static final Duration MONTH = Duration.ofDays(30);

    private void pruneAll() {
        int batches = 0;
        while (queue.prune(MONTH)) {
            batches++;
            assertTrue(batches < 1000, "there is always more");
        }
    }

    private Submission completed(String owner, String... texts) {
        Submission job = Jobs.of(owner).say(texts).build();
        queue.submit(job);
        claimAndBegin(ann, texts.length).forEach(lease -> settle(made(lease)));
        assertEquals(JobStatus.COMPLETED, find(job).status());
        return job;
    }

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
    void whatPrunedJobsCostStaysInTheUsageOfTheirOwners() {
        completed("alice", "Hello", "Bye");
        completed("alice", "Good day");
        completed("bob", "Salut");
        Usage before = queue.usage("alice");
        assertEquals(new Usage(16, 16, 3, 3), before);
        time.advance(MONTH);
        pruneAll();
        assertEquals(before, queue.usage("alice"));
        assertEquals(5, queue.usage("bob").billedCharacters());
        completed("alice", "More");
        time.advance(MONTH);
        pruneAll();
        assertEquals(new Usage(20, 20, 4, 4), queue.usage("alice"));
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
        assertEquals(new Usage(8, 3, 2, 1), find(sharing).usage());
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

    // Signals, load, account

    @Test
    void aSubmitWakesWorkers() {
        AtomicInteger woken = new AtomicInteger();
        ClipQueue.Signal signal = queue.onWork(woken::incrementAndGet);
        queue.submit(Jobs.of("alice").say("Hello").build());
        assertNotEquals(0, woken.get());
        signal.close();
        int before = woken.get();
        queue.submit(Jobs.of("alice").say("Bye").build());
        assertEquals(before, woken.get());
    }

    @Test
    void whoeverHasCommittedAJobOfTheirOwnWakesWorkers() {
        AtomicInteger woken = new AtomicInteger();
        ClipQueue.Signal signal = queue.onWork(woken::incrementAndGet);
        int before = woken.get();
        queue.wake();
        assertNotEquals(before, woken.get());
        signal.close();
    }

    @Test
    void theDepthSaysWhatWaitsAndSinceWhen() {
        assertEquals(new ClipQueue.Depth(0, 0, Optional.empty()), queue.depth());
        queue.submit(Jobs.of("alice").say("1", "2", "3").build());
        queue.claim(ann, 1);
        time.advance(Duration.ofSeconds(5));
        assertEquals(new ClipQueue.Depth(2, 1, Optional.of(time.instant().minusSeconds(5))), queue.depth());
    }

    @Test
    void aPausedAccountIsWhatRunningJobsWaitFor() {
        Submission job = Jobs.of("alice").say("Hello").build();
        queue.submit(job);
        Failure quota = Failure.of(FailureKind.QUOTA_EXHAUSTED, "insufficient_quota", "no credit");
        queue.limiter("acme", RateLimit.perMinute(120)).pause(quota);
        assertEquals(
                new Job.WaitingFor(quota, time.instant()), find(job).progress().waitingFor());
        queue.limiter("acme", RateLimit.perMinute(120)).resume();
        assertNull(find(job).progress().waitingFor());
    }

    @Test
    void anAccountThatIsPausedByHandStaysSoUntilItIsResumed() {
        Submission job = Jobs.of("alice").say("Hello").build();
        queue.submit(job);
        RateLimiter limiter = queue.limiter("acme", RateLimit.perMinute(120));
        assertEquals(Map.of(), queue.pauses());
        queue.pause("acme", "the invoice\nis being looked at");
        Instant since = time.instant();
        limiter.succeeded(ProviderHints.NONE);
        time.advance(Duration.ofDays(3));
        assertEquals(List.of(), limiter.reserve(List.of(1)).slots());
        Failure failure = Failure.of(FailureKind.PAUSED, "paused_by_hand", "the invoice is being looked at");
        RateLimiter.Pause pause = new RateLimiter.Pause(failure, since, RateLimiter.Pause.NEVER, 0);
        assertEquals(Map.of("acme", pause), queue.pauses());
        assertEquals(Optional.of(pause), limiter.pause());
        Job.WaitingFor waiting = new Job.WaitingFor(failure, since);
        assertEquals(waiting, find(job).progress().waitingFor());
        assertEquals(
                waiting,
                queue.list(JobQuery.ofOwner("alice", 1)).get(0).progress().waitingFor());

        AtomicInteger woken = new AtomicInteger();
        ClipQueue.Signal signal = queue.onWork(woken::incrementAndGet);
        woken.set(0);
        assertTrue(queue.resume("acme"));
        assertNotEquals(0, woken.get());
        assertFalse(queue.resume("acme"));
        assertFalse(queue.resume("nobody"));
        signal.close();
        assertEquals(Map.of(), queue.pauses());
        assertNull(find(job).progress().waitingFor());
        assertEquals(1, limiter.reserve(List.of(1)).slots().size());
    }

    @Test
    void anAccountThatNobodyHasUsedYetCanBePaused() {
        Failure quota = Failure.of(FailureKind.QUOTA_EXHAUSTED, "insufficient_quota", "no credit");
        queue.limiter("other", RateLimit.perMinute(120)).pause(quota);
        queue.pause("acme", "not yet");
        assertEquals(List.of("acme", "other"), List.copyOf(queue.pauses().keySet()));
        RateLimiter limiter = queue.limiter("acme", RateLimit.perMinute(120));
        assertTrue(limiter.pause().orElseThrow().isByHand());
        assertTrue(queue.resume("other"), "whoever has paused it");
        assertTrue(queue.resume("acme"));
        List<Instant> slots = limiter.reserve(List.of(1, 1)).slots();
        assertTrue(slots.get(1).isAfter(slots.get(0)), "its limit is its own");
        for (String account : List.of("", " ", "a".repeat(101))) {
            assertThrows(IllegalArgumentException.class, () -> queue.pause(account, "why"));
        }
        assertThrows(IllegalArgumentException.class, () -> queue.pause("acme", " "));
        assertEquals(Map.of(), queue.pauses());
    }

    // Many at once

    @Test
    void manyWorkersClaimEachClipOnce() throws Exception {
        int clips = 400;
        queue.submit(numbered("alice", "c", clips));
        Collection<Callable<List<Lease>>> workers = new HashSet<>();
        for (int i = 0; i < 4; i++) {
            WorkerId worker = i % 2 == 0 ? ann : bob;
            workers.add(() -> {
                List<Lease> all = new java.util.ArrayList<>();
                for (List<Lease> some = queue.claim(worker, 7); !some.isEmpty(); some = queue.claim(worker, 7)) {
                    queue.begin(some);
                    queue.settle(some.stream().map(JobQueueContract::made).toList());
                    all.addAll(some);
                }
                return all;
            });
        }
        Set<String> claimed = new HashSet<>();
        int claims = 0;
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            for (Future<List<Lease>> leases : threads.invokeAll(workers)) {
                claimed.addAll(texts(leases.get()));
                claims += leases.get().size();
            }
        } finally {
            threads.shutdownNow();
        }
        // Claims step around rows that others hold, so one worker may have seen an empty queue while another went on.
        for (Lease left : claimAndBegin(ann, clips)) {
            settle(made(left));
            claimed.add(left.clip().text());
            claims++;
        }
        assertEquals(clips, claims);
        assertEquals(clips, claimed.size());
        assertEquals(
                JobStatus.COMPLETED,
                queue.list(JobQuery.ofOwner("alice", 1)).get(0).status());
    }

    @Test
    void manySubmitsAtOncePassNoDailyLimitAndShareTheirClips() throws Exception {
        Collection<Callable<Boolean>> submits = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            submits.add(() -> {
                try {
                    queue.submit(
                            Jobs.of("alice").jobsPerDay(5).say("Hello", "Bye").build());
                    return true;
                } catch (JobRefusedException e) {
                    return false;
                }
            });
        }
        int accepted = 0;
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            for (Future<Boolean> submit : threads.invokeAll(submits)) {
                accepted += submit.get() ? 1 : 0;
            }
        } finally {
            threads.shutdownNow();
        }
        assertEquals(5, accepted);
        assertEquals(2, queue.claim(ann, 10).size());
    }

    @Test
    void equalSubmitsWithOneIdAtOnceAreOneJobThoughItTakesTheLastPlace() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            for (int round = 0; round < 20; round++) {
                Submission job =
                        Jobs.of("owner " + round).jobsPerDay(1).say("Hello").build();
                Collection<Callable<JobStore.Receipt>> submits = Collections.nCopies(6, () -> queue.submit(job));
                int replayed = 0;
                for (Future<JobStore.Receipt> submit : threads.invokeAll(submits)) {
                    assertEquals(job.id(), submit.get().id());
                    replayed += submit.get().replayed() ? 1 : 0;
                }
                assertEquals(5, replayed);
            }
        } finally {
            threads.shutdownNow();
        }
    }

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

    private static Quotas quotas(Quotas.Limits eachOwner, Quotas.Limits all, String maxCost) {
        PriceList dollarACharacter = PriceList.flat(BigDecimal.valueOf(1_000_000));
        return new Quotas(eachOwner, all, maxCost == null ? null : new BigDecimal(maxCost), dollarACharacter);
    }

    private JobRefusedException refused(Jobs.Builder job) {
        Submission submission = job.build();
        JobRefusedException refused = assertThrows(JobRefusedException.class, () -> queue.submit(submission));
        assertEquals(Optional.empty(), queue.find(submission.id()));
        return refused;
    }

    @Test
    void charactersOfTheDayAreCountedByOwnerAndForAll() {
        Quotas quotas = quotas(new Quotas.Limits(null, 10L, null), new Quotas.Limits(null, 12L, null), null);
        Submission first = Jobs.of("alice").quotas(quotas).say("Hello", "Hello").build();
        queue.submit(first);
        JobRefusedException own = refused(Jobs.of("alice").quotas(quotas).say("Hello", "b"));
        assertEquals(JobRefusedException.Reason.CHARACTER_LIMIT, own.reason());
        assertEquals(
                "the limit of 10 characters a day for this owner leaves 5 characters, and the job takes 6 characters;"
                        + " it begins anew at 2026-01-02T00:00:00Z",
                own.getMessage());
        assertEquals(Duration.ofDays(1), own.retryAfter());
        JobRefusedException everybodys = refused(Jobs.of("bob").quotas(quotas).say("12345678"));
        assertTrue(everybodys.getMessage().contains("for all owners together leaves 7 characters"));
        assertEquals(
                null,
                refused(Jobs.of("bob").quotas(quotas).say("1234567890123")).retryAfter());
        assertTrue(queue.submit(first).replayed());
        // What was refused counts for nothing.
        queue.submit(Jobs.of("alice").quotas(quotas).say("12345").build());
        queue.submit(Jobs.of("bob").quotas(quotas).say("12").build());
        time.advance(Duration.ofDays(1));
        queue.submit(Jobs.of("alice").quotas(quotas).say("1234567890").build());
    }

    @Test
    void jobsOfTheDayAreCountedByOwnerAndForAll() {
        Quotas quotas = quotas(new Quotas.Limits(2, null, null), new Quotas.Limits(3, null, null), null);
        Submission first = Jobs.of("alice").quotas(quotas).say("1").build();
        queue.submit(first);
        queue.submit(Jobs.of("alice").quotas(quotas).say("2").build());
        JobRefusedException own = refused(Jobs.of("alice").quotas(quotas).say("3"));
        assertEquals(JobRefusedException.Reason.DAILY_LIMIT, own.reason());
        assertEquals(
                "the limit of 2 jobs a day for this owner leaves 0 jobs, and the job takes 1 job;"
                        + " it begins anew at 2026-01-02T00:00:00Z",
                own.getMessage());
        assertTrue(queue.submit(first).replayed(), "a repetition is no other job");
        queue.submit(Jobs.of("bob").quotas(quotas).say("1").build());
        JobRefusedException everybodys = refused(Jobs.of("carol").quotas(quotas).say("1"));
        assertEquals(JobRefusedException.Reason.DAILY_LIMIT, everybodys.reason());
        assertTrue(everybodys.getMessage().startsWith("the limit of 3 jobs a day for all owners together"));
        assertEquals(Duration.ofDays(1), everybodys.retryAfter());
        queue.submit(Jobs.of("carol").say("1").build());
        time.advance(Duration.ofDays(1));
        queue.submit(Jobs.of("alice").quotas(quotas).say("3").build());
        assertThrows(IllegalArgumentException.class, () -> new Quotas.Limits(-1, null, null));
    }

    @Test
    void whatIsUsedUpStaysSoWhenOldCountsArePruned() {
        Quotas quotas = quotas(Quotas.Limits.NONE, new Quotas.Limits(1, 5L, BigDecimal.valueOf(8)), null);
        queue.submit(Jobs.of("alice").quotas(quotas).say("12345").build());
        pruneAll();
        refused(Jobs.of("bob").quotas(quotas).say("1"));
        time.advance(Duration.ofDays(2));
        pruneAll();
        // Another day, but the same month.
        JobRefusedException budget = refused(Jobs.of("bob").quotas(quotas).say("6789"));
        assertEquals(JobRefusedException.Reason.SPEND_LIMIT, budget.reason());
        queue.submit(Jobs.of("bob").quotas(quotas).say("678").build());
    }

    @Test
    void theBudgetOfTheMonthIsSpentOnWhatIsNotMadeYet() {
        Quotas quotas = quotas(
                new Quotas.Limits(null, null, BigDecimal.valueOf(8)),
                new Quotas.Limits(null, null, BigDecimal.valueOf(9)),
                null);
        queue.submit(Jobs.of("alice").quotas(quotas).say("Hello").build());
        settle(made(claimAndBegin(ann, 1).get(0)));
        JobRefusedException own = refused(Jobs.of("alice").quotas(quotas).say("1234"));
        assertEquals(JobRefusedException.Reason.SPEND_LIMIT, own.reason());
        assertEquals(
                "the limit of 8 USD a month for this owner leaves 3 USD, and the job takes 4 USD;"
                        + " it begins anew at 2026-02-01T00:00:00Z",
                own.getMessage());
        queue.submit(Jobs.of("alice").quotas(quotas).say("Hello", "123").build());
        refused(Jobs.of("bob").quotas(quotas).say("ab"));
        queue.submit(Jobs.of("bob").quotas(quotas).say("a").build());
        time.advance(Duration.ofDays(31));
        queue.submit(Jobs.of("alice").quotas(quotas).say("12345678").build());
    }

    @Test
    void aJobThatCostsMoreThanItMayIsRefused() {
        Quotas quotas = quotas(new Quotas.Limits(null, 10L, null), Quotas.Limits.NONE, "6.5");
        JobRefusedException refused = refused(Jobs.of("alice").quotas(quotas).say("1234567"));
        assertEquals(JobRefusedException.Reason.MAX_COST, refused.reason());
        assertTrue(refused.getMessage().startsWith("the job would cost 7.000000 USD, and at most 6.5 USD"));
        queue.submit(Jobs.of("alice").quotas(quotas).say("123456").build());
    }

    private static Submission numbered(String owner, String prefix, int count) {
        Jobs.Builder job = Jobs.of(owner);
        for (int i = 0; i < count; i++) {
            job.say(prefix + " " + i);
        }
        return job.build();
    }

    private static Outcome made(Lease lease) {
        return new Outcome.Made(lease, Jobs.facts(1200), true);
    }

    private ClipQueue.Settlement settle(Outcome... outcomes) {
        return queue.settle(List.of(outcomes));
    }

    private ClipQueue.Outlook outlook(Instant next, boolean held) {
        return new ClipQueue.Outlook(time.instant(), Optional.ofNullable(next), held);
    }

    private List<Lease> claimAndBegin(WorkerId worker, int max) {
        List<Lease> leases = queue.claim(worker, max);
        assertEquals(Set.copyOf(leases), queue.begin(leases));
        return leases;
    }

    private void die(WorkerId worker) {
        time.advance(LEASE.plusSeconds(1));
        queue.beat(worker.equals(ann) ? bob : ann, LEASE);
        queue.rescue(APART);
        time.advance(APART);
        queue.beat(worker.equals(ann) ? bob : ann, LEASE);
        queue.rescue(APART);
    }

    private Job find(Submission submission) {
        return queue.find(submission.id()).orElseThrow();
    }

    private PhraseResult.Side side(Submission submission, int phrase, String language) {
        return queue.results(submission.id(), phrase, 1).get(0).sides().get(language);
    }

    private List<JobId> ids(JobQuery query) {
        return queue.list(query).stream().map(Job::id).toList();
    }

    private static List<String> texts(Collection<Lease> leases) {
        return leases.stream().map(lease -> lease.clip().text()).toList();
    }
}
