package dev.ttsjobs.job;

import dev.ttsjobs.failure.TtsException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A valid request was refused because of what was submitted before. Nothing was written. */
public final class JobRefusedException extends TtsException {

    private static final long serialVersionUID = 1L;

    /** Why a job was refused. */
    public enum Reason {
        /** The owner's jobs of the day are used up, or those of all owners together. */
        DAILY_LIMIT,
        /** The characters of the day are used up. */
        CHARACTER_LIMIT,
        /** The budget of the month is used up. */
        SPEND_LIMIT,
        /** The job would cost more than the request allows. */
        MAX_COST,
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

    /** The owner's jobs of the day are used up; the next day begins at midnight UTC. */
    public static JobRefusedException dailyLimit(int limit, Instant now) {
        LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
        Instant midnight = today.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
        return new JobRefusedException(
                Reason.DAILY_LIMIT,
                "the limit of " + limit + " jobs a day is reached; it begins anew at midnight UTC",
                Duration.between(now, midnight));
    }

    /** An id or an idempotency key stands for another request. */
    public static JobRefusedException reused(Reason reason) {
        String what = reason == Reason.ID_REUSED ? "job id" : "idempotency key";
        return new JobRefusedException(reason, "this " + what + " was used for a different request", null);
    }

    public Reason reason() {
        return reason;
    }

    /** When the same request may be accepted; null when never. */
    public @Nullable Duration retryAfter() {
        return retryAfter;
    }
}
