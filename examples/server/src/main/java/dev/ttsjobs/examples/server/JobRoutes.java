package dev.ttsjobs.examples.server;

import dev.ttsjobs.SpeechJobs;
import dev.ttsjobs.cost.CostEstimate;
import dev.ttsjobs.examples.worker.Settings;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.job.Usage;
import dev.ttsjobs.queue.JobStore;
import dev.ttsjobs.queue.JobStore.JobQuery;
import dev.ttsjobs.text.TextCheck;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Speech jobs: submitted, watched, called off, made again. */
final class JobRoutes {

    /** In seconds: how soon it is worth asking for a job again. */
    private static final String ASK_AGAIN = "2";

    private static final int PAGE = 20;
    private static final int LONGEST_PAGE = 100;
    private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,200}");

    /** Version 00 and the parts of it that later ones keep; neither id is all zeros (W3C Trace Context, 3.2). */
    private static final Pattern TRACEPARENT =
            Pattern.compile("(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

    private final JobDesk desk;
    private final SpeechJobs jobs;
    private final JobStore store;
    private final JobJson json;
    private final Settings settings;
    private final InstantSource clock;

    JobRoutes(JobDesk desk, SpeechJobs jobs, JobStore store, JobJson json, Settings settings, InstantSource clock) {
        this.desk = desk;
        this.jobs = jobs;
        this.store = store;
        this.json = json;
        this.settings = settings;
        this.clock = clock;
    }

    void addTo(RoutesConfig routes) {
        routes.post("/api/tts/generate", this::generate);
        routes.post("/api/tts/estimate", this::estimate);
        routes.get("/api/tts/status/{jobId}", this::status);
        routes.get("/api/tts/jobs", this::list);
        routes.delete("/api/tts/jobs/{jobId}", this::cancel);
        routes.post("/api/tts/jobs/{jobId}/retry", this::retry);
        routes.get("/api/tts/usage", this::usage);
        routes.get("/api/tts/voices", this::voices);
    }

    private void generate(Context ctx) {
        JobBody body = JobBody.read(Json.body(ctx), settings);
        JobDesk.Extras extras = new JobDesk.Extras(idempotencyKey(ctx), traceparent(ctx));
        JobStore.Receipt receipt = desk.submit(Caller.of(ctx), body, extras);
        if (receipt.replayed()) {
            ctx.header("Idempotent-Replayed", "true");
        }
        accepted(ctx, receipt.id(), Map.of("warnings", warnings(receipt.warnings())));
    }

    private void estimate(Context ctx) {
        JobBody body = JobBody.read(Json.body(ctx), settings);
        JobDesk.Outlook outlook = desk.estimate(Caller.of(ctx), body);
        CostEstimate estimate = outlook.estimate();
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("characters", estimate.characters());
        answer.put("clips", estimate.clips());
        answer.put("cachedClips", estimate.cachedClips());
        answer.put("billableCharacters", estimate.billableCharacters());
        answer.put("estimatedCostUsd", JobJson.usd(estimate.usd()));
        answer.put("estimatedSeconds", estimate.duration().plusMillis(999).toSeconds());
        answer.put("warnings", warnings(outlook.warnings()));
        Json.send(ctx, 200, answer);
    }

    private static List<Map<String, String>> warnings(List<TextCheck.Finding> findings) {
        return findings.stream()
                .map(finding -> Map.of(
                        "field", JobBody.clientName(finding.field()),
                        "code", finding.code(),
                        "message", finding.message()))
                .toList();
    }

    private void status(Context ctx) {
        Job job = desk.find(Caller.of(ctx), ctx.pathParam("jobId"));
        String tag = "W/\"" + ProgressFeed.Stamp.of(job) + "\"";
        ctx.header("ETag", tag);
        ctx.header("Cache-Control", "private, no-cache");
        if (!job.status().hasEnded()) {
            ctx.header("Retry-After", ASK_AGAIN);
        }
        if (EntityTags.match(ctx.header("If-None-Match"), tag)) {
            ctx.status(304);
            return;
        }
        Json.send(ctx, 200, Map.of("job", shown(desk.view(job))));
    }

    private void list(Context ctx) {
        int limit = Pages.limit(ctx, PAGE, LONGEST_PAGE);
        Caller caller = Caller.of(ctx);
        JobId cursor = cursor(ctx);
        JobQuery query = new JobQuery(caller.id(), status(ctx.queryParam("status")), reference(ctx), cursor, limit + 1);
        // Where another's job stands among the caller's is nobody's business: it leads nowhere, as one that is no more.
        List<Job> found = cursor == null || desk.isOwn(caller, cursor) ? jobs.list(query) : List.of();
        List<Job> page = found.subList(0, Math.min(limit, found.size()));
        String next = found.size() > limit ? page.get(limit - 1).id().toString() : null;
        List<Map<String, Object>> shown =
                page.stream().map(job -> shown(desk.view(job))).toList();
        Pages.send(ctx, "jobs", shown, next, "status", "deckId", "limit");
    }

    private static @Nullable String reference(Context ctx) {
        String deckId = ctx.queryParam("deckId");
        if (deckId != null && !Fields.isStorable(deckId)) {
            throw Problem.invalid("deckId", "bad_character", "holds a character that cannot be stored");
        }
        return deckId == null || deckId.isBlank() ? null : deckId;
    }

    private static @Nullable JobStatus status(@Nullable String word) {
        if (word == null || word.isBlank()) {
            return null;
        }
        for (JobStatus each : JobStatus.values()) {
            if (JobJson.word(each).equals(word)) {
                return each;
            }
        }
        throw Problem.invalid("status", "not_a_choice", "must be pending, processing, completed, failed or cancelled");
    }

    private static @Nullable JobId cursor(Context ctx) {
        String cursor = ctx.queryParam("cursor");
        if (cursor == null || cursor.isBlank()) {
            return null;
        }
        return JobDesk.parse(cursor)
                .orElseThrow(() -> Problem.invalid("cursor", "not_a_cursor", "is none that this server gave"));
    }

    private void cancel(Context ctx) {
        Json.send(ctx, 200, Map.of("job", shown(desk.cancel(Caller.of(ctx), ctx.pathParam("jobId")))));
    }

    private void retry(Context ctx) {
        accepted(ctx, desk.retry(Caller.of(ctx), ctx.pathParam("jobId")), Map.of());
    }

    private static void accepted(Context ctx, JobId id, Map<String, ?> more) {
        ctx.header("Location", "/api/tts/status/" + id);
        ctx.header("Retry-After", ASK_AGAIN);
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("ok", true);
        answer.put("jobId", id.toString());
        answer.putAll(more);
        Json.send(ctx, 202, answer);
    }

    private void usage(Context ctx) {
        String owner = Caller.of(ctx).id();
        Usage usage = jobs.usage(owner);
        int today = store.jobsOn(LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC), owner);
        int perDay = settings.limits().jobsPerDay();
        Map<String, @Nullable Object> cost = new LinkedHashMap<>(json.cost(usage, Savings.of(owner, usage, jobs)));
        cost.put("clips", usage.clips());
        cost.put("billedClips", usage.billedClips());
        cost.put("jobsToday", today);
        cost.put("jobsLeftToday", perDay == 0 ? null : Math.max(0, perDay - today));
        Json.send(ctx, 200, Map.of("usage", cost));
    }

    /** Who may speak, and who does where nothing is said. */
    private void voices(Context ctx) {
        Settings.Provider provider = settings.provider();
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("voices", VoiceChoice.of(provider));
        answer.put("defaults", new TreeMap<>(provider.voiceNames()));
        Json.send(ctx, 200, answer);
    }

    private Map<String, Object> shown(JobDesk.View view) {
        return json.job(view.job(), view.results());
    }

    /** What is no {@code traceparent}, or two of them, is passed over as the standard says: a trace is no reason to refuse. */
    private static @Nullable String traceparent(Context ctx) {
        List<String> headers = Collections.list(ctx.req().getHeaders("traceparent"));
        return headers.size() == 1 && TRACEPARENT.matcher(headers.get(0)).matches() ? headers.get(0) : null;
    }

    /** The key with or without the quotes that the draft standard wants. */
    private static @Nullable String idempotencyKey(Context ctx) {
        List<String> headers = Collections.list(ctx.req().getHeaders("Idempotency-Key"));
        if (headers.isEmpty()) {
            return null;
        }
        // Of two, somebody on the way may go by the other one.
        String key = headers.size() == 1 ? headers.get(0).strip() : "";
        if (key.length() > 2 && key.startsWith("\"") && key.endsWith("\"")) {
            key = key.substring(1, key.length() - 1);
        }
        if (!KEY.matcher(key).matches()) {
            throw Problem.invalid("Idempotency-Key", "not_a_key", "must be 1 to 200 visible ASCII characters");
        }
        return key;
    }
}
