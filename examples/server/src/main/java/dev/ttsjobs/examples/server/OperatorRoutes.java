package dev.ttsjobs.examples.server;

import dev.ttsjobs.SpeechJobs;
import dev.ttsjobs.examples.worker.Crew;
import dev.ttsjobs.examples.worker.Health;
import dev.ttsjobs.examples.worker.Settings;
import dev.ttsjobs.limit.RateLimiter;
import dev.ttsjobs.queue.ClipQueue;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How the whole server is, for those whose address {@code ADMIN_EMAILS} names and for the demo's own user, whom nobody can
 * sign up as. Everybody else is told nothing, without an error.
 */
final class OperatorRoutes {

    private static final int LONGEST_REASON = 300;

    private final Accounts accounts;
    private final Health health;
    private final Settings settings;
    private final String account;
    private final SpeechJobs jobs;

    OperatorRoutes(Accounts accounts, Health health, Settings settings, String account, SpeechJobs jobs) {
        this.accounts = accounts;
        this.health = health;
        this.settings = settings;
        this.account = account;
        this.jobs = jobs;
    }

    void addTo(RoutesConfig routes) {
        routes.get("/api/operator", this::operator);
        routes.post("/api/operator/pause", this::pause);
        routes.post("/api/operator/resume", this::resume);
    }

    private void pause(Context ctx) {
        requireOperator(ctx);
        Fields body = Fields.of(Json.body(ctx));
        String reason = body.required("reason", LONGEST_REASON);
        body.check();
        jobs.pause(account, reason);
        ctx.status(204);
    }

    private void resume(Context ctx) {
        requireOperator(ctx);
        if (!jobs.resume(account)) {
            throw Problem.conflict("the account is not paused");
        }
        ctx.status(204);
    }

    private void requireOperator(Context ctx) {
        if (!isOperator(Caller.of(ctx).id())) {
            throw Problem.forbidden("only operators may do this");
        }
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
        json.put(
                "requestsLastMinute",
                report.crew().stream().mapToInt(Crew.Member::callsLastMinute).sum());
        json.put("workers", report.crew().stream().map(OperatorRoutes::worker).toList());
        json.put("accounts", List.of(account(report)));
        json.putAll(report.json());
        return json;
    }

    private static Map<String, Object> worker(Crew.Member member) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", member.id());
        json.put("kind", JobJson.word(member.kind()));
        json.put("host", member.host());
        json.put("startedAt", String.valueOf(JobJson.time(member.startedAt())));
        json.put("seenAt", String.valueOf(JobJson.time(member.seenAt())));
        json.put("calling", member.calling());
        json.put("requestsLastMinute", member.callsLastMinute());
        return json;
    }

    private Map<String, @Nullable Object> account(Health.Report report) {
        RateLimiter.Pause pause = report.pause();
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("account", account);
        json.put("status", pause == null ? "ok" : "paused");
        json.put("code", pause == null ? null : pause.failure().code());
        json.put("message", pause == null ? null : pause.failure().message());
        json.put("since", pause == null ? null : JobJson.time(pause.since()));
        json.put("nextProbeAt", pause == null || pause.isByHand() ? null : JobJson.time(pause.probeAt()));
        return json;
    }
}
