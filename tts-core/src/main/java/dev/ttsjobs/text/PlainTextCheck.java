package dev.ttsjobs.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** What can be seen of a text by itself. Stateless, thread-safe. */
final class PlainTextCheck implements TextCheck {

    /** Words that nearly every sentence has some of, without those that both languages have (on, me, a, son, for, pour). */
    private static final Set<String> ENGLISH = Set.of(
            ("the is are was were am be been you he she it we they my your his her our their this that these those what where"
                            + " who when how why which and of to in with from have has had do does did not will would can"
                            + " could should there i i'm i'd don't it's at by as an")
                    .split(" "));

    private static final Set<String> FRENCH = Set.of(
            ("le la les un une des du de et est sont était suis êtes sommes je tu il elle nous vous ils elles mon ma mes ton ta"
                            + " tes ses notre votre leur ce cette ces que qui où quand comment pourquoi quel quelle avec dans"
                            + " sur pas ne avez avons ont ai au aux chez très c'est n'est qu'est j'ai l'on d'un d'une l n qu j c")
                    .split(" "));

    private static final Pattern BETWEEN_WORDS = Pattern.compile("[^\\p{L}']+");

    @Override
    public List<Finding> check(List<Text> texts) {
        List<Finding> findings = new ArrayList<>();
        for (Text text : texts) {
            if (text.text().codePoints().anyMatch(PlainTextCheck::isStray)) {
                findings.add(Finding.warning(
                        text.field(), "control_characters", "holds control characters, which are not spoken"));
            }
            if (hasFewLetters(text.text())) {
                findings.add(Finding.warning(
                        text.field(), "few_letters", "has few letters: signs are spelled out or left out"));
            }
            String language = text.language().split("-", 2)[0].toLowerCase(Locale.ROOT);
            if (language.equals("fr") && looksLike(ENGLISH, FRENCH, text.text())) {
                findings.add(
                        Finding.warning(text.field(), "looks_english", "looks like English, where French is meant"));
            } else if (language.equals("en") && looksLike(FRENCH, ENGLISH, text.text())) {
                findings.add(
                        Finding.warning(text.field(), "looks_french", "looks like French, where English is meant"));
            }
        }
        return findings;
    }

    private static boolean isStray(int codePoint) {
        return Character.getType(codePoint) == Character.CONTROL && !Character.isWhitespace(codePoint);
    }

    /** Fewer than half of what is not white space; of a digit or two nobody is warned. */
    private static boolean hasFewLetters(String text) {
        long all = text.codePoints().filter(c -> !Character.isWhitespace(c)).count();
        long spoken = text.codePoints()
                .filter(c -> Character.isLetterOrDigit(c) || Character.getType(c) == Character.NON_SPACING_MARK)
                .count();
        return spoken * 2 < all;
    }

    /** Two of the one and none of the other, or three times as many. */
    private static boolean looksLike(Set<String> language, Set<String> meant, String text) {
        int likely = 0;
        int right = 0;
        String plain = SpokenText.normalize(text).toLowerCase(Locale.ROOT).replace('\u2019', '\'');
        for (String word : BETWEEN_WORDS.split(plain)) {
            likely += has(language, word) ? 1 : 0;
            right += has(meant, word) ? 1 : 0;
        }
        return likely >= 2 && likely >= 3 * right;
    }

    /** French elides: {@code l'eau} is a word of l and eau. */
    private static boolean has(Set<String> words, String word) {
        int apostrophe = word.indexOf('\'');
        return words.contains(word) || apostrophe > 0 && words.contains(word.substring(0, apostrophe));
    }
}
