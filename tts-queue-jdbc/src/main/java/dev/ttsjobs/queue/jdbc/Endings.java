package dev.ttsjobs.queue.jdbc;

import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.job.AuditEntry;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobStatus;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/** Calls jobs off, and runs ended ones anew. Clips are locked before jobs, as everywhere. */
final class Endings {

    private final Sql sql;
    private final ClipRows clips;
    private final Wanting wanting;
    private final Progress progress;
    private final JobReads reads;
    private final Audit audit;

    Endings(Sql sql, ClipRows clips, Wanting wanting, Progress progress, JobReads reads, Audit audit) {
        this.sql = sql;
        this.clips = clips;
        this.wanting = wanting;
        this.progress = progress;
        this.reads = reads;
        this.audit = audit;
    }

    boolean cancel(Handle handle, JobId id, AuditEntry.Origin origin, Instant now) {
        Optional<JobRow> found = reads.row(handle, id);
        if (found.isEmpty() || !found.get().isLiving()) {
            return false;
        }
        long number = found.get().number;
        List<Long> open = clipsOf(handle, number, SideState.OPEN);
        Set<Long> all = new HashSet<>(open);
        all.addAll(partsOf(handle, open));
        StateRow.lock(handle, sql, all);
        Map<Long, JobRow> jobs = progress.lock(handle, List.of(number));
        JobRow job = jobs.get(number);
        if (job == null || !job.isLiving()) {
            return false;
        }
        job.status = JobStatus.CANCELLED;
        job.completedAt = now;
        job.ends = true;
        // It may have ended and been retried before its row was locked: what is open now counts.
        List<Long> left = clipsOf(handle, number, SideState.OPEN);
        if (!open.containsAll(left)) {
            // Their rows are not locked, and after the job's they may not be.
            throw new Database.Collision("the job was retried while it was called off");
        }
        sql.update(handle, "callOffSides").bind("job", number).execute();
        progress.write(handle, jobs.values());
        wanting.dropUnwanted(handle, left);
        audit.add(handle, AuditEntry.Action.CANCELLED, origin, subject(job, job.total), now);
        return true;
    }

    private List<Long> clipsOf(Handle handle, long job, int state) {
        return sql.query(handle, "clipsOfJob")
                .bind("job", job)
                .bind("state", state)
                .mapTo(Long.class)
                .list();
    }

    private List<Long> partsOf(Handle handle, List<Long> wholes) {
        return wholes.isEmpty()
                ? List.of()
                : sql.query(handle, "partNumbers", "clips", wholes)
                        .map((row, context) -> row.getLong(2))
                        .list();
    }

    boolean retry(Handle handle, JobId id, AuditEntry.Origin origin, Instant now) {
        Optional<JobRow> found = reads.row(handle, id);
        if (found.isEmpty() || !mayRetry(found.get())) {
            return false;
        }
        long number = found.get().number;
        List<Long> order = failedSides(handle, number).stream()
                .map(FailedSide::clip)
                .distinct()
                .toList();
        Map<Long, Clip> byNumber = clips.byNumber(handle, order);
        Map<Long, Clip> failed = new LinkedHashMap<>();
        order.forEach(clip -> failed.put(clip, Objects.requireNonNull(byNumber.get(clip))));
        Map<ClipKey, StateRow> rows =
                wanting.want(handle, failed.values(), found.get().details, number, Micros.of(now));
        Map<Long, JobRow> jobs = progress.lock(handle, List.of(number));
        JobRow job = jobs.get(number);
        if (job == null || !mayRetry(job)) {
            // Somebody else was quicker: wanted the same clips, or pruned the job.
            return false;
        }
        audit.add(handle, AuditEntry.Action.RETRIED, origin, subject(job, job.failed), now);
        reopen(handle, job, failed, rows, now);
        progress.write(handle, jobs.values());
        return true;
    }

    private static Audit.Subject subject(JobRow job, int phrases) {
        return new Audit.Subject(job.id, job.details, phrases, job.characters);
    }

    private static boolean mayRetry(JobRow job) {
        return (job.status == JobStatus.COMPLETED || job.status == JobStatus.FAILED) && job.failed > 0;
    }

    private record FailedSide(long phrase, int ordinal, long clip) {}

    private List<FailedSide> failedSides(Handle handle, long job) {
        return sql.query(handle, "failedSides")
                .bind("job", job)
                .map((row, context) -> new FailedSide(row.getLong(1), row.getInt(2), row.getLong(3)))
                .list();
    }

    private void reopen(Handle handle, JobRow job, Map<Long, Clip> failed, Map<ClipKey, StateRow> rows, Instant now) {
        List<FailedSide> sides = failedSides(handle, job.number).stream()
                .filter(side -> failed.containsKey(side.clip))
                .toList();
        List<Long> phrases = sides.stream().map(FailedSide::phrase).distinct().toList();
        long withAudio =
                sql.query(handle, "phraseStates", "phrases", phrases).map((row, context) -> row.getLong(5) > 0).stream()
                        .filter(audio -> audio)
                        .count();
        job.status = JobStatus.PROCESSING;
        job.completedAt = null;
        job.failure = null;
        job.processed -= phrases.size();
        job.failed -= phrases.size();
        job.made -= (int) withAudio;
        Rows reopened = new Rows(sql, handle, "reopenSide");
        for (FailedSide side : sides) {
            ClipKey key = Objects.requireNonNull(failed.get(side.clip)).key();
            boolean ready = Objects.requireNonNull(rows.get(key)).state == StateRow.DONE;
            reopened.number("phrase", side.phrase)
                    .number("ordinal", side.ordinal)
                    .number("state", ready ? SideState.CACHED : SideState.OPEN)
                    .add();
        }
        reopened.write();
        progress.advance(handle, Map.of(job.number, job), phrases, now);
    }
}
