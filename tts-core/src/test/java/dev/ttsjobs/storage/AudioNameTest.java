package dev.ttsjobs.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.speech.AudioFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class AudioNameTest {

    private static final String KEY = "ab" + "01".repeat(31);

    @ParameterizedTest
    @EnumSource(AudioFormat.class)
    void aNameIsItsFolderItsKeyAndItsFormat(AudioFormat format) {
        AudioName name = AudioName.of(KEY, format);
        assertEquals("ab/" + KEY + "." + format.wireName(), name.value());
        assertEquals(name.value(), name.toString());
        assertEquals(format, name.format());
        assertEquals(name, new AudioName(name.value()));
        assertTrue(AudioName.isName(name.value()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ab",
                "ab/",
                "../etc/passwd",
                "ab/../../etc/passwd",
                "/ab/ab0101010101010101010101010101010101010101010101010101010101010101.mp3",
                "cd/ab01010101010101010101010101010101010101010101010101010101010101.mp3",
                "ab/ab01010101010101010101010101010101010101010101010101010101010101.MP3",
                "ab/ab01010101010101010101010101010101010101010101010101010101010101.exe",
                "ab/ab01010101010101010101010101010101010101010101010101010101010101",
                "ab/ab01010101010101010101010101010101010101010101010101010101010101.mp3\n",
                "ab/ab01010101010101010101010101010101010101010101010101010101010101.mp3 ",
                "ab/ab01010101010101010101010101010101010101010101010101010101010101.mp3?x",
                "ab\\ab01010101010101010101010101010101010101010101010101010101010101.mp3",
                "AB/AB01010101010101010101010101010101010101010101010101010101010101.mp3",
                "ab/ab0101010101010101010101010101010101010101010101010101010101010.mp3",
                "ab/ab010101010101010101010101010101010101010101010101010101010101011.mp3",
                "ab/ab0101010101010101010101010101010101010101010101010101010101010\u0661.mp3",
                "ab/%61b01010101010101010101010101010101010101010101010101010101010101.mp3",
            })
    void nothingOfAnotherShapeIsAName(String value) {
        assertFalse(AudioName.isName(value));
        assertThrows(IllegalArgumentException.class, () -> new AudioName(value));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "ab", "ab/cd", "zz"})
    void aKeyOfAnotherLengthMakesNoName(String key) {
        assertThrows(IllegalArgumentException.class, () -> AudioName.of(key, AudioFormat.MP3));
    }

    @Test
    void aKeyOfOtherDigitsMakesNoName() {
        assertThrows(IllegalArgumentException.class, () -> AudioName.of("AB".repeat(32), AudioFormat.MP3));
        assertThrows(IllegalArgumentException.class, () -> AudioName.of("../".repeat(21) + "a", AudioFormat.MP3));
    }
}
