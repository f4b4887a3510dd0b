package dev.ttsjobs.examples.worker;

import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.cost.PriceList;
import dev.ttsjobs.event.JobListener;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.queue.ClipQueue;
import dev.ttsjobs.speech.SpeechRequest;
import dev.ttsjobs.webhook.WebhookHandler;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Figures for Prometheus. What the database knows (depth, age, pause, workers) is the same in every process; what is
 * counted is this process's own. No label names a user, a job or a text. Thread-safe.
 */
public final class Metrics implements JobListener, AutoCloseable {

    /** What a scraper asks for. */
    public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private static final Duration[] CALLS = durations(0.25, 0.5, 1, 2, 4, 8, 15, 30, 60);
    private static final Duration[] WAITS = durations(0.01, 0.1, 0.5, 1, 5, 15, 60, 300);

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Health health;
    private final InstantSource clock;
    private final PriceList prices;
    private final AtomicInteger calling = new AtomicInteger();
    private final AtomicInteger storageOut = new AtomicInteger();
    private final LastMinute begun;
    private final Timer waits;
    private final Counter leaseLosses;
    private final Counter characters;
    private final Counter usd;

    /** @param clock by which the age of what waits is reckoned */
    public Metrics(Workshop workshop, Health health, InstantSource clock) {
        this.health = health;
        this.clock = clock;
        this.begun = new LastMinute(dev.ttsjobs.time.Ticker.system());
        prices = workshop.settings().provider().prices();
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        depth("queued", ClipQueue.Depth::queued);
        depth("leased", ClipQueue.Depth::leased);
        gauge("tts.queue.oldest.age.seconds", "How long the longest waiting due clip waits", this::ageOfOldest);
        gauge(
                "tts.workers.alive",
                "Processes that make audio on this database",
                report -> report.crew().size());
        gauge(
                "tts.account.paused",
                "1 while the provider's account is paused",
                report -> report.pause() == null ? 0 : 1);
        double limit = workshop.settings().provider().limit().requestsPerMinute();
        Gauge.builder("tts.limit.requests.per.minute", () -> limit)
                .description("The limit that all workers share, as it is set")
                .register(registry);
        Gauge.builder("tts.provider.calls.in.flight", calling, AtomicInteger::get)
                .description("Calls to the provider that are under way")
                .register(registry);
        Gauge.builder("tts.storage.out", storageOut, AtomicInteger::get)
                .description("Workers in this process that have found the storage to take no audio")
                .register(registry);
        waits = Timer.builder("tts.limiter.wait")
                .description("How far ahead the time slots of calls lay when they were given")
                .serviceLevelObjectives(WAITS)
                .register(registry);
        leaseLosses = counter("tts.lease.losses", "Clips that went to another worker while this one worked on them");
        characters = counter("tts.speech.characters", "Characters that were sent in calls that brought audio");
        usd = counter("tts.speech.cost.usd", "What those calls cost, by the price list");
        // Known from the start, so that the first one is seen as an increase.
        Stream.of("made", "found").forEach(outcome -> clips(outcome, "none"));
        call("ok");
        deliveries("delivered");
        registry.counter("tts.jobs.ended");
    }

    private static Duration[] durations(double... seconds) {
        return java.util.Arrays.stream(seconds)
                .mapToObj(each -> Duration.ofMillis((long) (each * 1000)))
                .toArray(Duration[]::new);
    }

    private void gauge(String name, String description, ToDoubleFunction<Health.Report> figure) {
        Gauge.builder(name, health, known -> {
                    Health.Report report = known.look();
                    return report.database() ? figure.applyAsDouble(report) : Double.NaN;
                })
                .description(description)
                .register(registry);
    }

    private void depth(String state, ToDoubleFunction<ClipQueue.Depth> figure) {
        Gauge.builder("tts.queue.depth", health, known -> {
                    ClipQueue.Depth depth = known.look().depth();
                    return depth == null ? Double.NaN : figure.applyAsDouble(depth);
                })
                .tag("state", state)
                .description("Clips that wait, and clips in workers' hands")
                .register(registry);
    }

    private double ageOfOldest(Health.Report report) {
        ClipQueue.Depth depth = report.depth();
        return depth == null
                ? Double.NaN
                : depth.oldest()
                        .map(since -> Math.max(
                                0, Duration.between(since, clock.instant()).toMillis() / 1000.0))
                        .orElse(0.0);
    }

    private Counter counter(String name, String description) {
        return Counter.builder(name).description(description).register(registry);
    }

    /** For figures of a host's own. */
    public MeterRegistry registry() {
        return registry;
    }

    @Override
    public void clipMade(ClipKey key, boolean paid) {
        clips(paid ? "made" : "found", "none").increment();
    }

    @Override
    public void clipFailed(ClipKey key, Failure failure, boolean givenUp) {
        clips(givenUp ? "failed" : "retried", word(failure.kind())).increment();
    }

    private Counter clips(String outcome, String kind) {
        return Counter.builder("tts.clips")
                .description("Turns with clips: made by a call, found in the storage, to be tried again, failed")
                .tag("outcome", outcome)
                .tag("kind", kind)
                .register(registry);
    }

    @Override
    public void leaseLost(ClipKey key) {
        leaseLosses.increment();
    }

    @Override
    public void callWaits(Duration wait) {
        waits.record(wait);
    }

    @Override
    public void jobEnded(JobId id) {
        registry.counter("tts.jobs.ended").increment();
    }

    @Override
    public void accountChanged(String account, @Nullable Failure failure) {
        registry.counter("tts.account.changes", "to", failure == null ? "usable" : "paused")
                .increment();
    }

    @Override
    public void storageChanged(@Nullable Failure failure) {
        storageOut.addAndGet(failure == null ? -1 : 1);
        registry.counter("tts.storage.changes", "to", failure == null ? "usable" : "out")
                .increment();
    }

    /** A call to the provider begins. */
    void callBegan() {
        calling.incrementAndGet();
        begun.add();
    }

    /**
     * A call to the provider has ended.
     *
     * @param status {@code ok}, {@code aborted}, or what kind of failure it met
     */
    void callEnded(String status, Duration duration) {
        calling.decrementAndGet();
        call(status).record(duration);
    }

    /** The provider has answered with audio, and takes money for it. */
    void charged(SpeechRequest request) {
        String text = request.text();
        characters.increment(text.codePointCount(0, text.length()));
        usd.increment(prices.cost(request.voice(), text).likely().doubleValue());
    }

    private Timer call(String status) {
        return Timer.builder("tts.provider.calls")
                .description("Calls to the provider, from the request to the end of the answer")
                .tag("status", status)
                .serviceLevelObjectives(CALLS)
                .register(registry);
    }

    /** An attempt to deliver a webhook. */
    public void attempted(WebhookHandler.Attempt attempt) {
        deliveries(attempt.outcome()).increment();
    }

    private Counter deliveries(String outcome) {
        return Counter.builder("tts.webhook.deliveries")
                .description("Attempts to deliver a webhook")
                .tag("outcome", outcome)
                .register(registry);
    }

    /** How many calls this process has under way. */
    int calling() {
        return calling.get();
    }

    /** How many calls this process has begun in the last minute. */
    int callsLastMinute() {
        return begun.sum();
    }

    static String word(FailureKind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    /** Everything, as Prometheus reads it. */
    public String text() {
        return registry.scrape();
    }

    @Override
    public void close() {
        registry.close();
    }
}
