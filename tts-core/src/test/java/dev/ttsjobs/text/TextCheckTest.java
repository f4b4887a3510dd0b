package dev.ttsjobs.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextCheckTest {

    private static List<TextCheck.Finding> check(String language, String text) {
        return TextCheck.standard().check(List.of(new TextCheck.Text("here", language, text)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "fr|Good morning, how are you?|looks_english|looks like English, where French is meant",
                "fr-CA|Where is the station?|looks_english|looks like English, where French is meant",
                "en|Où est la gare ?|looks_french|looks like French, where English is meant",
                "en-GB|C’est l’heure du déjeuner|looks_french|looks like French, where English is meant",
                "en|:-) :-) ok|few_letters|has few letters: signs are spelled out or left out",
            })
    void what_looks_wrong_is_warned_of(String language, String text, String code, String message) {
        assertEquals(List.of(TextCheck.Finding.warning("here", code, message)), check(language, text));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "fr|Où est la gare ?",
                "en|Where is the station?",
                "de|Where is the station?",
                "fr|Le film est « The Good, the Bad and the Ugly »",
                "fr|On a un match de football ce week-end",
                "en|The chef de cuisine made a crème brûlée",
                "en|Déjà vu",
                "fr|Oui",
                "en|OK",
                "fr|3 / 4",
                "ja|駅はどこですか。",
                "hi|नमस्ते",
            })
    void what_is_fine_is_let_pass(String language, String text) {
        assertEquals(List.of(), check(language, text));
    }

    @Test
    void control_characters_are_warned_of_but_line_ends_are_not() {
        assertEquals(1, check("en", "Good\u0007 morning").size());
        assertEquals(List.of(), check("en", "Good\tmorning,\r\nsir"));
    }

    @Test
    void a_host_adds_a_check_of_its_own() {
        TextCheck moderation = texts -> texts.stream()
                .filter(text -> text.text().contains("forbidden"))
                .map(text -> TextCheck.Finding.refusal(text.field(), "moderation", "is not spoken here"))
                .toList();
        List<TextCheck.Finding> findings = TextCheck.standard()
                .and(moderation)
                .check(List.of(
                        new TextCheck.Text("a", "fr", "This is the forbidden word"),
                        new TextCheck.Text("b", "en", "This is fine")));

        assertEquals(
                List.of("a", "a"),
                findings.stream().map(TextCheck.Finding::field).toList());
        assertTrue(!findings.get(0).refused() && findings.get(1).refused());
    }
}
