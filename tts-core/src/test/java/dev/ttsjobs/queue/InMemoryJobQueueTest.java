package dev.ttsjobs.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ttsjobs.contract.JobQueueContract;
import dev.ttsjobs.contract.Jobs;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import dev.ttsjobs.time.ManualTime;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class InMemoryJobQueueTest extends JobQueueContract {

    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final Duration APART = Duration.ofSeconds(10);

    @Override
    protected JobQueue open(ManualTime clock) {
        return JobQueue.inMemory(clock);
    }

    /** It beat, stood still, was taken off, went on to claim without knowing, and died. */
    @Test
    void whatAForgottenWorkerClaimsComesBack() {
        ManualTime clock = new ManualTime();
        JobQueue queue = open(clock);
        WorkerId forgotten = new WorkerId(new UUID(1, 1));
        queue.submit(Jobs.of("ann").say("hello").build());
        queue.beat(forgotten, LEASE);
        look(queue, clock, LEASE);
        look(queue, clock, APART);
        queue.claim(forgotten, 1);
        look(queue, clock, APART);
        look(queue, clock, APART);
        assertEquals(1, queue.claim(new WorkerId(new UUID(2, 2)), 1).size());
    }

    private static void look(JobQueue queue, ManualTime clock, Duration later) {
        clock.advance(later);
        queue.rescue(APART);
    }
}
