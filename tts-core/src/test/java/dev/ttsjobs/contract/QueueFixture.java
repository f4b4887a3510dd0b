package dev.ttsjobs.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.cost.PriceList;
import dev.ttsjobs.cost.Quotas;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobRefusedException;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.job.PhraseResult;
import dev.ttsjobs.job.Usage;
import dev.ttsjobs.queue.ClipQueue;
import dev.ttsjobs.queue.ClipQueue.Outcome;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import dev.ttsjobs.queue.JobQueue;
import dev.ttsjobs.queue.JobStore.JobQuery;
import dev.ttsjobs.queue.JobStore.Submission;
import dev.ttsjobs.queue.Lease;
import dev.ttsjobs.time.ManualTime;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** An empty queue, two workers, and words for what is done with them. */
abstract class QueueFixture {

    static final Duration LEASE = Duration.ofSeconds(30);
    static final Duration APART = Duration.ofSeconds(10);
    static final Duration MONTH = Duration.ofDays(30);

    protected final ManualTime time = new ManualTime();
    protected JobQueue queue;
    final WorkerId ann = new WorkerId(UUID.randomUUID());
    final WorkerId bob = new WorkerId(UUID.randomUUID());

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

    void pruneWhatIsADayOld() {
        boolean more = true;
        while (more) {
            more = queue.prune(Duration.ofDays(1));
        }
    }

    Outcome madeOrGivenUp(Lease lease) {
        return switch (lease.clip().text()) {
            case "made" -> made(lease);
            case "never" -> new Outcome.GivenUp(lease, Jobs.failure(FailureKind.REJECTED));
            default -> new Outcome.GivenUp(lease, Jobs.failure(FailureKind.SERVER));
        };
    }

    void pruneAll() {
        int batches = 0;
        while (queue.prune(MONTH)) {
            batches++;
            assertTrue(batches < 1000, "there is always more");
        }
    }

    Submission completed(String owner, String... texts) {
        Submission job = Jobs.of(owner).say(texts).build();
        queue.submit(job);
        claimAndBegin(ann, texts.length).forEach(lease -> settle(made(lease)));
        assertEquals(JobStatus.COMPLETED, find(job).status());
        return job;
    }

    static Quotas quotas(Quotas.Limits eachOwner, Quotas.Limits all, String maxCost) {
        PriceList dollarACharacter = PriceList.flat(BigDecimal.valueOf(1_000_000));
        return new Quotas(eachOwner, all, maxCost == null ? null : new BigDecimal(maxCost), dollarACharacter);
    }

    JobRefusedException refused(Jobs.Builder job) {
        Submission submission = job.build();
        JobRefusedException refused = assertThrows(JobRefusedException.class, () -> queue.submit(submission));
        assertEquals(Optional.empty(), queue.find(submission.id()));
        return refused;
    }

    static Submission numbered(String owner, String prefix, int count) {
        Jobs.Builder job = Jobs.of(owner);
        for (int i = 0; i < count; i++) {
            job.say(prefix + " " + i);
        }
        return job.build();
    }

    static Outcome made(Lease lease) {
        return new Outcome.Made(lease, Jobs.facts(1200), true);
    }

    /** What clips cost that were made as {@link #made} says, at the first attempt. */
    static Usage usage(long characters, long billedCharacters, int clips, int billedClips) {
        return new Usage(
                characters, billedCharacters, clips, billedClips, billedClips, Duration.ofMillis(1200L * billedClips));
    }

    ClipQueue.Settlement settle(Outcome... outcomes) {
        return queue.settle(List.of(outcomes));
    }

    ClipQueue.Outlook outlook(Instant next, boolean held) {
        return new ClipQueue.Outlook(time.instant(), Optional.ofNullable(next), held);
    }

    List<Lease> claimAndBegin(WorkerId worker, int max) {
        List<Lease> leases = queue.claim(worker, max);
        assertEquals(Set.copyOf(leases), queue.begin(leases));
        return leases;
    }

    void die(WorkerId worker) {
        time.advance(LEASE.plusSeconds(1));
        queue.beat(worker.equals(ann) ? bob : ann, LEASE);
        queue.rescue(APART);
        time.advance(APART);
        queue.beat(worker.equals(ann) ? bob : ann, LEASE);
        queue.rescue(APART);
    }

    Job find(Submission submission) {
        return queue.find(submission.id()).orElseThrow();
    }

    PhraseResult.Side side(Submission submission, int phrase, String language) {
        return queue.results(submission.id(), phrase, 1).get(0).sides().get(language);
    }

    List<JobId> ids(JobQuery query) {
        return queue.list(query).stream().map(Job::id).toList();
    }

    static List<String> texts(Collection<Lease> leases) {
        return leases.stream().map(lease -> lease.clip().text()).toList();
    }
}
