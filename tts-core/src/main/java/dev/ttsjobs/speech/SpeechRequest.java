package dev.ttsjobs.speech;

import java.util.Objects;

/**
 * One call to a provider. Immutable and thread-safe.
 *
 * @param text what to say, exactly as it is sent
 * @param voice how to say it
 */
public record SpeechRequest(String text, Voice voice) {

    public SpeechRequest {
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(voice, "voice");
    }

    /** Does not show the text: it belongs to the user, not into a log. */
    @Override
    public String toString() {
        return "SpeechRequest[" + text.length() + " characters, " + voice.name() + "]";
    }
}
