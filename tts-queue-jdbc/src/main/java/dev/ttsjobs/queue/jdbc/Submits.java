package dev.ttsjobs.queue.jdbc;

import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.job.AuditEntry;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobRefusedException;
import dev.ttsjobs.queue.JobStore.Receipt;
import dev.ttsjobs.queue.JobStore.Submission;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;

/** Accepts jobs, in whatever transaction it is called. */
final class Submits {

    /** A phrase's number is its job's number times this plus its index. */
    static final long PHRASES = 1L << 20;

    /** How long an idempotency key counts. */
    static final Duration KEY_KEPT = Duration.ofDays(1);

    private final Sql sql;
    private final Wanting wanting;
    private final Progress progress;
    private final Audit audit;
    private final Counting counting;
    private final JobRounds rounds;

    Submits(Sql sql, Wanting wanting, Progress progress, Audit audit, Counting counting, JobRounds rounds) {
        this.sql = sql;
        this.wanting = wanting;
        this.progress = progress;
        this.audit = audit;
        this.counting = counting;
        this.rounds = rounds;
    }

    Receipt submit(Handle handle, Submission submission, Instant now) {
        if (submission.phrases().size() >= PHRASES) {
            throw new IllegalArgumentException("a job has fewer than " + PHRASES + " phrases");
        }
        Optional<Receipt> before = repeated(handle, submission, now);
        if (before.isPresent()) {
            return before.get();
        }
        Optional<JobRefusedException> refused = counting.count(handle, submission, now);
        if (refused.isPresent()) {
            // An equal one may have taken the last place between the look and the count.
            return sameId(handle, submission).orElseThrow(refused::get);
        }
        long characters = submission.characters();
        long job = addJob(handle, submission, characters, now);
        rounds.add(handle, job, submission.terms().rounds());
        Audit.Subject subject = new Audit.Subject(
                submission.id(), submission.details(), submission.phrases().size(), characters);
        audit.add(handle, AuditEntry.Action.SUBMITTED, submission.origin(), subject, now);
        Map<ClipKey, StateRow> rows =
                wanting.want(handle, submission.clips().values(), submission.details(), job, Micros.of(now));
        addPhrases(handle, submission, job, rows);
        progress.endReady(handle, job, submission, rows, now);
        return new Receipt(submission.id(), false);
    }

    private Optional<Receipt> repeated(Handle handle, Submission submission, Instant now) {
        Optional<Receipt> sameId = sameId(handle, submission);
        if (sameId.isPresent()) {
            return sameId;
        }
        String key = submission.terms().idempotencyKey();
        if (key == null) {
            return Optional.empty();
        }
        record Kept(JobId job, String fingerprint, Instant at) {}
        Optional<Kept> kept = bindKey(sql.query(handle, "keyOf"), submission, key)
                .map((row, context) -> new Kept(
                        new Columns(row, "the idempotency key of", submission.id()).word("job", JobId::parse),
                        row.getString("fingerprint"),
                        Micros.toInstant(row.getLong("created_at"))))
                .findOne();
        if (kept.isPresent() && kept.get().at().plus(KEY_KEPT).isAfter(now)) {
            requireSame(kept.get().fingerprint(), submission, JobRefusedException.Reason.KEY_REUSED);
            return Optional.of(new Receipt(kept.get().job(), true));
        }
        if (kept.isPresent()) {
            bindKey(sql.update(handle, "forgetKey"), submission, key).execute();
        }
        // Two that come with the same key at the same moment meet here, and the second is tried again.
        bindKey(sql.update(handle, "addKey"), submission, key)
                .bind("job", submission.id().toString())
                .bind("fingerprint", submission.terms().fingerprint())
                .bind("now", Micros.of(now))
                .execute();
        return Optional.empty();
    }

    private Optional<Receipt> sameId(Handle handle, Submission submission) {
        return sql.query(handle, "jobById")
                .bind("id", submission.id().toString())
                .map((row, context) -> row.getString("fingerprint"))
                .findOne()
                .map(fingerprint -> {
                    requireSame(fingerprint, submission, JobRefusedException.Reason.ID_REUSED);
                    return new Receipt(submission.id(), true);
                });
    }

    private static <S extends SqlStatement<S>> S bindKey(S statement, Submission submission, String key) {
        return statement.bind("owner", submission.details().owner()).bind("key", key);
    }

    private static void requireSame(String fingerprint, Submission again, JobRefusedException.Reason otherwise) {
        if (!fingerprint.trim().equals(again.terms().fingerprint())) {
            throw JobRefusedException.reused(otherwise);
        }
    }

    private long addJob(Handle handle, Submission submission, long characters, Instant now) {
        Job.Details details = submission.details();
        return sql.update(handle, "addJob")
                .bind("id", submission.id().toString())
                .bind("owner", details.owner())
                .bind("reference", details.reference())
                .bind("priority", details.priority().ordinal())
                .bind("attributes", JobRow.json(details.attributes()))
                .bind("fingerprint", submission.terms().fingerprint())
                .bind("total", submission.phrases().size())
                .bind("characters", characters)
                .bind("clips", submission.spoken().size())
                .bind("now", Micros.of(now))
                .executeAndReturnGeneratedKeys("number")
                .mapTo(Long.class)
                .one();
    }

    private void addPhrases(Handle handle, Submission submission, long job, Map<ClipKey, StateRow> rows) {
        Rows phrases = new Rows(sql, handle, "addPhrase");
        Rows sides = new Rows(sql, handle, "addSide");
        for (int i = 0; i < submission.phrases().size(); i++) {
            Submission.Entry entry = submission.phrases().get(i);
            phrases.number("job", job)
                    .number("idx", i)
                    .word("itemId", entry.itemId())
                    .add();
            int ordinal = 0;
            for (Map.Entry<String, ClipKey> side : entry.sides().entrySet()) {
                StateRow row = Objects.requireNonNull(rows.get(side.getValue()));
                sides.number("phrase", job * PHRASES + i)
                        .number("ordinal", ordinal++)
                        .number("job", job)
                        .word("language", side.getKey())
                        .number("clip", row.clip)
                        .number("state", row.state == StateRow.DONE ? SideState.CACHED : SideState.OPEN)
                        .add();
            }
        }
        phrases.write();
        sides.write();
    }
}
