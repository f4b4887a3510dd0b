package dev.ttsjobs.queue;

import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.job.JobStatus;
import org.jspecify.annotations.Nullable;

/** The one sentence that sums up what went wrong in a job, the same from every queue. Stateless, thread-safe. */
public final class JobSummary {

    private JobSummary() {}

    /**
     * The sentence, or null while nothing went wrong.
     *
     * @param failed the phrases that lack some audio
     * @param first the first of their failures
     */
    public static @Nullable String errorMessage(JobStatus status, int failed, int total, @Nullable Failure first) {
        if (failed == 0 || first == null) {
            return null;
        }
        String reason = first.code() + ": " + first.message();
        return status == JobStatus.FAILED
                ? "No text could be made. " + reason
                : failed + " of " + total + " phrases lack some audio. " + reason;
    }
}
