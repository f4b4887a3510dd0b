package dev.ttsjobs.queue;

import dev.ttsjobs.job.AuditEntry;
import dev.ttsjobs.job.Job;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The audit log of the in-memory queue. */
final class MemoryAudit {

    private final List<AuditEntry> entries = new ArrayList<>();

    void add(AuditEntry.Action action, AuditEntry.Origin origin, MemoryJob job, int phrases, Instant now) {
        Job.Details details = job.submission.details();
        entries.add(new AuditEntry(
                entries.size() + 1L,
                now,
                action,
                origin,
                job.id(),
                details.owner(),
                details.reference(),
                phrases,
                job.usage.characters()));
    }

    List<AuditEntry> list(@Nullable String owner, long before, int limit) {
        List<AuditEntry> page = new ArrayList<>();
        for (int i = entries.size() - 1; i >= 0 && page.size() < limit; i--) {
            AuditEntry entry = entries.get(i);
            if (entry.number() < before && (owner == null || owner.equals(entry.owner()))) {
                page.add(entry);
            }
        }
        return page;
    }
}
