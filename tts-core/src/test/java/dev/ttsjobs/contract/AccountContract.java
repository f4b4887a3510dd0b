package dev.ttsjobs.contract;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.cost.Quotas;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobRefusedException;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.limit.RateLimiter;
import dev.ttsjobs.queue.ClipQueue;
import dev.ttsjobs.queue.ClipQueue.Outcome;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import dev.ttsjobs.queue.JobStore.JobQuery;
import dev.ttsjobs.queue.JobStore.Submission;
import dev.ttsjobs.queue.Lease;
import dev.ttsjobs.speech.ProviderHints;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What every queue holds to about signals, its load, accounts and limits. */
abstract class AccountContract extends EndingContract {

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
    void aPausedAccountHoldsNothingUpWhileAnotherWorks() {
        Submission job = Jobs.of("alice").say("Hello", "Bye").build();
        queue.submit(job);
        queue.pause("acme", "the invoice is being looked at");
        Lease lease = queue.claim(ann, 1).get(0);
        assertNull(find(job).progress().waitingFor());
        settle(new Outcome.Released(lease));
        assertNotNull(find(job).progress().waitingFor());
    }

    @Test
    void aWorkersStorageIsWhatRunningJobsWaitForUnlessAnotherWorks() {
        Submission job = Jobs.of("alice").say("one", "two").build();
        queue.submit(job);
        Failure full = Failure.of(FailureKind.STORAGE, "storage_full", "make room");
        WorkerId eve = new WorkerId(UUID.randomUUID());
        queue.waits(eve, full);
        assertNull(waitingFor(job), "who is not entered is not heard");
        queue.beat(eve, Duration.ofSeconds(20));
        Lease kept = queue.claim(eve, 1).get(0);
        queue.waits(eve, full);
        Instant since = time.instant();
        assertEquals(new Job.WaitingFor(full, since), waitingFor(job), "what it has in hand is not worked on");
        time.advance(Duration.ofSeconds(5));
        Failure failed = Failure.of(FailureKind.STORAGE, "storage_failed", "look at it");
        queue.beat(eve, Duration.ofSeconds(20));
        queue.waits(eve, failed);
        assertEquals(new Job.WaitingFor(failed, since), waitingFor(job));
        assertEquals(
                new Job.WaitingFor(failed, since),
                queue.list(JobQuery.ofOwner("alice", 1)).get(0).progress().waitingFor());

        Lease lease = queue.claim(ann, 1).get(0);
        assertNull(waitingFor(job), "another has work in hand");
        settle(new Outcome.Released(lease));
        assertNotNull(waitingFor(job));
        queue.waits(eve, null);
        assertNull(waitingFor(job));
        queue.waits(eve, full);
        assertEquals(new Job.WaitingFor(full, time.instant()), waitingFor(job), "it has begun anew");
        queue.leave(eve);
        assertNull(waitingFor(job));
        assertEquals(1, queue.begin(List.of(queue.claim(ann, 1).get(0))).size());
        assertEquals(Set.of(kept), queue.settle(List.of(made(kept))).lost());
    }

    @Test
    void whatADeadWorkerWaitedForIsForgotten() {
        Submission job = Jobs.of("alice").say("one").build();
        queue.submit(job);
        queue.beat(ann, Duration.ofSeconds(20));
        queue.claim(ann, 1);
        queue.waits(ann, Failure.of(FailureKind.STORAGE, "storage_full", "make room"));
        time.advance(Duration.ofSeconds(30));
        assertNotNull(waitingFor(job));
        queue.rescue(Duration.ofSeconds(5));
        time.advance(Duration.ofSeconds(5));
        assertEquals(1, queue.rescue(Duration.ofSeconds(5)));
        assertNull(waitingFor(job));
    }

    @Test
    void theFirstOfSeveralThingsIsWaitedFor() {
        Submission job = Jobs.of("alice").say("one").build();
        queue.submit(job);
        Failure full = Failure.of(FailureKind.STORAGE, "storage_full", "make room");
        queue.beat(ann, Duration.ofSeconds(20));
        queue.waits(ann, full);
        time.advance(Duration.ofSeconds(1));
        queue.pause("acme", "the invoice is being looked at");
        assertEquals(full, requireNonNull(waitingFor(job)).failure());
        queue.waits(ann, null);
        assertEquals(
                FailureKind.PAUSED, requireNonNull(waitingFor(job)).failure().kind());
        time.advance(Duration.ofSeconds(1));
        queue.waits(ann, full);
        assertEquals(
                FailureKind.PAUSED, requireNonNull(waitingFor(job)).failure().kind());
        queue.resume("acme");
        assertEquals(full, requireNonNull(waitingFor(job)).failure());
        time.advance(Duration.ofHours(1));
        assertNull(waitingFor(job), "nobody has heard of it for long");
    }

    private Job.WaitingFor waitingFor(Submission job) {
        return find(job).progress().waitingFor();
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
        queue.pause("acme", "the invoice is being looked at");
        assertNotEquals(0, woken.getAndSet(0), "some may stand ready to call");
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
    void whatRestsBecauseOfAPauseIsDueWhenItIsResumedByHand() {
        queue.submit(Jobs.of("alice").say("Hello").build());
        WorkerId ann = new WorkerId(UUID.randomUUID());
        queue.beat(ann, Duration.ofHours(1));
        Lease lease = queue.claim(ann, 1).get(0);
        queue.begin(List.of(lease));
        Failure quota = Failure.of(FailureKind.QUOTA_EXHAUSTED, "insufficient_quota", "no credit");
        queue.limiter("acme", RateLimit.perMinute(120)).pause(quota);
        queue.settle(List.of(new Outcome.Again(lease, quota, Duration.ofMinutes(5))));
        assertFalse(queue.resume("other"));
        assertEquals(List.of(), queue.claim(ann, 1), "it rests until another has found out");
        assertTrue(queue.resume("acme"));
        Lease again = queue.claim(ann, 1).get(0);
        assertEquals(lease.clip(), again.clip());
        assertEquals(0, again.attempts());
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

    // Limits

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
}
