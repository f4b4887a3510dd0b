package dev.ttsjobs.job;

/** Where a job stands. */
public enum JobStatus {
    /** Accepted; nothing of it has been worked on. */
    PENDING,
    /** Some of its phrases have ended, or a worker has one in hand. */
    PROCESSING,
    /** Every phrase has ended, and at least one text has its audio. */
    COMPLETED,
    /** Every phrase has ended, and no text could be made. */
    FAILED,
    /** Called off before it had ended. */
    CANCELLED;

    /** Whether nothing more happens to the job unless it is retried. */
    public boolean hasEnded() {
        return this == COMPLETED || this == FAILED || this == CANCELLED;
    }
}
