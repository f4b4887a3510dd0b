package dev.ttsjobs.examples.cli;

import java.util.Locale;
import java.util.regex.Pattern;

/** What of a card's field is to be spoken, and what a file may be called after it. */
final class CardText {

    private static final Pattern UNHEARD = Pattern.compile("(?is)<(style|script)\\b.*?</\\1>|<!--.*?-->");
    private static final Pattern BREAK = Pattern.compile("(?i)<(br|/?p|/?div|/?li|/?h[1-6])\\b[^<>]*>");
    private static final Pattern TAG = Pattern.compile("</?[A-Za-z][^<>]*>");
    private static final Pattern SOUND = Pattern.compile("\\[sound:[^\\]]*\\]");
    private static final Pattern CLOZE = Pattern.compile("\\{\\{c\\d+::(.*?)(::[^{}]*)?\\}\\}");
    private static final int LONGEST_NAME = 40;
    private static final int LINES_OF_A_NOTICE = 5;

    private CardText() {}

    /** The text without markup, sound references and cloze marks, on one line. */
    static String spoken(String field) {
        String text = UNHEARD.matcher(field).replaceAll(" ");
        text = TAG.matcher(BREAK.matcher(text).replaceAll(" ")).replaceAll("");
        text = CLOZE.matcher(SOUND.matcher(text).replaceAll("")).replaceAll("$1");
        // The ampersand last, so that what it reveals is not taken for another mark.
        text = text.replace("&nbsp;", " ")
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&#39;", "'")
                .replace("&amp;", "&");
        return text.replaceAll("\\s+", " ").strip();
    }

    /** Whether a field is a page rather than a text to learn: marked up, and of many lines. */
    static boolean isNotice(String field) {
        String text = UNHEARD.matcher(field).replaceAll(" ");
        if (!TAG.matcher(text).find()) {
            return false;
        }
        long lines = BREAK.matcher(text)
                .replaceAll("\n")
                .lines()
                .filter(line -> !spoken(line).isEmpty())
                .count();
        return lines >= LINES_OF_A_NOTICE;
    }

    /** Letters and digits of any script, the rest as one dash; fit for every file system and for Anki. */
    static String fileName(String text) {
        String name = text.toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{M}\\p{N}]+", "-")
                .replaceAll("^-|-$", "");
        int end = Math.min(name.codePointCount(0, name.length()), LONGEST_NAME);
        return name.substring(0, name.offsetByCodePoints(0, end));
    }
}
