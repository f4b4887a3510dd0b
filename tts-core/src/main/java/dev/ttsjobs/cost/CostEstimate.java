package dev.ttsjobs.cost;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Objects;

/**
 * What a job would cost and how long it would take, before it is submitted. Immutable and thread-safe.
 *
 * @param characters the code points of all distinct clips, parts of long texts each one
 * @param clips the distinct clips
 * @param cachedClips those of them that are made already
 * @param billableCharacters the code points of the rest
 * @param usd what the rest would cost, in US dollars, to six decimals
 * @param duration how long the calls would take at the present limit, if nothing else were in the queue
 */
public record CostEstimate(
        long characters, int clips, int cachedClips, long billableCharacters, BigDecimal usd, Duration duration) {

    public CostEstimate {
        Objects.requireNonNull(usd, "usd");
        Objects.requireNonNull(duration, "duration");
    }
}
