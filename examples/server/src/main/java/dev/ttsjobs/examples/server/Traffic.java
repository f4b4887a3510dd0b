package dev.ttsjobs.examples.server;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Set;

/** What the server is called for, as figures. No label names a user or a job. Thread-safe. */
final class Traffic {

    /** Anybody may call by a method of their own making; none becomes a label. */
    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

    private final MeterRegistry registry;

    Traffic(MeterRegistry registry, ProgressFeed feed) {
        this.registry = registry;
        Gauge.builder("tts.event.streams", feed, ProgressFeed::watchers)
                .description("Open event streams")
                .register(registry);
    }

    /** A call, by the pattern of its route. */
    void called(String method, String route, int status, float millis) {
        Timer.builder("http.server.requests")
                .tag("method", METHODS.contains(method) ? method : "other")
                .tag("route", route)
                .tag("status", Integer.toString(status))
                .register(registry)
                .record(Duration.ofNanos((long) (millis * 1_000_000)));
    }
}
