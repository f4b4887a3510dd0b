package dev.ttsjobs.examples.voice;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What goes wrong and when. A call first takes the next step of the script; once that is used up, dice decide.
 *
 * @param script what happens to the next calls, one step each
 * @param odds how likely each fault is once the script is over, each from 0 to 1 and together at most 1
 * @param retryAfter what {@code Retry-After} says, rounded up to whole seconds; zero or more
 * @param pause how long {@link FaultKind#STALL} is silent and {@link FaultKind#SLOW_BODY} takes; zero or more
 * @param only calls whose text does not contain this have no faults; empty for every call
 */
public record VoiceFaults(
        List<FaultKind> script, Map<FaultKind, Double> odds, Duration retryAfter, Duration pause, String only) {

    /**
     * Checks the parts.
     *
     * @throws IllegalArgumentException when a chance or a duration is out of its range
     */
    public VoiceFaults {
        script = List.copyOf(script);
        odds = Map.copyOf(odds);
        Objects.requireNonNull(only, "only");
        double sum = 0;
        for (double chance : odds.values()) {
            if (!(chance >= 0 && chance <= 1)) {
                throw new IllegalArgumentException("A chance is from 0 to 1");
            }
            sum += chance;
        }
        if (sum > 1 + 1e-9) {
            throw new IllegalArgumentException("The chances together are at most 1");
        }
        if (retryAfter.isNegative() || pause.isNegative()) {
            throw new IllegalArgumentException("A duration is not below zero");
        }
    }

    /** Nothing goes wrong. */
    public static VoiceFaults none() {
        return new VoiceFaults(List.of(), Map.of(), Duration.ofSeconds(1), Duration.ofSeconds(30), "");
    }

    /** These things happen to the next calls, one each, and nothing after them. */
    public static VoiceFaults script(FaultKind... steps) {
        return none().withScript(List.of(steps));
    }

    /** The same thing happens to every call. */
    public static VoiceFaults always(FaultKind kind) {
        return odds(Map.of(kind, 1.0));
    }

    /** Things happen by chance. */
    public static VoiceFaults odds(Map<FaultKind, Double> odds) {
        return new VoiceFaults(List.of(), odds, none().retryAfter, none().pause, "");
    }

    /** The same with another script. */
    public VoiceFaults withScript(List<FaultKind> newScript) {
        return new VoiceFaults(newScript, odds, retryAfter, pause, only);
    }

    /** The same with another {@code Retry-After}. */
    public VoiceFaults withRetryAfter(Duration newRetryAfter) {
        return new VoiceFaults(script, odds, newRetryAfter, pause, only);
    }

    /** The same with another pause. */
    public VoiceFaults withPause(Duration newPause) {
        return new VoiceFaults(script, odds, retryAfter, newPause, only);
    }

    /** The same for calls whose text contains this and no others. */
    public VoiceFaults withOnly(String text) {
        return new VoiceFaults(script, odds, retryAfter, pause, text);
    }
}
