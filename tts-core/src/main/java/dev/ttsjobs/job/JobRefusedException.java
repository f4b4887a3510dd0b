package dev.ttsjobs.job;

import dev.ttsjobs.failure.TtsException;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A valid request was refused because of what was submitted before. Nothing was written. */
public final class JobRefusedException extends TtsException {

    private static final long serialVersionUID = 1L;

    /** Why a job was refused. */
    public enum Reason {
        /** The owner's jobs of the day are used up. */
        DAILY_LIMIT,
        /** The idempotency key was used for another request. */
        KEY_REUSED,
        /** The id was used for another request. */
        ID_REUSED
    }

    private final Reason reason;
    private final @Nullable Duration retryAfter;

    public JobRefusedException(Reason reason, String message, @Nullable Duration retryAfter) {
        super(message);
        this.reason = Objects.requireNonNull(reason, "reason");
        this.retryAfter = retryAfter;
    }

    public Reason reason() {
        return reason;
    }

    /** When the same request may be accepted; null when never. */
    public @Nullable Duration retryAfter() {
        return retryAfter;
    }
}
