package dev.ttsjobs.queue.jdbc;

import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.queue.JobStore.Submission;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Moves jobs on as their sides end: exact counts under the lock of the job's row, and the host's part in it. */
final class Progress {

    private final Sql sql;
    private final JobReads reads;
    private final JdbcOutbox outbox;
    private final JobRounds rounds;
    private final @Nullable PhraseHook hook;

    Progress(Sql sql, JobReads reads, JdbcOutbox outbox, JobRounds rounds, @Nullable PhraseHook hook) {
        this.sql = sql;
        this.rounds = rounds;
        this.reads = reads;
        this.outbox = outbox;
        this.hook = hook;
    }

    /** Locks jobs in the order of their numbers. */
    Map<Long, JobRow> lock(Handle handle, Collection<Long> jobs) {
        Map<Long, JobRow> rows = new LinkedHashMap<>();
        if (!jobs.isEmpty()) {
            sql.query(handle, "jobRowsByNumber", "jobs", new TreeSet<>(jobs))
                    .map((row, context) -> JobRow.read(row))
                    .forEach(row -> rows.put(row.number, row));
        }
        return rows;
    }

    /** Writes locked jobs back, and the ends of those that have ended into the outbox. */
    void write(Handle handle, Collection<JobRow> jobs) {
        JobRow.write(handle, sql, jobs);
        outbox.ended(
                handle,
                jobs.stream().filter(job -> job.ends).map(job -> job.number).toList());
        jobs.stream()
                .filter(job -> job.ends && job.failed > 0 && job.completedAt != null)
                .filter(job -> job.status != JobStatus.CANCELLED)
                .forEach(job -> rounds.ended(handle, List.of(job.number), Objects.requireNonNull(job.completedAt)));
    }

    /** Counts the phrases of a new job whose audio is all there. */
    void endReady(Handle handle, long job, Submission submission, Map<ClipKey, StateRow> rows, Instant now) {
        if (rows.values().stream().noneMatch(row -> row.state == StateRow.DONE)) {
            return;
        }
        List<Long> touched = new ArrayList<>();
        for (int i = 0; i < submission.phrases().size(); i++) {
            if (submission.phrases().get(i).sides().values().stream()
                    .anyMatch(key -> Objects.requireNonNull(rows.get(key)).state == StateRow.DONE)) {
                touched.add(job * Submits.PHRASES + i);
            }
        }
        if (!touched.isEmpty()) {
            Map<Long, JobRow> locked = lock(handle, List.of(job));
            advance(handle, locked, touched, now);
            write(handle, locked.values());
        }
    }

    /**
     * Counts the phrases that have ended among those whose sides changed, in locked jobs that the caller writes back.
     *
     * @return the jobs that ended with it
     */
    Set<JobId> advance(Handle handle, Map<Long, JobRow> jobs, Collection<Long> phrases, Instant now) {
        List<Sides> ended =
                sides(handle, phrases).stream().filter(Sides::haveEnded).toList();
        Set<JobId> over = new HashSet<>();
        Set<Long> touched = new HashSet<>();
        phrases.forEach(phrase -> touched.add(phrase / Submits.PHRASES));
        for (long number : touched) {
            JobRow job = Objects.requireNonNull(jobs.get(number), "the jobs of the phrases are locked");
            List<Sides> own =
                    ended.stream().filter(phrase -> phrase.job == number).toList();
            int lacking = (int) own.stream().filter(phrase -> phrase.failed > 0).count();
            int withAudio =
                    (int) own.stream().filter(phrase -> phrase.withAudio > 0).count();
            if (job.progress(now, own.size(), lacking, withAudio)) {
                over.add(job.id);
            }
        }
        if (hook != null && !ended.isEmpty()) {
            tellHost(handle, jobs, ended, hook);
        }
        return over;
    }

    /** How many sides of a phrase are in which state. */
    private record Sides(long phrase, long job, long open, long failed, long withAudio) {

        boolean haveEnded() {
            return open == 0;
        }
    }

    private List<Sides> sides(Handle handle, Collection<Long> phrases) {
        return sql.query(handle, "phraseStates", "phrases", phrases)
                .map((row, context) ->
                        new Sides(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4), row.getLong(5)))
                .list();
    }

    /** The host is told of nothing that stands in for what cannot be read: the phrase waits for who can. */
    private static Job.Details details(JobRow job) {
        try {
            return job.readable().details;
        } catch (Unreadable e) {
            throw new Refusals.Refused(e);
        }
    }

    private void tellHost(Handle handle, Map<Long, JobRow> jobs, List<Sides> sides, PhraseHook host) {
        List<Long> phrases = sides.stream().map(Sides::phrase).toList();
        List<PhraseHook.EndedPhrase> ended = new ArrayList<>();
        for (long phrase : new TreeSet<>(phrases)) {
            JobRow job = Objects.requireNonNull(jobs.get(phrase / Submits.PHRASES));
            int index = (int) (phrase % Submits.PHRASES);
            reads.results(handle, job.number, index, 1)
                    .forEach(result -> ended.add(new PhraseHook.EndedPhrase(job.id, details(job), result)));
        }
        try {
            host.ended(handle.getConnection(), List.copyOf(ended));
        } catch (SQLException | RuntimeException | Error e) {
            throw new Refusals.Refused(e);
        }
        // A deadlock, a full disk and the like roll the whole transaction back; what follows would be committed alone.
        if (sql.dialect().undoesTransactions()
                && !Set.copyOf(sides(handle, phrases)).equals(Set.copyOf(sides))) {
            throw new Refusals.Refused(new SQLException(
                    "the transaction was rolled back in it, by the database after an error or by itself", "40001"));
        }
    }
}
