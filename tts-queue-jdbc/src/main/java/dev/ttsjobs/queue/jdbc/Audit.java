package dev.ttsjobs.queue.jdbc;

import dev.ttsjobs.job.AuditEntry;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The audit log: entries are added in the transaction of what they tell of, and read. There is no other statement on it. */
final class Audit {

    private static final Logger log = LoggerFactory.getLogger(Audit.class);

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
        return Listed.page(
                before,
                limit,
                (last, most) -> sql.query(handle, owner == null ? "auditOfAll" : "auditOf")
                        .bind("owner", owner)
                        .bind("before", last)
                        .bind("limit", most)
                        .map((row, context) -> new Listed<>(row.getLong("number"), entry(row)))
                        .list());
    }

    /** The entry in a row; null where a newer version wrote of what this one does not know. */
    private static @Nullable AuditEntry entry(ResultSet row) throws SQLException {
        long number = row.getLong("number");
        Columns columns = new Columns(row, "the audit entry of number", number);
        try {
            AuditEntry.Action action = columns.oneOf("action", AuditEntry.Action.values());
            AuditEntry.Origin actor = columns.text("actor", text -> new AuditEntry.Origin(text, null));
            return new AuditEntry(
                    number,
                    Micros.toInstant(row.getLong("happened_at")),
                    action,
                    columns.text("address", text -> new AuditEntry.Origin(actor.actor(), text)),
                    columns.word("job", JobId::parse),
                    columns.word("owner", text -> text),
                    row.getString("reference"),
                    row.getInt("phrases"),
                    row.getLong("characters"));
        } catch (Unreadable e) {
            e.tellOnce(log, "left out of the audit log as it is shown");
            return null;
        }
    }
}
