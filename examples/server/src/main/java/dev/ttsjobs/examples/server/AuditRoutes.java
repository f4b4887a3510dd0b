package dev.ttsjobs.examples.server;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the caller did before. */
final class AuditRoutes {

    private static final int PAGE = 50;
    private static final int LONGEST_PAGE = 500;
    private static final Pattern CURSOR = Pattern.compile("[0-9a-f]{16}-[0-9a-f]{8}");

    private final AuditLog audit;

    AuditRoutes(AuditLog audit) {
        this.audit = audit;
    }

    void addTo(RoutesConfig routes) {
        routes.get("/api/tts/audit", this::list);
    }

    private void list(Context ctx) {
        int limit = Pages.limit(ctx, PAGE, LONGEST_PAGE);
        String cursor = ctx.queryParam("cursor");
        if (cursor != null && cursor.isBlank()) {
            cursor = null;
        }
        if (cursor != null && !CURSOR.matcher(cursor).matches()) {
            throw Problem.invalid("cursor", "is none that this server gave");
        }
        List<AuditLog.Entry> found = audit.of(Caller.of(ctx).id(), cursor, limit + 1);
        List<AuditLog.Entry> page = found.subList(0, Math.min(limit, found.size()));
        String next = found.size() > limit ? page.get(limit - 1).id() : null;
        Pages.send(ctx, "entries", page.stream().map(AuditRoutes::json).toList(), next, "limit");
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
