package dev.ttsjobs.examples.worker;

import dev.ttsjobs.limit.RateLimiter;
import dev.ttsjobs.queue.ClipQueue;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How database, storage, account and workers are. Looks at most once a second, however often it is asked. Thread-safe.
 */
public final class Health {

    private static final Logger log = LoggerFactory.getLogger(Health.class);
    private static final Duration KEPT = Duration.ofSeconds(1);

    private final Workshop workshop;
    private final InstantSource clock;
    private @Nullable Report last;

    /** @param clock by which a look is still fresh */
    public Health(Workshop workshop, InstantSource clock) {
        this.workshop = workshop;
        this.clock = clock;
    }

    /**
     * What was found.
     *
     * @param at when
     * @param database whether it answers
     * @param storage whether it takes files
     * @param depth the queue's load; null when the database could not tell
     * @param pause the pause of this process's account; null when there is none
     * @param pauses those of all accounts, by name
     * @param crew the workers that are alive; empty when the database could not tell
     */
    public record Report(
            Instant at,
            boolean database,
            boolean storage,
            ClipQueue.@Nullable Depth depth,
            RateLimiter.@Nullable Pause pause,
            Map<String, RateLimiter.Pause> pauses,
            List<Crew.Member> crew) {

        public Report {
            pauses = Map.copyOf(pauses);
            crew = List.copyOf(crew);
        }

        /** Whether the process is of any use. A paused account is no reason to restart anything: its work waits. */
        public boolean isReady() {
            return database && storage;
        }

        /** What the ready check answers. */
        public Map<String, Object> json() {
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
                provider.put("since", pause.since().toString());
                if (!pause.isByHand()) {
                    provider.put("nextProbeAt", pause.probeAt().toString());
                }
            }
            return provider;
        }
    }

    /** Looks anew the next time: something was changed. */
    public synchronized void forget() {
        last = null;
    }

    /** How everything is, or was within the last second. */
    public synchronized Report look() {
        if (last == null || !clock.instant().isBefore(last.at.plus(KEPT))) {
            last = lookNow();
        }
        return last;
    }

    private Report lookNow() {
        ClipQueue.Depth depth = null;
        Map<String, RateLimiter.Pause> pauses = Map.of();
        List<Crew.Member> crew = List.of();
        boolean database = false;
        try {
            depth = workshop.queue().depth();
            pauses = workshop.jobs().pauses();
            crew = workshop.crew().alive();
            database = true;
        } catch (RuntimeException e) {
            log.warn("the database does not answer: {}", e.toString());
        }
        RateLimiter.Pause own = pauses.get(workshop.account());
        boolean storage = storageTakesFiles();
        // Of the end: a look at what does not answer takes long, and all who waited for it share it.
        return new Report(clock.instant(), database, storage, depth, own, pauses, crew);
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
