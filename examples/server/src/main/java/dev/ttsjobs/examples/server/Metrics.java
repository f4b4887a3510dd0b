package dev.ttsjobs.examples.server;

import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.event.JobListener;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.queue.ClipQueue;
import dev.ttsjobs.webhook.WebhookHandler;
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
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** Figures for Prometheus. No label names a user or a job. Thread-safe. */
final class Metrics implements JobListener, AutoCloseable {

    /** Anybody may call by a method of their own making; none becomes a label. */
    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Health health;
    private final InstantSource clock;

    Metrics(Health health, ProgressFeed feed, InstantSource clock) {
        this.health = health;
        this.clock = clock;
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        depth("tts.queue.queued", "Clips that wait", ClipQueue.Depth::queued);
        depth("tts.queue.leased", "Clips in workers' hands", ClipQueue.Depth::leased);
        depth("tts.queue.oldest.seconds", "How long the longest waiting clip waits", this::ageOfOldest);
        Gauge.builder("tts.account.paused", health, known -> known.look().pause() == null ? 0 : 1)
                .description("Whether the provider's account is paused")
                .register(registry);
        Gauge.builder("tts.event.streams", feed, ProgressFeed::watchers)
                .description("Open event streams")
                .register(registry);
        // Known from the start, so that the first one is seen as an increase.
        made(true);
        made(false);
        deliveries("delivered");
    }

    private void depth(String name, String description, ToDoubleFunction<ClipQueue.Depth> figure) {
        Gauge.builder(name, health, known -> {
                    ClipQueue.Depth depth = known.look().depth();
                    return depth == null ? Double.NaN : figure.applyAsDouble(depth);
                })
                .description(description)
                .register(registry);
    }

    private double ageOfOldest(ClipQueue.Depth depth) {
        return depth.oldest()
                .map(since -> Duration.between(since, clock.instant()).toMillis() / 1000.0)
                .orElse(0.0);
    }

    MeterRegistry registry() {
        return registry;
    }

    /** A call to this server, by the pattern of its route. */
    void called(String method, String route, int status, float millis) {
        Timer.builder("http.server.requests")
                .tag("method", METHODS.contains(method) ? method : "other")
                .tag("route", route)
                .tag("status", Integer.toString(status))
                .register(registry)
                .record(Duration.ofNanos((long) (millis * 1_000_000)));
    }

    @Override
    public void clipMade(ClipKey key, boolean paid) {
        made(paid).increment();
    }

    private io.micrometer.core.instrument.Counter made(boolean paid) {
        return registry.counter("tts.clips.made", "paid", Boolean.toString(paid));
    }

    @Override
    public void clipFailed(ClipKey key, Failure failure, boolean givenUp) {
        registry.counter(
                        "tts.clips.failed", "kind", JobJson.word(failure.kind()), "given_up", Boolean.toString(givenUp))
                .increment();
    }

    @Override
    public void jobEnded(JobId id) {
        registry.counter("tts.jobs.ended").increment();
    }

    /** An attempt to deliver a webhook. */
    void attempted(WebhookHandler.Attempt attempt) {
        deliveries(attempt.outcome()).increment();
    }

    private io.micrometer.core.instrument.Counter deliveries(String outcome) {
        return registry.counter("tts.webhook.deliveries", "outcome", outcome);
    }

    @Override
    public void accountChanged(String account, @Nullable Failure failure) {
        registry.counter("tts.account.changes", "to", failure == null ? "usable" : "paused")
                .increment();
    }

    String text() {
        return registry.scrape();
    }

    @Override
    public void close() {
        registry.close();
    }
}
