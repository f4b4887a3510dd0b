package dev.ttsjobs.queue;

import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.job.AuditEntry;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobStatus;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;

/** Calls jobs of the in-memory queue off, and runs ended ones anew. */
final class MemoryEndings {

    private final MemoryTables tables;
    private final MemoryWanting wanting;
    private final MemoryAudit audit;

    MemoryEndings(MemoryTables tables, MemoryWanting wanting, MemoryAudit audit) {
        this.tables = tables;
        this.wanting = wanting;
        this.audit = audit;
    }

    boolean cancel(JobId id, AuditEntry.Origin origin) {
        MemoryJob job = tables.jobs.get(id);
        if (job == null || !job.isLiving()) {
            return false;
        }
        job.status = JobStatus.CANCELLED;
        job.completedAt = tables.clock.instant();
        job.version++;
        tables.outbox.ended(job.snapshot(null), tables.clock.instant());
        audit.add(
                AuditEntry.Action.CANCELLED,
                origin,
                job,
                job.submission.phrases().size(),
                tables.clock.instant());
        job.submission.clips().keySet().forEach(key -> wanting.dropIfUnwanted(tables.clip(key)));
        return true;
    }

    boolean retry(JobId id, AuditEntry.Origin origin) {
        return reopen(id, origin, failure -> true);
    }

    private boolean reopen(JobId id, AuditEntry.Origin origin, Predicate<Failure> which) {
        MemoryJob job = tables.jobs.get(id);
        if (job == null || job.isLiving() || job.status == JobStatus.CANCELLED || job.failed() == 0) {
            return false;
        }
        Instant now = tables.clock.instant();
        audit.add(AuditEntry.Action.RETRIED, origin, job, job.failed(), now);
        job.status = JobStatus.PROCESSING;
        job.completedAt = null;
        job.retryAt = null;
        MemoryWanting.Place place = wanting.placeOf(job.submission);
        List<MemoryJob.Side> sides = job.failedSides(which);
        Map<ClipKey, MemoryClip> rows = new LinkedHashMap<>();
        sides.forEach(side ->
                rows.computeIfAbsent(side.key, key -> wanting.want(tables.clip(key).clip, place, id, now)));
        for (MemoryJob.Side side : sides) {
            boolean ready = Objects.requireNonNull(rows.get(side.key)).state == ClipState.DONE;
            side.state = ready ? MemoryJob.SideState.CACHED : MemoryJob.SideState.OPEN;
            side.failure = null;
        }
        List<MemoryJob.Side> left = job.failedSides(failure -> true);
        job.failure = left.isEmpty() ? null : left.get(0).failure;
        tables.progress(job, now);
        return true;
    }

    /** Runs anew what is due to be tried again by itself; says how many jobs. */
    int retryDue() {
        Instant now = tables.clock.instant();
        List<MemoryJob> due = tables.jobs.values().stream()
                .filter(job -> job.retryAt != null && !job.retryAt.isAfter(now))
                .sorted(Comparator.<MemoryJob, Instant>comparing(job -> Objects.requireNonNull(job.retryAt))
                        .thenComparingLong(job -> job.number))
                .toList();
        for (MemoryJob job : due) {
            job.rounds++;
            reopen(
                    job.id(),
                    AuditEntry.Origin.UNKNOWN,
                    failure -> failure.kind().retryable());
        }
        return due.size();
    }
}
