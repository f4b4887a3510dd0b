package dev.ttsjobs.examples.server;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.ttsjobs.examples.worker.Crew;
import dev.ttsjobs.examples.worker.Health;
import dev.ttsjobs.examples.worker.Workshop;
import dev.ttsjobs.limit.RateLimiter;
import dev.ttsjobs.queue.ClipQueue;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How the whole server is, and the brake, for operators. Everybody else is told nothing, without an error, and may change nothing. */
final class OperatorRoutes {

    private static final Logger log = LoggerFactory.getLogger(OperatorRoutes.class);
    private static final int LONGEST_REASON = 300;
    private static final int LONGEST_ACCOUNT = 100;
    private static final int LONGEST_USER = 254;

    private final Operators operators;
    private final Accounts accounts;
    private final Health health;
    private final Workshop workshop;
    private final AuditLog audit;

    OperatorRoutes(Operators operators, Accounts accounts, Health health, Workshop workshop, AuditLog audit) {
        this.operators = operators;
        this.accounts = accounts;
        this.health = health;
        this.workshop = workshop;
        this.audit = audit;
    }

    void addTo(RoutesConfig routes) {
        routes.get("/api/operator", this::operator);
        routes.post("/api/operator/pause", this::pause);
        routes.post("/api/operator/resume", this::resume);
        routes.post("/api/operator/block", ctx -> block(ctx, true));
        routes.post("/api/operator/unblock", ctx -> block(ctx, false));
    }

    private void operator(Context ctx) {
        boolean operator = operators.isOne(Caller.of(ctx));
        Json.send(ctx, 200, Collections.singletonMap("operator", operator ? state() : null));
    }

    private void pause(Context ctx) {
        operators.require(ctx);
        Fields body = Fields.of(Json.body(ctx));
        String account = account(body);
        String reason = body.required("reason", LONGEST_REASON);
        body.check();
        workshop.jobs().pause(account, reason);
        changed(ctx, account, "paused");
    }

    private void resume(Context ctx) {
        operators.require(ctx);
        // Without a body, this server's own account is meant.
        Fields body =
                Fields.of(ctx.header("Content-Type") == null ? JsonNodeFactory.instance.objectNode() : Json.body(ctx));
        String account = account(body);
        body.check();
        if (!workshop.jobs().resume(account)) {
            throw Problem.conflict("not_paused", "the account is not paused");
        }
        changed(ctx, account, "resumed");
    }

    /** A user by the address of the account or, where another issuer's tokens are used, by their subject. */
    private void block(Context ctx, boolean blocked) {
        operators.require(ctx);
        Fields body = Fields.of(Json.body(ctx));
        String email = body.optional("email", LONGEST_USER);
        String id = body.optional("user", LONGEST_USER);
        if ((email == null) == (id == null)) {
            body.refuse("email", "one_of_two", "must be given, or user, and not both");
        }
        body.check();
        String user = id != null
                ? id
                : accounts.id(String.valueOf(email)).orElseThrow(() -> Problem.notFound("there is no such account"));
        Caller caller = Caller.of(ctx);
        if (user.equals(caller.id())) {
            throw Problem.conflict("not_yourself", "you cannot block yourself");
        }
        accounts.block(caller, user, blocked);
        log.warn("user {} is {} by {}", user, blocked ? "blocked" : "unblocked", caller.id());
        ctx.status(204);
    }

    /** This server's own, or another that is paused: a slip of the pen pauses nothing. */
    private String account(Fields body) {
        String own = workshop.account();
        String account = body.optional("account", LONGEST_ACCOUNT);
        if (account == null || account.equals(own)) {
            return own;
        }
        if (!workshop.jobs().pauses().containsKey(account)) {
            body.refuse("account", "unknown_account", "is none that is used here or paused");
        }
        return account;
    }

    private void changed(Context ctx, String account, String what) {
        log.warn("account {} is {} by hand", account, what);
        audit.account(Caller.of(ctx), "account." + what);
        health.forget();
        ctx.status(204);
    }

    private Map<String, @Nullable Object> state() {
        Health.Report report = health.look();
        ClipQueue.Depth depth = report.depth();
        double perMinute = workshop.settings().provider().limit().requestsPerMinute();
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
        json.put("accounts", accounts(report));
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

    /** The account of this server first, and all others that are paused. */
    private List<Map<String, @Nullable Object>> accounts(Health.Report report) {
        String own = workshop.account();
        return Stream.concat(
                        Stream.of(own),
                        new TreeSet<>(report.pauses().keySet()).stream().filter(name -> !name.equals(own)))
                .map(name -> account(name, report.pauses().get(name)))
                .toList();
    }

    private static Map<String, @Nullable Object> account(String name, RateLimiter.@Nullable Pause pause) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("account", name);
        json.put("status", pause == null ? "ok" : "paused");
        json.put("byHand", pause != null && pause.isByHand());
        json.put("code", pause == null ? null : pause.failure().code());
        json.put("message", pause == null ? null : pause.failure().message());
        json.put("since", pause == null ? null : JobJson.time(pause.since()));
        json.put("nextProbeAt", pause == null || pause.isByHand() ? null : JobJson.time(pause.probeAt()));
        return json;
    }
}
