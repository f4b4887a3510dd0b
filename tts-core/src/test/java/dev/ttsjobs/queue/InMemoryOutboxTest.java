package dev.ttsjobs.queue;

import dev.ttsjobs.contract.OutboxContract;
import dev.ttsjobs.time.ManualTime;

class InMemoryOutboxTest extends OutboxContract {

    @Override
    protected JobQueue open(ManualTime clock) {
        return JobQueue.inMemory(clock);
    }
}
