package dev.ttsjobs.examples.server;

import dev.ttsjobs.SpeechJobs;
import dev.ttsjobs.job.AuditEntry;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the caller did before: to jobs, which the queue has on record, and to the rest, which the server has. */
final class AuditRoutes {

    private static final int PAGE = 50;
    private static final int LONGEST_PAGE = 500;

    /** How far a page has come in both logs. */
    private static final Pattern CURSOR = Pattern.compile("([0-9a-f]{16}-[0-9a-f]{8}|g)\\.([0-9]{1,19})");

    private final AuditLog audit;
    private final SpeechJobs jobs;

    AuditRoutes(AuditLog audit, SpeechJobs jobs) {
        this.audit = audit;
        this.jobs = jobs;
    }

    void addTo(RoutesConfig routes) {
        routes.get("/api/tts/audit", this::list);
    }

    private record Cursor(String id, long number) {

        static final Cursor START = new Cursor(AuditLog.AFTER_ALL_IDS, Long.MAX_VALUE);

        static Cursor of(Context ctx) {
            String given = ctx.queryParam("cursor");
            if (given == null || given.isBlank()) {
                return START;
            }
            Matcher parts = CURSOR.matcher(given);
            if (!parts.matches()) {
                throw Problem.invalid("cursor", "not_a_cursor", "is none that this server gave");
            }
            try {
                return new Cursor(parts.group(1), Long.parseLong(parts.group(2)));
            } catch (NumberFormatException e) {
                throw Problem.invalid("cursor", "not_a_cursor", "is none that this server gave");
            }
        }

        @Override
        public String toString() {
            return id + "." + number;
        }
    }

    private void list(Context ctx) {
        int limit = Pages.limit(ctx, PAGE, LONGEST_PAGE);
        String user = Caller.of(ctx).id();
        Cursor cursor = Cursor.of(ctx);
        List<AuditLog.Entry> own = audit.of(user, cursor.id, limit + 1);
        List<AuditEntry> ofJobs = jobs.audit(user, cursor.number, limit + 1);
        List<Map<String, @Nullable Object>> page = new ArrayList<>();
        int mine = 0;
        int theirs = 0;
        while (page.size() < limit && mine + theirs < own.size() + ofJobs.size()) {
            boolean isOwn = theirs == ofJobs.size()
                    || (mine < own.size()
                            && own.get(mine).at().isAfter(ofJobs.get(theirs).at()));
            page.add(isOwn ? json(own.get(mine++)) : json(ofJobs.get(theirs++)));
        }
        Cursor next = new Cursor(
                mine == 0 ? cursor.id : own.get(mine - 1).id(),
                theirs == 0 ? cursor.number : ofJobs.get(theirs - 1).number());
        boolean more = mine + theirs < own.size() + ofJobs.size();
        Pages.send(ctx, "entries", page, more ? next.toString() : null, "limit");
    }

    private static Map<String, @Nullable Object> json(AuditEntry entry) {
        return json(new AuditLog.Entry(
                Long.toString(entry.number()),
                entry.at(),
                entry.origin().actor() == null ? entry.owner() : entry.origin().actor(),
                entry.action().wireName(),
                entry.job().toString(),
                entry.reference(),
                entry.phrases(),
                entry.characters(),
                entry.origin().address()));
    }

    private static Map<String, @Nullable Object> json(AuditLog.Entry entry) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("at", JobJson.time(entry.at()));
        json.put("actor", entry.actor());
        json.put("action", entry.action());
        json.put("jobId", entry.jobId());
        json.put("deckId", entry.deckId());
        json.put("phrases", entry.phrases());
        json.put("characters", entry.characters());
        json.put("address", entry.address());
        return json;
    }
}
