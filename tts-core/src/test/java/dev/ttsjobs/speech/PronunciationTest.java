package dev.ttsjobs.speech;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class PronunciationTest {

    @Test
    void aWordIsReplacedWhereItStandsAlone() {
        Pronunciation rules = Pronunciation.NONE.word("en", "SQL", "sequel").word("en", "C++", "see plus plus");
        assertEquals("sequel, MySQL, SQLite and (sequel).", rules.apply("en", "SQL, MySQL, SQLite and (SQL)."));
        assertEquals("see plus plus11 or see plus plus", rules.apply("en", "C++11 or C++"));
        assertEquals("sql", rules.apply("en", "sql"));
    }

    @Test
    void wordsHaveNoEdgesWhereThereAreNoSpaces() {
        assertEquals("我去银航。", Pronunciation.NONE.word("zh", "银行", "银航").apply("zh", "我去银行。"));
    }

    @Test
    void aWordIsFoundHoweverItIsComposed() {
        Pronunciation rules = Pronunciation.NONE.word("fr", "e\u0301te\u0301", "saison");
        assertEquals("l'saison, étés", rules.apply("fr", "l'été, étés"));
        assertEquals("$1 \\ x", Pronunciation.NONE.word("en", "a", "$1 \\ x").apply("en", "a"));
    }

    @Test
    void aRegexKnowsAllLettersAndItsGroups() {
        Pronunciation rules = Pronunciation.NONE
                .regex("fr", "(\\d+) ?€", "$1 euros")
                .regex("fr", "\\bn°", "numéro")
                .regex("fr", "\\bà\\b", "a");
        assertEquals(
                "12 euros a numéro 3, voilà",
                rules.apply("fr", "12 € à n° 3, voilà").replaceAll("  ", " "));
    }

    @Test
    void rulesFollowEachOtherAndKnowTheirLanguage() {
        Pronunciation rules = Pronunciation.NONE
                .word("PT", "um", "dois")
                .word("pt", "dois", "três")
                .word("pt-br", "três", "meia");
        assertEquals("três", rules.apply("pt", "um"));
        assertEquals("meia", rules.apply("pt-BR", "um"));
        assertEquals("um", rules.apply("ptx", "um"));
        assertEquals("um", rules.apply("en", "um"));
    }

    @Test
    void whatIsMadeIsNormalisedAndWithoutRulesNothingHappens() {
        assertEquals("é", Pronunciation.NONE.regex("en", "x+", " e\u0301 ").apply("en", "xx"));
        String text = "as it is";
        assertSame(text, Pronunciation.NONE.apply("en", text));
    }

    /** Let alone, each of these takes from seconds to ages, or ends the thread's stack. */
    @Test
    void noExpressionHangs() {
        String bait = "a".repeat(5000) + "!";
        for (String regex : List.of("(.*)*\\1x", "(a+)+\\1\\?", "a*a*a*a*a*b", "(\\w+\\s?)+\\?", "(?:a|aa)+b")) {
            Pronunciation rules = Pronunciation.NONE.word("en", "b", "c").regex("en", regex, "");
            Pronunciation.RuleException stopped = assertTimeoutPreemptively(
                    Duration.ofSeconds(20),
                    () -> assertThrows(Pronunciation.RuleException.class, () -> rules.apply("en", bait)),
                    regex);
            assertTrue(stopped.getMessage().startsWith("pronunciation rule 2 (en) goes over"), stopped.getMessage());
            assertFalse(stopped.getMessage().contains("aaa"), "does not show the text");
        }
    }

    @Test
    void ordinaryExpressionsReachTheEndOfALongText() {
        String book =
                "Dr. Smith paid $12 on 3rd May, didn't he? ".repeat(25_000).strip();
        Pronunciation rules = Pronunciation.NONE
                .regex("en", "\\$(\\d+)", "$1 dollars")
                .regex("en", "(?i)\\bdr\\.(?=\\s+\\p{Lu})", "doctor")
                .word("en", "3rd", "third");
        assertEquals(
                "doctor Smith paid 12 dollars on third May, didn't he? "
                        .repeat(25_000)
                        .strip(),
                rules.apply("en", book));
    }

    @Test
    void aTextDoesNotGrowWithoutEnd() {
        Pronunciation rules = Pronunciation.NONE;
        for (int i = 0; i < 60; i++) {
            rules = rules.regex("en", "x", "xx");
        }
        Pronunciation doubling = rules;
        assertTrue(assertThrows(Pronunciation.RuleException.class, () -> doubling.apply("en", "x"))
                .getMessage()
                .endsWith("makes this text too long"));
    }

    @Test
    void rulesThatCannotWorkAreRefusedWhenTheyAreMade() {
        Pronunciation none = Pronunciation.NONE;
        assertThrows(IllegalArgumentException.class, () -> none.word("en", " \u00a0", "x"));
        for (List<String> wrong : List.of(
                List.of("(", "x"),
                List.of("a", "$1"),
                List.of("(a)", "$2"),
                List.of("(?x)a # $", "$1"),
                List.of("(?<n>a)", "${m}"),
                List.of("a", "\\"))) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> none.regex("en", wrong.get(0), wrong.get(1)),
                    wrong.toString());
        }
    }
}
