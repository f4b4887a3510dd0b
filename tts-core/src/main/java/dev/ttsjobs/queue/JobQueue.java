package dev.ttsjobs.queue;

import java.time.InstantSource;

/** Both halves of the queue, and its outbox: what an adapter implements, and {@code JobQueueContract} in the test-jar checks. */
public interface JobQueue extends JobStore, ClipQueue, AutoCloseable {

    /** The outbox: what has happened to jobs, for those who are to be told. */
    EventQueue events();

    /** Gives up connections and threads. Leases that are still held run out by themselves. */
    @Override
    void close();

    /** A queue that lives and dies with the process: the executable model of the contract, and a host's test double. */
    static JobQueue inMemory(InstantSource clock) {
        return new InMemoryJobQueue(clock);
    }
}
