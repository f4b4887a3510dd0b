package dev.ttsjobs.queue.jdbc;

import dev.ttsjobs.job.AuditEntry;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The audit log: entries are added in the transaction of what they tell of, and read. There is no other statement on it. */
final class Audit {

    private final Sql sql;

    Audit(Sql sql) {
        this.sql = sql;
    }

    /** What an entry says of its job. */
    record Subject(JobId job, Job.Details details, int phrases, long characters) {}

    void add(Handle handle, AuditEntry.Action action, AuditEntry.Origin origin, Subject subject, Instant now) {
        sql.update(handle, "addAudit")
                .bind("now", Micros.of(now))
                .bind("action", action.ordinal())
                .bind("actor", origin.actor())
                .bind("address", origin.address())
                .bind("job", subject.job.toString())
                .bind("owner", subject.details.owner())
                .bind("reference", subject.details.reference())
                .bind("phrases", subject.phrases)
                .bind("characters", subject.characters)
                .execute();
    }

    List<AuditEntry> list(Handle handle, @Nullable String owner, long before, int limit) {
        return sql.query(handle, owner == null ? "auditOfAll" : "auditOf")
                .bind("owner", owner)
                .bind("before", before)
                .bind("limit", limit)
                .map((row, context) -> new AuditEntry(
                        row.getLong("number"),
                        Micros.toInstant(row.getLong("happened_at")),
                        AuditEntry.Action.values()[row.getInt("action")],
                        new AuditEntry.Origin(row.getString("actor"), row.getString("address")),
                        JobId.parse(row.getString("job")),
                        row.getString("owner"),
                        row.getString("reference"),
                        row.getInt("phrases"),
                        row.getLong("characters")))
                .list();
    }
}
