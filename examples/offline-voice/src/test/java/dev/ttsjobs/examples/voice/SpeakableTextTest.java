package dev.ttsjobs.examples.voice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class SpeakableTextTest {

    @Test
    void accentsGoAndOtherAlphabetsAreWrittenAsTheySound() {
        assertEquals("l'ete a coute cher, ma soeur!", SpeakableText.ascii("L’été a coûté cher, ma sœur!"));
        assertEquals("preevyet", SpeakableText.ascii("Привет"));
        assertEquals("kalos", SpeakableText.ascii("καλος"));
        assertEquals("12 34", SpeakableText.ascii("١٢ ３４"));
    }

    @Test
    void everyLetterOfEveryScriptBecomesSomethingToSay() {
        for (int point = 0; point <= Character.MAX_CODE_POINT; point++) {
            if (Character.isLetterOrDigit(point)
                    && !SpeakableText.sayable(SpeakableText.ascii(Character.toString(point)))) {
                throw new AssertionError("Nothing to say for U+" + Integer.toHexString(point));
            }
        }
    }

    @Test
    void differentIdeographsUsuallySoundDifferent() {
        assertNotEquals(SpeakableText.ascii("你"), SpeakableText.ascii("好"));
        assertEquals(SpeakableText.ascii("你"), SpeakableText.ascii("你"));
    }

    @Test
    void onlyLettersAndDigitsCanBeSaid() {
        assertTrue(SpeakableText.sayable("… é …"));
        assertTrue(SpeakableText.sayable("7"));
        assertFalse(SpeakableText.sayable(" ?! 🎉 — "));
    }

    @Test
    void piecesAreNoLongerThanAskedForAndLoseNothing() {
        assertEquals(List.of("one two", "three"), SpeakableText.pieces(" one two three ", 8));
        assertEquals(List.of("abcd", "efgh", "ij"), SpeakableText.pieces("abcdefghij", 4));
        assertEquals(List.of(), SpeakableText.pieces("  ", 4));
    }
}
