package dev.ttsjobs.examples.server;

import dev.ttsjobs.examples.worker.Settings;
import dev.ttsjobs.queue.ClipQueue;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How the whole server is, for those whose address {@code ADMIN_EMAILS} names and for the demo's own user, whom nobody can
 * sign up as. Everybody else is told nothing, without an error.
 */
final class OperatorRoutes {

    private final Accounts accounts;
    private final Health health;
    private final Settings settings;

    OperatorRoutes(Accounts accounts, Health health, Settings settings) {
        this.accounts = accounts;
        this.health = health;
        this.settings = settings;
    }

    void addTo(RoutesConfig routes) {
        routes.get("/api/operator", this::operator);
    }

    private void operator(Context ctx) {
        Caller caller = Caller.of(ctx);
        Json.send(ctx, 200, Collections.singletonMap("operator", isOperator(caller.id()) ? state() : null));
    }

    private boolean isOperator(String id) {
        return id.equals(Demo.USER)
                || accounts.email(id)
                        .filter(settings.web().adminEmails()::contains)
                        .isPresent();
    }

    private Map<String, @Nullable Object> state() {
        Health.Report report = health.look();
        ClipQueue.Depth depth = report.depth();
        double perMinute = settings.provider().limit().requestsPerMinute();
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("queued", depth == null ? null : depth.queued());
        json.put("leased", depth == null ? null : depth.leased());
        json.put(
                "oldestSince",
                depth == null ? null : JobJson.time(depth.oldest().orElse(null)));
        json.put("requestsPerMinute", Double.isInfinite(perMinute) ? null : perMinute);
        json.putAll(report.json());
        return json;
    }
}
