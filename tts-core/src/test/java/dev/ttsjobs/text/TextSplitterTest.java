package dev.ttsjobs.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Collectors;
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
    void anAbbreviationEndsNoSentence() {
        assertEquals(
                List.of("He was late.", "I met Dr. Smith."),
                new TextSplitter(20, 100).split("He was late. I met Dr. Smith.", Locale.ENGLISH));
        assertEquals(
                List.of("Il dort.", "M. Dupont, Mme. Curie."),
                new TextSplitter(24, 100).split("Il dort. M. Dupont, Mme. Curie.", Locale.FRENCH));
        assertEquals(
                List.of("We read.", "J. R. R. Tolkien wrote."),
                new TextSplitter(25, 100).split("We read. J. R. R. Tolkien wrote.", Locale.ENGLISH));
        assertEquals(
                List.of("It cost $3.50 at 5 p.m. today.", "All of it."),
                new TextSplitter(32, 100).split("It cost $3.50 at 5 p.m. today. All of it.", Locale.ENGLISH));
    }

    @Test
    void shortFormsInsideASentenceEndNone() {
        for (String sentence : List.of(
                "We saw towns, e.g. Paris.",
                "Then Gen. Lee met Rev. Brown.",
                "Cf. Smith vs. Jones.",
                "Wir sahen z. B. Berlin bzw. Bonn.")) {
            int limit = sentence.length() + 3;
            assertEquals(
                    List.of("Well.", sentence),
                    new TextSplitter(limit, 100).split("Well. " + sentence, Locale.ENGLISH));
        }
    }

    @Test
    void timeGrowsWithTheTextWhateverItIs() {
        Random random = new Random(7);
        String thai = random.ints(100_000, 0x0E01, 0x0E2F)
                .mapToObj(Character::toString)
                .collect(Collectors.joining());
        String marks = "a" + "\u0301".repeat(300_000);
        TextSplitter splitter = new TextSplitter(4096, 1900);

        List<String> parts =
                assertTimeout(Duration.ofSeconds(3), () -> splitter.split(thai, Locale.forLanguageTag("th")));

        assertEquals(thai, String.join("", parts));
        assertTimeout(Duration.ofSeconds(3), () -> splitter.split(marks, Locale.ENGLISH));
    }

    @Test
    void initialsWithoutEndAreSplitInLinearTime() {
        String initials = "A. ".repeat(200_000).strip();
        List<String> parts = assertTimeout(
                Duration.ofSeconds(20), () -> new TextSplitter(4096, 1900).split(initials, Locale.ENGLISH));
        assertEquals(initials, String.join(" ", parts));
    }

    @Test
    void quotesStayWithWhatTheyQuote() {
        assertEquals(
                List.of("\"Stop!\" he said.", "(Really, really.)", "“Go.” She went."),
                new TextSplitter(17, 100)
                        .split("\"Stop!\" he said. (Really, really.) “Go.” She went.", Locale.ENGLISH));
        assertEquals(
                List.of("Il a dit « oui. »", "Puis il partit."),
                new TextSplitter(18, 100).split("Il a dit « oui. » Puis il partit.", Locale.FRENCH));
        assertEquals(
                List.of("Il rit.", "Puis : « Oui ! » Dit-il."),
                new TextSplitter(25, 100).split("Il rit. Puis : « Oui ! » Dit-il.", Locale.FRENCH));
        assertEquals(
                List.of("Er sagte: »Ja!«", "Sie ging weg."),
                new TextSplitter(17, 100).split("Er sagte: »Ja!« Sie ging weg.", Locale.GERMAN));
    }

    @Test
    void ellipsesAreNotCutFromTheirWordsNorSpokenAlone() {
        assertEquals(
                List.of("Well...", "I see… So...", "what?"),
                new TextSplitter(12, 100).split("Well... I see… So... what?", Locale.ENGLISH));
        assertEquals(List.of("One", "two"), new TextSplitter(4, 100).split("One … two", Locale.ENGLISH));
    }

    @Test
    void scriptsOfTheEastEndTheirSentencesToo() {
        assertEquals(List.of("你好。世界！", "真的吗？“是的。”"), new TextSplitter(9, 100).split("你好。世界！真的吗？“是的。”", Locale.CHINESE));
        assertEquals(List.of("こんにちは。", "「はい。」元気？"), new TextSplitter(8, 100).split("こんにちは。「はい。」元気？", Locale.JAPANESE));
        assertEquals(
                List.of("यह एक वाक्य है।", "यह दूसरा है।"),
                new TextSplitter(16, 100).split("यह एक वाक्य है। यह दूसरा है।", Locale.forLanguageTag("hi")));
    }

    @Test
    void scriptsWithoutSpacesAreSplitBetweenWords() {
        assertEquals(
                List.of("สวัสดีครับ", "ผมชื่อ"),
                new TextSplitter(10, 100).split("สวัสดีครับผมชื่อ", Locale.forLanguageTag("th")));
        String chinese = "你好世界".repeat(2000);
        List<String> parts = new TextSplitter(4096, 1900).split(chinese, Locale.CHINESE);
        assertEquals(chinese, String.join("", parts));
        assertEquals(5, parts.size());
    }

    @Test
    void charactersBeyondTheFirstPlaneAreNeverHalved() {
        for (int limit = 2; limit < 12; limit++) {
            for (String part : new TextSplitter(limit, 1900).split("𝒜𝒷𠮷".repeat(40), Locale.ENGLISH)) {
                assertTrue(SpokenText.isWellFormed(part));
            }
        }
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
