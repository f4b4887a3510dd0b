package dev.ttsjobs.queue;

import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobStatus;
import org.jspecify.annotations.Nullable;

/**
 * Which jobs to list, newest first. Immutable and thread-safe.
 *
 * @param owner whose jobs; null for everybody's
 * @param status in which state; null for any
 * @param reference belonging to what; null for anything
 * @param before only jobs older than this one: the last of the page before; null for the first page
 * @param limit at most how many, 1 to 1,000
 */
public record JobQuery(
        @Nullable String owner,
        @Nullable JobStatus status,
        @Nullable String reference,
        @Nullable JobId before,
        int limit) {

    public JobQuery {
        if (limit < 1 || limit > 1000) {
            throw new IllegalArgumentException("limit must be from 1 to 1,000");
        }
    }

    /** The newest jobs of an owner. */
    public static JobQuery ofOwner(String owner, int limit) {
        return new JobQuery(owner, null, null, null, limit);
    }
}
