package dev.ttsjobs.examples.server;

import dev.ttsjobs.SpeechJobs;
import dev.ttsjobs.examples.worker.Webhooks;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.queue.EventQueue;
import dev.ttsjobs.queue.JobStore.JobQuery;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What an operator should look at, and may mend: jobs that failed, webhooks that were given up, users that are blocked. */
final class TroubleRoutes {

    private static final int MOST = 20;
    private static final int LONGEST_ID = 200;

    private final Operators operators;
    private final Accounts accounts;
    private final SpeechJobs jobs;
    private final EventQueue events;
    private final AuditLog audit;

    TroubleRoutes(Operators operators, Accounts accounts, SpeechJobs jobs, EventQueue events, AuditLog audit) {
        this.operators = operators;
        this.accounts = accounts;
        this.jobs = jobs;
        this.events = events;
        this.audit = audit;
    }

    void addTo(RoutesConfig routes) {
        routes.get("/api/operator/trouble", this::list);
        routes.post("/api/operator/replay", this::replay);
    }

    private void list(Context ctx) {
        boolean operator = operators.isOne(Caller.of(ctx));
        Json.send(ctx, 200, Collections.singletonMap("trouble", operator ? trouble() : null));
    }

    private Map<String, Object> trouble() {
        List<Job> failed = jobs.list(new JobQuery(null, JobStatus.FAILED, null, null, MOST));
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("failedJobs", failed.stream().map(this::job).toList());
        answer.put(
                "deadLetters",
                events.deadLetters(Webhooks.HANDLER, MOST).stream()
                        .map(TroubleRoutes::letter)
                        .toList());
        answer.put("blockedUsers", accounts.blocked());
        return answer;
    }

    private Map<String, @Nullable Object> job(Job job) {
        Job.Progress progress = job.progress();
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("jobId", job.id().toString());
        json.put("user", job.details().owner());
        json.put("email", accounts.email(job.details().owner()).orElse(null));
        json.put("totalPhrases", progress.total());
        json.put("errorMessage", progress.errorMessage());
        json.put("completedAt", JobJson.time(job.timeline().completedAt()));
        return json;
    }

    private static Map<String, @Nullable Object> letter(EventQueue.Delivery letter) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("jobId", letter.event().job().id().toString());
        json.putAll(WebhookRoutes.json(letter));
        return json;
    }

    /** Sends one that was given up once more. */
    private void replay(Context ctx) {
        Caller caller = operators.require(ctx);
        Fields body = Fields.of(Json.body(ctx));
        String jobId = body.required("jobId", LONGEST_ID);
        String event = body.required("id", LONGEST_ID);
        body.check();
        Job job = JobDesk.parse(jobId)
                .flatMap(jobs::find)
                .filter(found -> events.deliveries(found.id()).stream()
                        .anyMatch(delivery -> delivery.handler().equals(Webhooks.HANDLER)
                                && delivery.event().id().equals(event)))
                .orElseThrow(() -> Problem.notFound("there is no such delivery"));
        if (!events.replay(job.id(), Webhooks.HANDLER, event)) {
            throw Problem.conflict("delivery_under_way", "the delivery is on its way");
        }
        audit.webhookReplayed(caller, job);
        ctx.status(204);
    }
}
