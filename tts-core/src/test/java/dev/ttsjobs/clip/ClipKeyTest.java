package dev.ttsjobs.clip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.ttsjobs.speech.AudioFormat;
import dev.ttsjobs.speech.Voice;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ClipKeyTest {

    private static final Voice VOICE = Voice.of("alloy");

    /** Computed once with another tool from the documented form. If one of them changes, everybody's audio is bought again. */
    @Test
    void goldenValues() {
        assertEquals(
                "18c5cae5dc91329769ed4edae18b8a671864383eab8e181a185dfdf2c9e66648",
                ClipKey.of("openai", VOICE, "Hello").hex());
        assertEquals(
                "240672f251161fd7d5136b4788686cfc922a7ee0710f9387e0a164f2d8e418da",
                ClipKey.of(
                                "openai",
                                Voice.of("verse")
                                        .withInstructions("Speak French.")
                                        .withSpeed(1.25),
                                "Ça va ?")
                        .hex());
        assertEquals(
                "46a225a50bf3730671b20327c9a80eff5524a0376a3c3cc82ba73b58ae263719",
                ClipKey.ofParts(List.of(ClipKey.of("openai", VOICE, "One."), ClipKey.of("openai", VOICE, "Two.")))
                        .hex());
    }

    @Test
    void everythingThatChangesTheSoundChangesTheKey() {
        Set<ClipKey> keys = new HashSet<>(List.of(
                ClipKey.of("openai", VOICE, "Hello"),
                ClipKey.of("kokoro", VOICE, "Hello"),
                ClipKey.of("openai", VOICE, "hello"),
                ClipKey.of("openai", Voice.of("ash"), "Hello"),
                ClipKey.of("openai", VOICE.withModel("tts-1"), "Hello"),
                ClipKey.of("openai", VOICE.withModel("gpt-4o-mini-tts-2025-12-15"), "Hello"),
                ClipKey.of("openai", VOICE.withInstructions("softly"), "Hello"),
                ClipKey.of("openai", VOICE.withSpeed(1.5), "Hello"),
                ClipKey.of("openai", VOICE.withFormat(AudioFormat.WAV), "Hello")));
        assertEquals(9, keys.size());
    }

    @Test
    void fieldsDoNotRunTogether() {
        assertNotEquals(ClipKey.of("ab", VOICE, "c"), ClipKey.of("a", VOICE, "bc"));
        assertNotEquals(
                ClipKey.of("openai", VOICE.withInstructions("a"), "bc"),
                ClipKey.of("openai", VOICE.withInstructions("ab"), "c"));
    }

    @Test
    void instructionsThatTheModelIgnoresDoNotCount() {
        Voice old = VOICE.withModel("tts-1-hd");
        assertEquals(ClipKey.of("openai", old, "Hello"), ClipKey.of("openai", old.withInstructions("softly"), "Hello"));
    }

    @Test
    void aKeyIsSixtyFourHexadecimalDigits() {
        for (String wrong :
                List.of("", "abc", "A".repeat(64), "g".repeat(64), "a".repeat(65), "../".repeat(21) + "a")) {
            assertThrows(IllegalArgumentException.class, () -> new ClipKey(wrong));
        }
    }
}
