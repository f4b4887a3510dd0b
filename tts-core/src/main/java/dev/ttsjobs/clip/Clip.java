package dev.ttsjobs.clip;

import dev.ttsjobs.speech.Voice;
import dev.ttsjobs.text.SpokenText;
import java.util.List;
import java.util.Objects;

/**
 * One text in one voice: what is queued, leased, paid for and stored. A clip whose text is longer than one call takes has
 * parts, clips themselves, and is joined from their audio instead of being spoken. Immutable and thread-safe.
 *
 * @param key its name
 * @param text the text exactly as it is sent
 * @param voice how it is spoken
 * @param tokens an upper estimate of what the text costs of a token limit, at least 1
 * @param parts the clips it is joined from, in order; empty for a clip that is spoken
 */
public record Clip(ClipKey key, String text, Voice voice, int tokens, List<Clip> parts) {

    public Clip {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(voice, "voice");
        parts = List.copyOf(parts);
        if (tokens < 1) {
            throw new IllegalArgumentException("a clip costs at least one token");
        }
        if (parts.size() == 1 || parts.stream().anyMatch(part -> !part.parts().isEmpty())) {
            throw new IllegalArgumentException("a clip has no part or at least two, and parts have none");
        }
    }

    /**
     * The clip of a text that one call speaks.
     *
     * @param family the endpoint family, see {@link dev.ttsjobs.speech.SpeechSynthesizer#family()}
     * @param text the text exactly as it is sent
     */
    public static Clip spoken(String family, Voice voice, String text) {
        String instructions = voice.takesInstructions() ? voice.instructions() : null;
        int tokens = SpokenText.tokens(text) + (instructions == null ? 0 : SpokenText.tokens(instructions));
        return new Clip(ClipKey.of(family, voice, text), text, voice, tokens, List.of());
    }

    /** How many characters (code points) are spoken. */
    public int characters() {
        return text.codePointCount(0, text.length());
    }

    /** Does not show the text: it belongs to the user, not into a log. */
    @Override
    public String toString() {
        return "Clip[" + key + ", " + text.length() + " characters, " + parts.size() + " parts]";
    }
}
