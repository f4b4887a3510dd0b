package dev.ttsjobs.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SpokenTextTest {

    @Test
    void spacesOfFourKindsAreOne() {
        for (String space : List.of(" ", "\u00a0", "\u202f", "\u2009")) {
            assertEquals("Ça va ?", SpokenText.normalize(" Ça va" + space + "?\n"));
        }
    }

    @Test
    void composedAndDecomposedAreOneButMeaningStays() {
        assertEquals("é", SpokenText.normalize("e\u0301"));
        assertEquals("½™ﬁ", SpokenText.normalize("½™ﬁ"));
        String once = SpokenText.normalize(" a\u0301\u00a0b ");
        assertEquals(once, SpokenText.normalize(once));
    }

    @Test
    void whatCannotBeSpokenIsNamed() {
        assertEquals(Optional.of("the text is empty"), SpokenText.problem("", 10));
        assertEquals(
                Optional.of("the text needs a letter or a digit to be spoken"), SpokenText.problem("?!… – 🙂", 100));
        assertEquals(Optional.of("the text has 3 characters, and at most 2 are taken"), SpokenText.problem("a👋🏽", 2));
        assertTrue(SpokenText.problem("\ud83d tail", 100).isPresent());
        assertTrue(SpokenText.problem("tail \udc4b", 100).isPresent());
        for (String fine : List.of("a", "7", "你", "Ça va ?", "👋 hi", "ا")) {
            assertEquals(Optional.empty(), SpokenText.problem(fine, 100));
        }
    }

    @Test
    void tokensAreEstimatedFromAbove() {
        assertEquals(1, SpokenText.tokens("a"));
        assertEquals(4, SpokenText.tokens("Good morning"));
        assertEquals(4, SpokenText.tokens("你好世界"));
        assertFalse(SpokenText.tokens("Ça va ?") < 3);
    }
}
