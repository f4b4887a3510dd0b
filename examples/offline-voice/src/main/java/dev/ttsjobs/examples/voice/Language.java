package dev.ttsjobs.examples.voice;

import java.lang.Character.UnicodeScript;
import java.text.Normalizer;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Guesses the language of a text, as the API has no field for it: a language the instructions name, else the script, else
 * the small words of French and English.
 */
final class Language {

    static final String ENGLISH = "en-us";
    static final String FRENCH = "fr-fr";

    private static final Map<Pattern, String> NAMES = Map.of(
            Pattern.compile("\\b(french|francais|francaise)\\b"), FRENCH,
            Pattern.compile("\\b(english|anglais|anglaise)\\b"), ENGLISH,
            Pattern.compile("\\b(german|allemand)\\b"), "de",
            Pattern.compile("\\b(spanish|espagnol)\\b"), "es",
            Pattern.compile("\\b(italian|italien)\\b"), "it",
            Pattern.compile("\\b(portuguese|portugais)\\b"), "pt-br",
            Pattern.compile("\\b(dutch|neerlandais)\\b"), "nl");

    private static final Map<UnicodeScript, String> SCRIPTS = Map.of(
            UnicodeScript.CYRILLIC,
            "ru",
            UnicodeScript.GREEK,
            "el",
            UnicodeScript.HAN,
            "cmn",
            UnicodeScript.HIRAGANA,
            "ja",
            UnicodeScript.KATAKANA,
            "ja",
            UnicodeScript.HANGUL,
            "ko",
            UnicodeScript.ARABIC,
            "ar",
            UnicodeScript.DEVANAGARI,
            "hi",
            UnicodeScript.HEBREW,
            "he",
            UnicodeScript.THAI,
            "th");

    private static final Set<String> FRENCH_WORDS = Set.of(
            "le",
            "la",
            "les",
            "un",
            "une",
            "des",
            "du",
            "de",
            "et",
            "est",
            "pas",
            "pour",
            "que",
            "qui",
            "dans",
            "votre",
            "vous",
            "nous",
            "je",
            "il",
            "elle",
            "avec",
            "sur",
            "au",
            "aux",
            "ce",
            "cette",
            "bonjour",
            "merci",
            "sont",
            "l",
            "d",
            "j",
            "qu",
            "c",
            "n",
            "mon",
            "notre",
            "ou",
            "mais",
            "tout",
            "tres",
            "plus",
            "bienvenue");

    private static final Set<String> ENGLISH_WORDS = Set.of(
            "the", "a", "an", "of", "and", "to", "is", "are", "in", "for", "your", "you", "with", "on", "this", "that",
            "it", "hello", "we", "have", "has", "be", "was", "not", "but", "at", "from", "welcome", "thank", "please");

    private static final Pattern FRENCH_ACCENTS = Pattern.compile("[éèêëàâçîïôûùœ]");
    private static final Pattern MARKS = Pattern.compile("\\p{M}+");
    private static final Pattern NOT_LETTERS = Pattern.compile("[^\\p{L}]+");

    private Language() {}

    /** The name by which espeak-ng knows the language to speak. */
    static String of(String instructions, String text) {
        String wish = plain(instructions);
        // "Speak French with an English accent" is French: the first language named counts.
        return NAMES.entrySet().stream()
                .flatMap(
                        name -> name.getKey().matcher(wish).results().map(at -> Map.entry(at.start(), name.getValue())))
                .min(Map.Entry.comparingByKey())
                .map(Map.Entry::getValue)
                .orElseGet(() -> script(text));
    }

    /** By the script most letters are in; Latin letters are French or English. */
    private static String script(String text) {
        Map<String, Integer> letters = new HashMap<>();
        text.codePoints()
                .filter(Character::isLetter)
                .forEach(letter ->
                        letters.merge(SCRIPTS.getOrDefault(UnicodeScript.of(letter), "latin"), 1, Integer::sum));
        // Japanese mixes kana with Chinese characters, and Chinese has no kana.
        if (letters.containsKey("ja") && letters.containsKey("cmn")) {
            return "ja";
        }
        return letters.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .filter(language -> !language.equals("latin"))
                .orElseGet(() -> latin(text));
    }

    private static String latin(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        int french = (int) FRENCH_ACCENTS.matcher(lower).results().count();
        int english = 0;
        for (String word : NOT_LETTERS.split(plain(text))) {
            french += FRENCH_WORDS.contains(word) ? 1 : 0;
            english += ENGLISH_WORDS.contains(word) ? 1 : 0;
        }
        return french > english ? FRENCH : ENGLISH;
    }

    private static String plain(String text) {
        return MARKS.matcher(Normalizer.normalize(text.toLowerCase(Locale.ROOT), Normalizer.Form.NFD))
                .replaceAll("");
    }
}
