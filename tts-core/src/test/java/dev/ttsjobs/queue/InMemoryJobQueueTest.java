package dev.ttsjobs.queue;

import dev.ttsjobs.contract.JobQueueContract;
import dev.ttsjobs.time.ManualTime;

class InMemoryJobQueueTest extends JobQueueContract {

    @Override
    protected JobQueue open(ManualTime clock) {
        return JobQueue.inMemory(clock);
    }
}
