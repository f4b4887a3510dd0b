package dev.ttsjobs.event;

import dev.ttsjobs.job.Job;
import java.time.Instant;
import java.util.Objects;

/**
 * The end of a job, as the outbox keeps it: written in the same transaction as the end itself. A job that is retried ends
 * again, with an event of its own. Immutable and thread-safe.
 *
 * @param id names the event, the same at every delivery; 1 to 64 of {@code A-Z a-z 0-9 - _}
 * @param job the job as it stood when it ended
 * @param at when it ended, by the queue's clock
 */
public record JobEvent(String id, Job job, Instant at) {

    public JobEvent {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(job, "job");
        Objects.requireNonNull(at, "at");
    }
}
