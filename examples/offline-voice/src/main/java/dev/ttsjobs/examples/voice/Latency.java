package dev.ttsjobs.examples.voice;

import java.time.Duration;

/**
 * How long an answer takes before its first byte; speaking itself counts in. OpenAI takes about 400 ms and 5 to 10 ms a
 * character.
 *
 * @param fixed for every call; zero or more
 * @param perCharacter more for each character of the text; zero or more
 */
public record Latency(Duration fixed, Duration perCharacter) {

    /**
     * Checks the parts.
     *
     * @throws IllegalArgumentException when a duration is below zero
     */
    public Latency {
        if (fixed.isNegative() || perCharacter.isNegative()) {
            throw new IllegalArgumentException("A latency is not below zero");
        }
    }

    /** As fast as it goes. */
    public static Latency none() {
        return new Latency(Duration.ZERO, Duration.ZERO);
    }

    Duration of(SpeechCall call) {
        return fixed.plus(perCharacter.multipliedBy(call.characters()));
    }
}
