package dev.ttsjobs.examples.server;

import dev.ttsjobs.examples.worker.Workshop;
import dev.ttsjobs.limit.RateLimiter;
import dev.ttsjobs.queue.ClipQueue;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How database, storage and account are. Looks at most once a second, however often it is asked. Thread-safe. */
final class Health {

    private static final Logger log = LoggerFactory.getLogger(Health.class);
    private static final Duration KEPT = Duration.ofSeconds(1);

    private final Workshop workshop;
    private final InstantSource clock;
    private @Nullable Report last;

    Health(Workshop workshop, InstantSource clock) {
        this.workshop = workshop;
        this.clock = clock;
    }

    /**
     * What was found.
     *
     * @param depth the queue's load; null when the database could not tell
     * @param pause the account's pause; null when there is none
     */
    record Report(
            Instant at,
            boolean database,
            boolean storage,
            ClipQueue.@Nullable Depth depth,
            RateLimiter.@Nullable Pause pause) {

        boolean isReady() {
            return database && storage;
        }

        Map<String, Object> json() {
            Map<String, Object> checks = new LinkedHashMap<>();
            checks.put("database", Map.of("status", database ? "ok" : "down"));
            checks.put("storage", Map.of("status", storage ? "ok" : "down"));
            checks.put("provider", provider());
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("status", !isReady() ? "down" : pause != null ? "degraded" : "ok");
            json.put("checks", checks);
            return json;
        }

        private Map<String, Object> provider() {
            Map<String, Object> provider = new LinkedHashMap<>();
            provider.put("status", pause == null ? "ok" : "paused");
            if (pause != null) {
                provider.put("code", pause.failure().code());
                provider.put("message", pause.failure().message());
                provider.put("since", String.valueOf(JobJson.time(pause.since())));
                provider.put("nextProbeAt", String.valueOf(JobJson.time(pause.probeAt())));
            }
            return provider;
        }
    }

    synchronized Report look() {
        Instant now = clock.instant();
        if (last == null || !now.isBefore(last.at.plus(KEPT))) {
            last = lookNow(now);
        }
        return last;
    }

    private Report lookNow(Instant now) {
        ClipQueue.Depth depth = null;
        Optional<RateLimiter.Pause> pause = Optional.empty();
        try {
            depth = workshop.queue().depth();
            pause = workshop.queue()
                    .limiter(workshop.account(), workshop.settings().provider().limit())
                    .pause();
        } catch (RuntimeException e) {
            log.warn("the database does not answer: {}", e.toString());
        }
        return new Report(now, depth != null, storageTakesFiles(), depth, pause.orElse(null));
    }

    private boolean storageTakesFiles() {
        try {
            workshop.storage().check();
            return true;
        } catch (RuntimeException e) {
            log.warn("the storage takes no files: {}", e.toString());
            return false;
        }
    }
}
