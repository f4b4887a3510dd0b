package dev.ttsjobs.text;

import java.text.Normalizer;
import java.util.Optional;

/** What happens to a text before it is hashed and sent: the same for both, and only once. Stateless, thread-safe. */
public final class SpokenText {

    /** How fast English and French are spoken, about, spaces counted. */
    public static final double CHARACTERS_A_SECOND = 15;

    private static final int FIRST_BEYOND_ASCII = 0x80;
    private static final int FIRST_RARE_LATIN = 0x1B1;
    private static final int FIRST_RARE_CYRILLIC = 0x460;
    private static final int FIRST_OF_THREE_BYTES = 0x800;
    private static final int FIRST_OF_FOUR_BYTES = 0x10000;

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
     * What keeps a text from being spoken. Immutable.
     *
     * @param code for programs: {@code empty}, {@code bad_character}, {@code too_long} or {@code no_letter}
     * @param message one sentence in English, without the text
     */
    public record Problem(String code, String message) {}

    /**
     * Says what keeps a normalised text from being spoken; empty when nothing does.
     *
     * @param limit the longest text that is taken, in code points
     */
    public static Optional<Problem> problem(String text, int limit) {
        if (text.isBlank()) {
            return Optional.of(new Problem("empty", "the text is empty"));
        }
        if (!isWellFormed(text)) {
            return Optional.of(
                    new Problem("bad_character", "the text holds half a character (an unpaired surrogate) or U+0000"));
        }
        int length = text.codePointCount(0, text.length());
        if (length > limit) {
            return Optional.of(new Problem(
                    "too_long", "the text has " + length + " characters, and at most " + limit + " are taken"));
        }
        if (text.codePoints().noneMatch(Character::isLetterOrDigit)) {
            return Optional.of(new Problem("no_letter", "the text needs a letter or a digit to be spoken"));
        }
        return Optional.empty();
    }

    /**
     * An estimate from above of how many tokens a text costs, at least 1: one for three letters of English, Greek or Russian,
     * two for three letters with accents, one for each sign and for each letter that tokenizers have learnt well, and one for
     * each byte of UTF-8 of the rest: rare scripts (Ethiopic, Lao, Cherokee) and emoji.
     *
     * <p>Held against the o200k tokenizer on the Universal Declaration of Human Rights in 528 languages: a text that is
     * estimated to have 1,900 tokens and has no more than 4,096 characters has no more than 2,000, but for 24 small languages
     * that are written in rarely used letters (Adyghe, Navajo, Ewe), where it may have 2,600. Where three letters a token are
     * too many (Greek and Czech have fewer than three), the characters end first.
     */
    public static int tokens(String text) {
        int thirds = text.codePoints().map(SpokenText::thirds).sum();
        return Math.max(1, (thirds + 2) / 3);
    }

    static int thirds(int codePoint) {
        if (Character.isWhitespace(codePoint)) {
            return 0;
        }
        if (codePoint < FIRST_BEYOND_ASCII) {
            return Character.isLetter(codePoint) ? 1 : 3;
        }
        if (codePoint >= FIRST_OF_FOUR_BYTES) {
            return unlearnt(4);
        }
        return switch (Character.UnicodeScript.of(codePoint)) {
            case LATIN -> codePoint < FIRST_RARE_LATIN ? 2 : isVietnamese(codePoint) ? 3 : unlearnt(2);
            case GREEK, CYRILLIC ->
                codePoint < FIRST_RARE_CYRILLIC ? 1 : unlearnt(codePoint < FIRST_OF_THREE_BYTES ? 2 : 3);
            case HAN,
                    HIRAGANA,
                    KATAKANA,
                    HANGUL,
                    THAI,
                    ARABIC,
                    HEBREW,
                    DEVANAGARI,
                    BENGALI,
                    GURMUKHI,
                    GUJARATI,
                    TAMIL,
                    TELUGU,
                    KANNADA,
                    MALAYALAM,
                    SINHALA,
                    KHMER,
                    MYANMAR,
                    GEORGIAN,
                    ARMENIAN,
                    COMMON -> 3;
            case INHERITED -> unlearnt(2);
            default -> unlearnt(codePoint < FIRST_OF_THREE_BYTES ? 2 : 3);
        };
    }

    private static boolean isVietnamese(int codePoint) {
        return codePoint >= 0x1EA0 && codePoint < 0x1F00;
    }

    /** A token for each byte of UTF-8, and a share of the space that then is one, too. */
    private static int unlearnt(int bytes) {
        return 3 * bytes + 1;
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
