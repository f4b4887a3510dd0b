package dev.ttsjobs.job;

import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.text.SpokenText;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A job as it stood at one moment. Its phrases are read apart, since there may be many. Immutable and thread-safe.
 *
 * @param id its name
 * @param details what it was submitted with
 * @param status where it stands
 * @param progress how far it has come
 * @param usage what it has cost so far
 * @param timeline when what happened
 */
public record Job(JobId id, Details details, JobStatus status, Progress progress, Usage usage, Timeline timeline) {

    /**
     * The attribute that holds the host's own name for the request which the job came with. It makes no other request of it,
     * and stands as {@code requestId} beside {@code jobId} in SLF4J's diagnostic context while the job's end is told of.
     */
    public static final String REQUEST_ID = "requestId";

    /**
     * The attribute that holds a W3C {@code traceparent}: it goes with the job's webhook as the header of that name, so that
     * the receiver's trace joins that of the request. It makes no other request of it either.
     */
    public static final String TRACEPARENT = "traceparent";

    public Job {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(details, "details");
        Objects.requireNonNull(status, "status");
        Objects.requireNonNull(progress, "progress");
        Objects.requireNonNull(usage, "usage");
        Objects.requireNonNull(timeline, "timeline");
    }

    /**
     * What a job was submitted with, beside its phrases.
     *
     * @param owner whose job it is, in the host's words; 1 to 200 characters
     * @param reference what it belongs to, in the host's words (a deck's id); null for none; at most 200 characters
     * @param priority what goes first
     * @param attributes pairs that the host wants to find again, at most 16; names of at most 64 characters, values of at
     *     most 2,000
     */
    public record Details(String owner, @Nullable String reference, Priority priority, Map<String, String> attributes) {

        /** @throws IllegalArgumentException when something is longer than stated or not well-formed text, or the owner is blank */
        public Details {
            if (owner.isBlank() || owner.length() > 200) {
                throw new IllegalArgumentException("an owner has 1 to 200 characters");
            }
            if (reference != null && reference.length() > 200) {
                throw new IllegalArgumentException("a reference has at most 200 characters");
            }
            if (!SpokenText.isWellFormed(owner) || (reference != null && !SpokenText.isWellFormed(reference))) {
                throw new IllegalArgumentException("owner and reference hold neither half characters nor U+0000");
            }
            Objects.requireNonNull(priority, "priority");
            attributes = Map.copyOf(attributes);
            if (attributes.size() > 16
                    || attributes.entrySet().stream()
                            .anyMatch(pair -> pair.getKey().length() > 64
                                    || pair.getValue().length() > 2000)) {
                throw new IllegalArgumentException(
                        "at most 16 attributes, with names of at most 64 and values of at most 2,000 characters");
            }
        }
    }

    /**
     * How far a job has come.
     *
     * @param total its phrases
     * @param processed the phrases that have ended, well or not; never goes down within a run
     * @param failed the ended phrases that lack some audio
     * @param errorMessage what went wrong in one sentence; null while nothing did
     * @param waitingFor what holds it up beside its turn; null while nothing does
     */
    public record Progress(
            int total,
            int processed,
            int failed,
            @Nullable String errorMessage,
            @Nullable WaitingFor waitingFor) {

        public Progress {
            if (failed < 0 || processed < failed || total < processed) {
                throw new IllegalArgumentException("failed <= processed <= total does not hold");
            }
        }

        /**
         * The sentence that sums up what went wrong, the same from every queue; null while nothing did.
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

    /**
     * What the work waits for, while no worker gets on with anything: an account that is paused, a storage that takes no audio
     * (of the kind {@code STORAGE}), the host's own part in the completion of a phrase, which failed (of the kind {@code HOST}),
     * or a worker that can read what a newer version wrote (of the code {@code unreadable_row}).
     *
     * @param failure why it waits
     * @param since since when
     */
    public record WaitingFor(Failure failure, Instant since) {

        public WaitingFor {
            Objects.requireNonNull(failure, "failure");
            Objects.requireNonNull(since, "since");
        }
    }

    /**
     * When what happened to a job.
     *
     * @param createdAt when it was accepted
     * @param startedAt when work on it began; null before
     * @param completedAt when it ended; null before
     * @param version a number that grows with each change of the job
     */
    public record Timeline(
            Instant createdAt,
            @Nullable Instant startedAt,
            @Nullable Instant completedAt,
            long version) {

        public Timeline {
            Objects.requireNonNull(createdAt, "createdAt");
        }
    }
}
