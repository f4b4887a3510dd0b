package dev.ttsjobs.queue;

import dev.ttsjobs.job.JobRefusedException;
import dev.ttsjobs.job.JobRefusedException.Reason;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;

/** The sentences with which a queue refuses a job, the same from every queue. Stateless, thread-safe. */
public final class JobRefusals {

    private JobRefusals() {}

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
}
