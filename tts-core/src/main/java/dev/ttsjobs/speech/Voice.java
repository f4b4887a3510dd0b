package dev.ttsjobs.speech;

import dev.ttsjobs.text.SpokenText;
import dev.ttsjobs.text.TextSplitter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a text is to sound. Model and voice names are open strings, since providers add to them; a custom voice is named by
 * its id ({@code voice_1234}). Immutable and thread-safe.
 *
 * @param model the provider's model; {@value #DEFAULT_MODEL} by default
 * @param name the voice, built in or custom
 * @param instructions how to speak, for models that listen to it; null for none; at most 4,096 characters
 * @param speed from 0.25 to 4.0, where 1.0 is the voice's own
 * @param format what the audio is encoded as; MP3 by default
 */
public record Voice(String model, String name, @Nullable String instructions, double speed, AudioFormat format) {

    /** The model used unless another is named. */
    public static final String DEFAULT_MODEL = "gpt-4o-mini-tts";

    /**
     * @throws IllegalArgumentException when a name is blank or holds control characters, the speed is out of range, or the
     *     instructions are too long
     */
    public Voice {
        requireName(model, "model");
        requireName(name, "voice");
        if (instructions != null && instructions.isBlank()) {
            instructions = null;
        }
        if (instructions != null && !SpokenText.isWellFormed(instructions)) {
            throw new IllegalArgumentException("instructions hold neither half characters nor U+0000");
        }
        if (instructions != null && instructions.length() > 4096) {
            throw new IllegalArgumentException("instructions are limited to 4,096 characters");
        }
        if (!(speed >= 0.25 && speed <= 4.0)) {
            throw new IllegalArgumentException("speed must be from 0.25 to 4.0");
        }
        Objects.requireNonNull(format, "format");
    }

    /** That voice with the default model, at its own speed, as MP3. */
    public static Voice of(String name) {
        return new Voice(DEFAULT_MODEL, name, null, 1.0, AudioFormat.MP3);
    }

    public Voice withModel(String model) {
        return new Voice(model, name, instructions, speed, format);
    }

    public Voice withInstructions(@Nullable String instructions) {
        return new Voice(model, name, instructions, speed, format);
    }

    public Voice withSpeed(double speed) {
        return new Voice(model, name, instructions, speed, format);
    }

    public Voice withFormat(AudioFormat format) {
        return new Voice(model, name, instructions, speed, format);
    }

    /** Whether the model listens to instructions: {@code tts-1} and {@code tts-1-hd}, with their snapshots, do not. */
    public boolean takesInstructions() {
        return !model.startsWith("tts-1");
    }

    /**
     * Splits texts that are longer than one call with this voice takes. Models that listen to instructions count tokens,
     * and instructions among them; the older ones count characters.
     */
    public TextSplitter splitter() {
        if (!takesInstructions()) {
            return new TextSplitter(TextSplitter.MAX_CHARACTERS, Integer.MAX_VALUE);
        }
        int taken = instructions == null ? 0 : SpokenText.tokens(instructions);
        return new TextSplitter(TextSplitter.MAX_CHARACTERS, Math.max(100, TextSplitter.MAX_TOKENS - taken));
    }

    private static void requireName(String value, String what) {
        Objects.requireNonNull(value, what);
        if (value.isBlank() || value.length() > 200 || value.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(what + " must be 1 to 200 characters without control characters");
        }
    }
}
