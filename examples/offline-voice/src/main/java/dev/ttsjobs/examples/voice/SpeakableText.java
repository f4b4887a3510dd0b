package dev.ttsjobs.examples.voice;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Writes any text in the letters an English voice knows, so that something is said for every letter and digit. */
final class SpeakableText {

    private static final Map<Integer, String> LATIN = Map.ofEntries(
            Map.entry((int) 'œ', "oe"),
            Map.entry((int) 'æ', "ae"),
            Map.entry((int) 'ß', "ss"),
            Map.entry((int) 'ø', "o"),
            Map.entry((int) 'ł', "l"),
            Map.entry((int) 'đ', "d"),
            Map.entry((int) 'ð', "th"),
            Map.entry((int) 'þ', "th"),
            Map.entry((int) 'ı', "i"),
            Map.entry((int) '’', "'"),
            Map.entry((int) '…', ". "),
            Map.entry((int) '。', ". "),
            Map.entry((int) '、', ", "),
            Map.entry((int) '€', " euros "));

    private static final String[] CYRILLIC = {
        "a", "b", "v", "g", "d", "ye", "zh", "z", "ee", "y", "k", "l", "m", "n", "o", "p", "r", "s", "t", "oo", "f",
        "kh", "ts", "ch", "sh", "sh", "", "i", "", "e", "yoo", "ya"
    };

    private static final String[] GREEK = {
        "a", "v", "g", "th", "e", "z", "ee", "th", "ee", "k", "l", "m", "n", "ks", "o", "p", "r", "s", "s", "t", "ee",
        "f", "kh", "ps", "o"
    };

    private static final String CONSONANTS = "bdfgklmnprstvz";
    private static final String[] VOWELS = {"ah", "ee", "oh", "oo", "ay"};

    private SpeakableText() {}

    /** Whether there is anything to say: a letter or a digit of any script. */
    static boolean sayable(String text) {
        return text.codePoints().anyMatch(Character::isLetterOrDigit);
    }

    /** The text in ASCII: accents go, other alphabets are written as they sound, and other signs become a syllable each. */
    static String ascii(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        Normalizer.normalize(text, Normalizer.Form.NFKD)
                .toLowerCase(Locale.ROOT)
                .codePoints()
                .forEach(point -> append(out, point));
        if (!sayable(out.toString())) {
            // Signs that are silent among others, such as the Russian soft sign, are said when they stand alone.
            text.codePoints()
                    .filter(Character::isLetterOrDigit)
                    .forEach(point -> out.append(syllable(point)).append(' '));
        }
        return out.toString();
    }

    /** Splits into pieces of at most so many characters, at a space where there is one. */
    static List<String> pieces(String text, int most) {
        List<String> pieces = new ArrayList<>();
        String rest = text.strip();
        while (rest.length() > most) {
            int space = rest.lastIndexOf(' ', most);
            int end = space > 0 ? space : most;
            pieces.add(rest.substring(0, end));
            rest = rest.substring(end).strip();
        }
        if (!rest.isEmpty()) {
            pieces.add(rest);
        }
        return pieces;
    }

    private static void append(StringBuilder out, int point) {
        String latin = LATIN.get(point);
        int digit = Character.digit(point, 10);
        if (latin != null) {
            out.append(latin);
        } else if (digit >= 0) {
            out.append(digit);
        } else if (point >= 'a' && point <= 'z' || "'.,;:!?-".indexOf(point) >= 0) {
            out.append((char) point);
        } else if (point >= 'а' && point <= 'я') {
            out.append(CYRILLIC[point - 'а']);
        } else if (point >= 'α' && point <= 'ω') {
            out.append(GREEK[point - 'α']);
        } else if (Character.isLetter(point)) {
            out.append(' ').append(syllable(point)).append(' ');
        } else if (Character.getType(point) != Character.NON_SPACING_MARK) {
            out.append(' ');
        }
    }

    /** The same syllable for the same letter: its own name where Unicode has a short one, as for kana, else made up. */
    private static String syllable(int letter) {
        String name = Character.getName(letter);
        int at = name == null ? -1 : name.lastIndexOf("LETTER ");
        String own = at < 0 ? "" : name.substring(at + "LETTER ".length()).toLowerCase(Locale.ROOT);
        if (own.matches("[a-z]{1,5}")) {
            return own;
        }
        int mixed = Math.floorMod(letter * 31, CONSONANTS.length() * VOWELS.length);
        return CONSONANTS.charAt(mixed % CONSONANTS.length()) + VOWELS[mixed / CONSONANTS.length()];
    }
}
