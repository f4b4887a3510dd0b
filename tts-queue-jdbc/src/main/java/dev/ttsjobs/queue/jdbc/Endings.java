package dev.ttsjobs.queue.jdbc;

import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.job.AuditEntry;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobStatus;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;

/** Calls jobs off, and runs ended ones anew. Clips are locked before jobs, as everywhere. */
final class Endings {

    private final Sql sql;
    private final ClipRows clips;
    private final Wanting wanting;
    private final Progress progress;
    private final JobReads reads;
    private final Audit audit;
    private final JobRounds rounds;

    Endings(
            Sql sql,
            ClipRows clips,
            Wanting wanting,
            Progress progress,
            JobReads reads,
            Audit audit,
            JobRounds rounds) {
        this.sql = sql;
        this.clips = clips;
        this.wanting = wanting;
        this.progress = progress;
        this.reads = reads;
        this.audit = audit;
        this.rounds = rounds;
    }

    boolean cancel(Handle handle, JobId id, AuditEntry.Origin origin, Instant now) {
        Optional<JobRow> found = reads.row(handle, id).map(JobRow::readable);
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
        inJob(sql.update(handle, "callOffSides"), number).execute();
        progress.write(handle, jobs.values());
        wanting.dropUnwanted(handle, left);
        audit.add(handle, AuditEntry.Action.CANCELLED, origin, subject(job, job.total), now);
        return true;
    }

    private List<Long> clipsOf(Handle handle, long job, int state) {
        return inJob(sql.query(handle, "clipsOfJob"), job)
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
        return reads.row(handle, id)
                .map(JobRow::readable)
                .filter(job -> retry(handle, job, origin, now, false))
                .isPresent();
    }

    /** Tries a job again by itself whose time has come; false when it was somebody else who did. */
    boolean nextRound(Handle handle, JobRow job, Instant now) {
        return retry(handle, job.readable(), AuditEntry.Origin.UNKNOWN, now, true);
    }

    /** @param byItself only what failed for reasons that may pass */
    private boolean retry(Handle handle, JobRow found, AuditEntry.Origin origin, Instant now, boolean byItself) {
        if (!mayRetry(found)) {
            return false;
        }
        long number = found.number;
        List<FailedSide> sides = failedSides(handle, number);
        List<Long> order = sides.stream()
                .filter(side -> !byItself || side.failure.kind().retryable())
                .map(FailedSide::clip)
                .distinct()
                .toList();
        if (sides.isEmpty()) {
            // Somebody else was quicker.
            return false;
        }
        if (order.isEmpty()) {
            throw Unreadable.hidden("the job " + found.id, "failures", "are of no kind that may pass");
        }
        Map<Long, Clip> failed = clips.readable(handle, order);
        Map<ClipKey, StateRow> rows = wanting.want(handle, failed.values(), found.details, number, Micros.of(now));
        Map<Long, JobRow> jobs = progress.lock(handle, List.of(number));
        JobRow job = jobs.get(number);
        if (job == null || !mayRetry(job) || (byItself && !rounds.take(handle, number, now))) {
            // Somebody else was quicker: wanted the same clips, or pruned the job.
            return false;
        }
        if (!byItself) {
            rounds.asked(handle, number);
        }
        audit.add(handle, AuditEntry.Action.RETRIED, origin, subject(job, job.failed), now);
        reopen(handle, job, failed, rows, now, byItself);
        progress.write(handle, jobs.values());
        return true;
    }

    private static Audit.Subject subject(JobRow job, int phrases) {
        return new Audit.Subject(job.id, job.details, phrases, job.characters);
    }

    private static boolean mayRetry(JobRow job) {
        return (job.status == JobStatus.COMPLETED || job.status == JobStatus.FAILED) && job.failed > 0;
    }

    private record FailedSide(long phrase, int ordinal, long clip, Failure failure) {}

    private List<FailedSide> failedSides(Handle handle, long job) {
        return inJob(sql.query(handle, "failedSides"), job)
                .map((row, context) ->
                        new FailedSide(row.getLong(1), row.getInt(2), row.getLong(3), Failures.read(row, "failure")))
                .list();
    }

    /** The numbers of a job's phrases. */
    private static <S extends SqlStatement<S>> S inJob(S statement, long job) {
        return statement.bind("from", job * Submits.PHRASES).bind("to", (job + 1) * Submits.PHRASES);
    }

    private void reopen(
            Handle handle,
            JobRow job,
            Map<Long, Clip> failed,
            Map<ClipKey, StateRow> rows,
            Instant now,
            boolean byItself) {
        Map<Boolean, List<FailedSide>> all = failedSides(handle, job.number).stream()
                .collect(Collectors.partitioningBy(side -> failed.containsKey(side.clip)
                        && (!byItself || side.failure.kind().retryable())));
        List<FailedSide> sides = Objects.requireNonNull(all.get(true));
        List<FailedSide> left = Objects.requireNonNull(all.get(false));
        List<Long> phrases = sides.stream().map(FailedSide::phrase).distinct().toList();
        long withAudio =
                sql.query(handle, "phraseStates", "phrases", phrases).map((row, context) -> row.getLong(5) > 0).stream()
                        .filter(audio -> audio)
                        .count();
        job.status = JobStatus.PROCESSING;
        job.completedAt = null;
        job.failure = left.isEmpty() ? null : left.get(0).failure;
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
