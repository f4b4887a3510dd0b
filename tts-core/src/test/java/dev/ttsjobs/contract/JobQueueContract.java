package dev.ttsjobs.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ttsjobs.job.JobRefusedException;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import dev.ttsjobs.queue.JobQueue;
import dev.ttsjobs.queue.JobStore;
import dev.ttsjobs.queue.JobStore.JobQuery;
import dev.ttsjobs.queue.JobStore.Submission;
import dev.ttsjobs.queue.Lease;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What every {@link JobQueue} holds to: all of it, and also when many come at once. */
public abstract class JobQueueContract extends SubstituteContract {

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
                    queue.settle(some.stream().map(QueueFixture::made).toList());
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
}
