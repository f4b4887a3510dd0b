package dev.ttsjobs.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TextSplitterTest {

    @Test
    void whatFitsIsOnePart() {
        assertEquals(List.of("One. Two."), new TextSplitter(20, 100).split("One. Two.", Locale.ENGLISH));
    }

    @Test
    void sentencesStayWholeAndPartsAreFull() {
        assertEquals(
                List.of("One two. Three four.", "Five six."),
                new TextSplitter(22, 100).split("One two. Three four. Five six.", Locale.ENGLISH));
    }

    @Test
    void aLongSentenceIsSplitBetweenWords() {
        assertEquals(
                List.of("alpha beta", "gamma", "delta."),
                new TextSplitter(11, 100).split("alpha beta gamma delta.", Locale.ENGLISH));
    }

    @Test
    void aLongWordIsSplitBetweenCharactersAndNeverInsideOne() {
        List<String> parts = new TextSplitter(4, 100).split("abcde👋🏽x", Locale.ENGLISH);
        assertTrue(parts.stream().allMatch(part -> part.length() <= 4));
        assertEquals("abcd", parts.get(0));
        for (String part : parts) {
            assertEquals(throughUtf8(part), part);
        }
    }

    private static String throughUtf8(String part) {
        return new String(
                part.getBytes(java.nio.charset.StandardCharsets.UTF_8), java.nio.charset.StandardCharsets.UTF_8);
    }

    @Test
    void chineseCountsItsTokens() {
        String sentence = "你好世界。";
        List<String> parts = new TextSplitter(4096, 12).split(sentence.repeat(5), Locale.CHINESE);
        assertTrue(parts.stream().allMatch(part -> SpokenText.tokens(part) <= 12));
        assertEquals(sentence.repeat(5), String.join("", parts));
    }

    @Test
    void oneWordOfThirtyThousandLettersIsSplit() {
        List<String> parts = new TextSplitter(4096, 1900).split("x".repeat(30_000), Locale.ENGLISH);
        assertEquals("x".repeat(30_000), String.join("", parts));
        assertTrue(parts.stream().allMatch(part -> part.length() <= 4096));
    }

    @Test
    void anyTextIsSplitWithinTheLimitsAndNothingThatIsSpokenIsLost() {
        Random random = new Random(42);
        String alphabet = "aé你👋 .,!?…\n-\"'1\u0301";
        int[] choices = alphabet.codePoints().toArray();
        for (int round = 0; round < 500; round++) {
            StringBuilder text = new StringBuilder("a");
            for (int i = random.nextInt(300); i > 0; i--) {
                text.appendCodePoint(choices[random.nextInt(choices.length)]);
            }
            String normalized = SpokenText.normalize(text.toString());
            TextSplitter splitter = new TextSplitter(2 + random.nextInt(60), 3 + random.nextInt(40));
            List<String> parts = splitter.split(normalized, Locale.ENGLISH);
            for (String part : parts) {
                assertTrue(splitter.fits(part), "too long");
                assertFalse(SpokenText.problem(part, 1000).isPresent(), "not speakable");
            }
            assertEquals(spoken(normalized), spoken(String.join("", parts)));
        }
    }

    private static String spoken(String text) {
        StringBuilder letters = new StringBuilder();
        text.codePoints().filter(Character::isLetterOrDigit).forEach(letters::appendCodePoint);
        return letters.toString();
    }

    @Test
    void limitsMustLeaveRoomForACharacter() {
        assertThrows(IllegalArgumentException.class, () -> new TextSplitter(1, 100));
        assertThrows(IllegalArgumentException.class, () -> new TextSplitter(100, 2));
    }
}
