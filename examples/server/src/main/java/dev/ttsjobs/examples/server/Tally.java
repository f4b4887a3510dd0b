package dev.ttsjobs.examples.server;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Counts by key, within a time that begins with the first of each. Of very many keys those that began first are forgotten, so
 * that a flood of made-up ones needs no more room. Not thread-safe.
 */
final class Tally {

    static final int MOST_KEYS = 10_000;

    private final InstantSource clock;
    private final Duration window;
    private final Map<String, Count> counts = bounded();

    Tally(InstantSource clock, Duration window) {
        this.clock = clock;
        this.window = window;
    }

    private record Count(Instant since, int number) {}

    /** A map that forgets the oldest. */
    static <K, V> Map<K, V> bounded() {
        return new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                return size() > MOST_KEYS;
            }
        };
    }

    /** How long it takes until a key may be counted again; empty when it may be now. */
    Optional<Duration> wait(String key, int most) {
        Instant now = clock.instant();
        Count count = current(key, now);
        return count.number < most ? Optional.empty() : Optional.of(Duration.between(now, count.since.plus(window)));
    }

    void add(String key) {
        Count count = current(key, clock.instant());
        counts.put(key, new Count(count.since, count.number + 1));
    }

    void takeBack(String key) {
        counts.computeIfPresent(key, (k, count) -> new Count(count.since, Math.max(0, count.number - 1)));
    }

    int size() {
        return counts.size();
    }

    private Count current(String key, Instant now) {
        Count count = counts.get(key);
        return count == null || !now.isBefore(count.since.plus(window)) ? new Count(now, 0) : count;
    }
}
