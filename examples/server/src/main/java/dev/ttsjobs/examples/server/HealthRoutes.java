package dev.ttsjobs.examples.server;

import dev.ttsjobs.examples.worker.Health;
import dev.ttsjobs.examples.worker.Metrics;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.Map;

/** For those who run the server: is it alive, is it of use, and how much does it do. */
final class HealthRoutes {

    private final Health health;
    private final Metrics metrics;

    HealthRoutes(Health health, Metrics metrics) {
        this.health = health;
        this.metrics = metrics;
    }

    void addTo(RoutesConfig routes) {
        routes.get("/healthz/live", ctx -> Json.send(ctx, 200, Map.of("status", "ok")));
        routes.get("/healthz/ready", this::ready);
        routes.get("/metrics", ctx -> ctx.contentType(Metrics.CONTENT_TYPE).result(metrics.text()));
    }

    private void ready(Context ctx) {
        Health.Report report = health.look();
        ctx.header("Cache-Control", "no-store");
        Json.send(ctx, report.isReady() ? 200 : 503, report.json());
    }
}
