package dev.ttsjobs.speech;

/**
 * What a call cost in the provider's own count. Immutable and thread-safe.
 *
 * @param inputTokens for the text and the instructions, 0 or more
 * @param outputTokens for the audio, 0 or more
 */
public record TokenUsage(long inputTokens, long outputTokens) {

    /** @throws IllegalArgumentException when a count is negative */
    public TokenUsage {
        if (inputTokens < 0 || outputTokens < 0) {
            throw new IllegalArgumentException("tokens are counted from 0");
        }
    }
}
