package dev.ttsjobs.text;

import java.text.Normalizer;
import java.util.Optional;

/** What happens to a text before it is hashed and sent: the same for both, and only once. Stateless, thread-safe. */
public final class SpokenText {

    /** How fast English and French are spoken, about, spaces counted. */
    public static final double CHARACTERS_A_SECOND = 15;

    private SpokenText() {}

    /**
     * Normalises a text: Unicode form NFC, the no-break, narrow no-break and thin spaces (U+00A0, U+202F, U+2009) become
     * plain spaces, and white space at both ends goes. Never NFKC, which changes what is said (½, ™). Idempotent.
     */
    public static String normalize(String text) {
        String folded = text.replace('\u00a0', ' ').replace('\u202f', ' ').replace('\u2009', ' ');
        return Normalizer.normalize(folded, Normalizer.Form.NFC).strip();
    }

    /**
     * Says what keeps a normalised text from being spoken, in one sentence without the text itself; empty when nothing
     * does.
     *
     * @param limit the longest text that is taken, in code points
     */
    public static Optional<String> problem(String text, int limit) {
        if (text.isBlank()) {
            return Optional.of("the text is empty");
        }
        if (!isWellFormed(text)) {
            return Optional.of("the text holds half a character (an unpaired surrogate) or U+0000");
        }
        int length = text.codePointCount(0, text.length());
        if (length > limit) {
            return Optional.of("the text has " + length + " characters, and at most " + limit + " are taken");
        }
        if (text.codePoints().noneMatch(Character::isLetterOrDigit)) {
            return Optional.of("the text needs a letter or a digit to be spoken");
        }
        return Optional.empty();
    }

    /**
     * An upper estimate of how many tokens a text costs, at least 1: one for three characters of the Latin, Greek and
     * Cyrillic scripts, one for each other letter and for each sign. Real tokenizers need about four Latin letters for one
     * and one Chinese character for one (measured by users of audiobook tools).
     */
    public static int tokens(String text) {
        int thirds = text.codePoints().map(SpokenText::thirds).sum();
        return Math.max(1, (thirds + 2) / 3);
    }

    static int thirds(int codePoint) {
        if (Character.isWhitespace(codePoint)) {
            return 0;
        }
        if (!Character.isLetter(codePoint)) {
            return 3;
        }
        return switch (Character.UnicodeScript.of(codePoint)) {
            case LATIN, GREEK, CYRILLIC -> 1;
            default -> 3;
        };
    }

    /**
     * About how long a text takes to say at a voice's own speed, in seconds: 15 characters a second, and 5 of the Han, kana
     * and Hangul scripts, where a character is a syllable or a word.
     */
    public static double seconds(String text) {
        long fifteenths = text.codePoints().mapToLong(SpokenText::fifteenths).sum();
        return fifteenths / CHARACTERS_A_SECOND;
    }

    private static long fifteenths(int codePoint) {
        return switch (Character.UnicodeScript.of(codePoint)) {
            case HAN, HIRAGANA, KATAKANA, HANGUL -> 3;
            default -> 1;
        };
    }

    /** Whether a text has no unpaired surrogate and no U+0000: databases refuse or change the others. */
    public static boolean isWellFormed(String text) {
        if (text.indexOf('\u0000') >= 0) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c)) {
                if (i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    return false;
                }
                i++;
            } else if (Character.isLowSurrogate(c)) {
                return false;
            }
        }
        return true;
    }
}
