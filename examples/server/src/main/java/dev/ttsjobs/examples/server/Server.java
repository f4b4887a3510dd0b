package dev.ttsjobs.examples.server;

import dev.ttsjobs.examples.worker.Crew;
import dev.ttsjobs.examples.worker.Health;
import dev.ttsjobs.examples.worker.Metrics;
import dev.ttsjobs.examples.worker.Secret;
import dev.ttsjobs.examples.worker.Settings;
import dev.ttsjobs.examples.worker.SettingsException;
import dev.ttsjobs.examples.worker.Shift;
import dev.ttsjobs.examples.worker.Webhooks;
import dev.ttsjobs.examples.worker.Workshop;
import dev.ttsjobs.queue.jdbc.QueueException;
import dev.ttsjobs.storage.StorageException;
import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.http.HttpStatus;
import io.javalin.router.Endpoint;
import io.javalin.util.JavalinBindException;
import java.io.PrintStream;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP server: every call of the contract, over what a {@link Workshop} holds. Thread-safe. */
final class Server implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Server.class);

    /** A client that neither sends what is awaited nor takes what it is sent is gone; longer than between two heartbeats. */
    private static final Duration LONGEST_STANDSTILL = Duration.ofSeconds(20);

    private final Workshop workshop;
    private final Settings settings;
    private final Jdbi jdbi;
    private final Tokens tokens;
    private final Accounts accounts;
    private final Decks decks;
    private final JobDesk desk;
    private final ProgressFeed feed;
    private final StreamRoutes streams;
    private final Revocations revocations;
    private final ClientAddress addresses;
    private final Metrics metrics;
    private final Traffic traffic;
    private final Javalin javalin;
    private @Nullable Shift shift;
    private Optional<Webhooks> webhooks = Optional.empty();

    private Server(Workshop workshop) {
        this.workshop = workshop;
        settings = workshop.settings();
        InstantSource clock = InstantSource.system();
        jdbi = Jdbi.create(workshop.dataSource());
        RandomGenerator random = new SecureRandom();
        AuditLog audit = new AuditLog(jdbi, clock, random);
        Secret secret = settings.web().jwtSecret();
        tokens = new Tokens(
                secret != null ? secret : MadeSecret.in(settings.data().dir()), clock);

        revocations = new Revocations(jdbi, clock);
        accounts = new Accounts(jdbi, clock, revocations, audit);
        addresses = new ClientAddress(settings.web().trustedProxies());
        decks = new Decks(jdbi, clock);
        desk = new JobDesk(workshop.jobs(), workshop.queue().events(), decks, audit);
        JobJson json = new JobJson(
                settings::audioUrl,
                settings.provider().prices(),
                settings.provider().model());
        feed = new ProgressFeed(workshop.jobs(), desk, json);
        streams = new StreamRoutes(desk, feed, revocations);
        Health health = new Health(workshop, clock);
        metrics = new Metrics(workshop, health, clock);
        traffic = new Traffic(metrics.registry(), feed);
        javalin = Javalin.create(config -> {
            configure(config, clock, random);
            config.requestLogger.http((ctx, millis) -> note(ctx, millis));
            RoutesConfig routes = config.routes;
            refusals(routes);
            routes.before("/api/*", this::authenticate);
            Tally tally = new Tally(jdbi, workshop.queue().clock());
            SignUpGuard signUps = new SignUpGuard(settings.web().signUps(), tally);
            new AuthRoutes(accounts, tokens, revocations, addresses, new LoginGuard(tally), signUps, audit)
                    .addTo(routes);
            new DeckRoutes(decks, workshop.jobs(), audit, jdbi).addTo(routes);
            new JobRoutes(desk, workshop.jobs(), workshop.queue(), json, settings, clock).addTo(routes);
            new WebhookRoutes(desk).addTo(routes);
            streams.addTo(routes);
            new ArchiveRoutes(desk, decks, workshop.storage()).addTo(routes);
            new AuditRoutes(audit, workshop.jobs()).addTo(routes);
            new HealthRoutes(health, metrics).addTo(routes);
            Operators operators = new Operators(accounts, settings.web().adminEmails());
            new OperatorRoutes(operators, accounts, health, workshop, audit).addTo(routes);
            new TroubleRoutes(
                            operators,
                            accounts,
                            workshop.jobs(),
                            workshop.queue().events(),
                            audit)
                    .addTo(routes);
            new AudioRoutes(workshop.storage(), settings.storage().type() == Settings.StorageType.S3).addTo(routes);
            new PageRoutes().addTo(routes);
        });
    }

    /** @throws SettingsException when the port is in use, or the host is none of this machine's */
    static Server start(Workshop workshop) {
        Server server = new Server(workshop);
        try {
            server.javalin.start(
                    server.settings.web().host(), server.settings.web().port());
        } catch (JavalinBindException e) {
            throw new SettingsException("PORT: " + server.settings.web().port() + " on "
                    + server.settings.web().host() + " is in use or not to be had; 0 takes any free one");
        }
        server.feed.start(server.streams::endRevoked);
        if (server.settings.work().inServer()) {
            server.shift = workshop.startShift(Crew.Kind.SERVER, server.metrics, server.feed);
        }
        // Also where no audio is made: whoever looks first delivers.
        server.webhooks = workshop.startWebhooks(server.metrics::attempted);
        return server;
    }

    int port() {
        return javalin.port();
    }

    /** Every call there is, such as {@code GET /api/my-decks}. */
    Set<String> routes() {
        return javalin.unsafe.internalRouter.allHttpHandlers().stream()
                .map(handler -> handler.endpoint)
                .filter(endpoint -> endpoint.method.isHttpMethod())
                .map(endpoint -> endpoint.method + " " + endpoint.path)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** A demo by this server's own parts. */
    Demo demo(PrintStream out) {
        return new Demo(workshop, accounts, decks, desk, tokens, jdbi, out);
    }

    @Override
    public void close() {
        feed.close();
        javalin.stop();
        if (shift != null) {
            shift.close();
        }
        webhooks.ifPresent(Webhooks::close);
        metrics.close();
    }

    private static void configure(JavalinConfig config, InstantSource clock, RandomGenerator random) {
        config.startup.showJavalinBanner = false;
        config.startup.showOldJavalinVersionWarning = false;
        config.startup.startupWatcherEnabled = false;
        config.http.prefer405over404 = true;
        config.http.maxRequestSize = Json.MAX_BODY;
        config.http.compressionStrategy = CompressionStrategy.NONE;
        config.jetty.modifyHttpConfiguration(http -> {
            http.setSendServerVersion(false);
            http.setRequestHeaderSize(16 * 1024);
            http.setIdleTimeout(LONGEST_STANDSTILL.toMillis());
        });
        config.jetty.modifyServer(jetty -> {
            jetty.insertHandler(new HeadAsGet());
            RequestIds ids = new RequestIds(random);
            jetty.insertHandler(ids);
            jetty.insertHandler(new EagerBody(Json.MAX_BODY, clock));
            jetty.setErrorHandler(new ContainerRefusals(ids));
        });
    }

    /** The pattern of the route stands for the path: what a user wrote into a path belongs into no log. */
    private void note(Context ctx, float millis) {
        Endpoint endpoint = ctx.endpoints().lastHttpEndpoint();
        String route = endpoint == null ? "none" : endpoint.path;
        traffic.called(ctx.method().name(), route, ctx.statusCode(), millis);
        log.debug("{} {} {} in {} ms", ctx.method(), route, ctx.statusCode(), millis);
    }

    /** Everything but signing up and in wants a token; what is not asked for by name is not told either. */
    private void authenticate(Context ctx) {
        ctx.header("Cache-Control", "no-store");
        if (!ctx.path().equals("/api/auth/register") && !ctx.path().equals("/api/auth/login")) {
            Tokens.Token token = tokens.read(authorization(ctx));
            revocations.check(token);
            token.attachTo(ctx);
            new Caller(token.user(), addresses.of(ctx)).attachTo(ctx);
        }
    }

    /** Of two, a proxy may have looked at the other one: then there is none. */
    private static @Nullable String authorization(Context ctx) {
        List<String> all = Collections.list(ctx.req().getHeaders("Authorization"));
        return all.size() == 1 ? all.get(0) : null;
    }

    private static void refusals(RoutesConfig routes) {
        routes.before(ctx -> {
            ctx.header("X-Content-Type-Options", "nosniff");
            ctx.header("Referrer-Policy", "no-referrer");
        });
        routes.exception(Problem.class, (problem, ctx) -> refuse(ctx, problem));
        routes.exception(HttpResponseException.class, (e, ctx) -> {
            String title = HttpStatus.forStatus(e.getStatus()).getMessage();
            if (e.getDetails().containsKey("availableMethods")) {
                ctx.header("Allow", e.getDetails().get("availableMethods"));
            }
            refuse(ctx, Problem.of(e.getStatus(), title, title));
        });
        for (Class<? extends RuntimeException> outage :
                List.of(QueueException.class, ConnectionException.class, StorageException.class)) {
            routes.exception(outage, (e, ctx) -> {
                log.warn("{} {} has to wait: {}", ctx.method(), ctx.endpoints().current().path, e.toString());
                refuse(ctx, Problem.unavailable("the database or the storage cannot be reached; try again soon"));
            });
        }
        routes.exception(Exception.class, (e, ctx) -> {
            log.error("{} {} failed", ctx.method(), ctx.endpoints().current().path, e);
            refuse(ctx, Problem.of(500, "Failed", "something went wrong here; it has been noted"));
        });
    }

    private static void refuse(Context ctx, Problem problem) {
        if (problem.status() == 401) {
            ctx.header("WWW-Authenticate", "Bearer");
        }
        if (problem.retryAfter() != null) {
            long seconds = Math.max(1, problem.retryAfter().plusMillis(999).toSeconds());
            ctx.header("Retry-After", Long.toString(seconds));
        }
        ctx.status(problem.status())
                .header("Content-Type", "application/problem+json")
                .result(Json.write(problem.body()));
    }
}
