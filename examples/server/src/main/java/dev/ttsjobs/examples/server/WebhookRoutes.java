package dev.ttsjobs.examples.server;

import dev.ttsjobs.job.Job;
import dev.ttsjobs.queue.EventQueue;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What became of the webhooks of a job, for its owner. */
final class WebhookRoutes {

    private final JobDesk desk;

    WebhookRoutes(JobDesk desk) {
        this.desk = desk;
    }

    void addTo(RoutesConfig routes) {
        routes.get("/api/tts/jobs/{jobId}/deliveries", this::list);
        routes.post("/api/tts/jobs/{jobId}/deliveries/{eventId}/replay", this::replay);
    }

    private void list(Context ctx) {
        Job job = desk.find(Caller.of(ctx), ctx.pathParam("jobId"));
        Json.send(
                ctx,
                200,
                Map.of(
                        "deliveries",
                        desk.deliveries(job).stream().map(WebhookRoutes::json).toList()));
    }

    private void replay(Context ctx) {
        desk.replay(Caller.of(ctx), ctx.pathParam("jobId"), ctx.pathParam("eventId"));
        Json.send(ctx, 202, Map.of("ok", true));
    }

    static Map<String, @Nullable Object> json(EventQueue.Delivery delivery) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("id", delivery.event().id());
        json.put("type", "tts.job." + JobJson.word(delivery.event().job().status()));
        json.put("at", JobJson.time(delivery.event().at()));
        json.put("state", JobJson.word(delivery.state()));
        json.put("attempts", delivery.attempts());
        json.put("lastError", delivery.lastError());
        json.put("nextTryAt", JobJson.time(delivery.nextTry()));
        return json;
    }
}
