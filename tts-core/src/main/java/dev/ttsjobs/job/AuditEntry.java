package dev.ttsjobs.job;

import dev.ttsjobs.text.SpokenText;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What somebody did to a job, as it is kept in the audit log: written in the same transaction, never changed, never taken
 * away, and never with what was to be said. Immutable and thread-safe.
 *
 * @param number grows from entry to entry: the cursor by which the log is read
 * @param at when, by the queue's time
 * @param action what
 * @param origin who, and from where
 * @param job on which job; it may have been pruned since
 * @param owner whose job it is
 * @param reference what the job belongs to; null for nothing
 * @param phrases the phrases of the job; those that lacked audio when it was retried
 * @param characters the code points of the job's distinct texts
 */
public record AuditEntry(
        long number,
        Instant at,
        Action action,
        Origin origin,
        JobId job,
        String owner,
        @Nullable String reference,
        int phrases,
        long characters) {

    public AuditEntry {
        Objects.requireNonNull(at, "at");
        Objects.requireNonNull(action, "action");
        Objects.requireNonNull(origin, "origin");
        Objects.requireNonNull(job, "job");
        Objects.requireNonNull(owner, "owner");
    }

    /** What can be done to a job. What changed nothing, such as a repeated submit, is not on record. */
    public enum Action {
        SUBMITTED("job.submitted"),
        CANCELLED("job.cancelled"),
        RETRIED("job.retried");

        private final String wireName;

        Action(String wireName) {
            this.wireName = wireName;
        }

        /** As it is written for others to read: {@code job.submitted} and so on. */
        public String wireName() {
            return wireName;
        }
    }

    /**
     * Who asks for something. Immutable and thread-safe.
     *
     * @param actor who, in the host's words (a user's id); at most 200 characters; null when it is not known, or the host
     *     itself
     * @param address from where, such as an IP address; at most 100 characters; null when it is not known
     */
    public record Origin(@Nullable String actor, @Nullable String address) {

        /** Nobody said who it was. */
        public static final Origin UNKNOWN = new Origin(null, null);

        /** @throws IllegalArgumentException when something is longer than stated or not well-formed text */
        public Origin {
            if ((actor != null && actor.length() > 200) || (address != null && address.length() > 100)) {
                throw new IllegalArgumentException("an actor has at most 200 characters, an address at most 100");
            }
            if ((actor != null && !SpokenText.isWellFormed(actor))
                    || (address != null && !SpokenText.isWellFormed(address))) {
                throw new IllegalArgumentException("actor and address hold neither half characters nor U+0000");
            }
        }
    }
}
