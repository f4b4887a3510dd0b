package dev.ttsjobs.text;

import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Splits a text that is longer than one call takes: at the ends of sentences, else between words, else between
 * characters. The parts, put together, are the text again but for white space between them and runs of punctuation that
 * would stand alone. Takes time in proportion to the text. Immutable and thread-safe.
 */
public final class TextSplitter {

    /** What the provider's speech endpoint takes: 4,096 characters (published schema, {@code CreateSpeechRequest}). */
    public static final int MAX_CHARACTERS = 4096;

    /** What {@code gpt-4o-mini-tts} takes is 2,000 tokens, instructions included (its model page); some are kept back. */
    public static final int MAX_TOKENS = 1900;

    // A dot after one of these, or after a single letter (J. Smith, e.g., z. B.), ends no sentence; English, French,
    // German
    // and Spanish.
    private static final Pattern ABBREVIATED =
            Pattern.compile("(?<![\\p{L}\\p{N}])(?:\\p{Lu}|[a-z]|Mrs?|Ms|Dra?|Prof|St|Nos?|MM|"
                    + "Mmes?|Mlles?|Mgr|Nr|Hr|Fr|Sra?|Srta|Gen|Capt|Col|Lt|Sgt|Rev|Hon|Sen|Gov|[Cc]f|vs|av|bzw|ca)"
                    + "\\.\\s*\\z");
    private static final int LONGEST_ABBREVIATION = 12;

    /** What closes a quotation or a bracket, and belongs to the sentence before it also behind a space, as French has it. */
    private static final String CLOSING = "\u00bb\u201d\u2019)]";

    /** What opens a quotation in most languages, and closes it in German. */
    private static final String GERMAN_CLOSING = "\u00ab\u201c";

    /**
     * The most letters without a space in which words are looked for. The dictionary that finds those of Thai takes time with
     * the square of their number.
     */
    private static final int LONGEST_RUN = 5000;

    private final int maxCharacters;
    private final int maxTokens;

    /**
     * @param maxCharacters the longest part in UTF-16 units, at least 2
     * @param maxTokens the longest part in estimated tokens, at least 3
     */
    public TextSplitter(int maxCharacters, int maxTokens) {
        if (maxCharacters < 2 || maxTokens < 3) {
            throw new IllegalArgumentException("a part must be able to hold a character");
        }
        this.maxCharacters = maxCharacters;
        this.maxTokens = maxTokens;
    }

    /** Whether a text fits into one part. */
    public boolean fits(String text) {
        return text.length() <= maxCharacters && SpokenText.tokens(text) <= maxTokens;
    }

    /** The parts of a normalised text, none of them blank; one part where it fits. */
    public List<String> split(String text, Locale locale) {
        if (fits(text)) {
            return List.of(text);
        }
        List<String> parts = new ArrayList<>();
        pack(text, List.of(BreakIterator.getSentenceInstance(locale), BreakIterator.getLineInstance(locale)), parts);
        return parts;
    }

    /** The end of the next unit; a sentence ends neither at an abbreviation nor before what closes it. */
    private static int next(BreakIterator units, String text, int start, boolean sentences) {
        int end = units.next();
        while (sentences
                && end != BreakIterator.DONE
                && end < text.length()
                && (isAbbreviated(text, start, end) || closes(text, end))) {
            end = units.next();
        }
        return end;
    }

    private static boolean isAbbreviated(String text, int start, int end) {
        return ABBREVIATED
                .matcher(text)
                .useTransparentBounds(true)
                .region(Math.max(start, end - LONGEST_ABBREVIATION), end)
                .find();
    }

    private static boolean closes(String text, int at) {
        char mark = text.charAt(at);
        boolean beforeLetter = at + 1 < text.length() && Character.isLetterOrDigit(text.charAt(at + 1));
        return CLOSING.indexOf(mark) >= 0
                ? !beforeLetter
                : GERMAN_CLOSING.indexOf(mark) >= 0 && !beforeLetter && !Character.isWhitespace(text.charAt(at - 1));
    }

    /** Fills parts with the units of the first iterator; a unit that fits into none is split by the next one. */
    private void pack(String text, List<BreakIterator> levels, List<String> parts) {
        // Counted on as units come, so that the time grows with the text and not with its square.
        int thirds = 0;
        BreakIterator units = levels.isEmpty() ? BreakIterator.getCharacterInstance(Locale.ROOT) : levels.get(0);
        units.setText(text);
        StringBuilder part = new StringBuilder();
        int start = units.first();
        boolean sentences = levels.size() == 2;
        for (int end = next(units, text, start, sentences);
                end != BreakIterator.DONE;
                start = end, end = next(units, text, start, sentences)) {
            String unit = text.substring(start, end);
            String shown = unit.stripTrailing();
            int more = shown.codePoints().map(SpokenText::thirds).sum();
            if (part.length() + shown.length() > maxCharacters || (thirds + more + 2) / 3 > maxTokens) {
                flush(part, parts);
                thirds = 0;
                if (!fits(unit.strip())) {
                    if (levels.isEmpty()) {
                        cut(unit, parts);
                    } else {
                        pack(unit, hasWords(unit) ? levels.subList(1, levels.size()) : List.of(), parts);
                    }
                    continue;
                }
            }
            part.append(unit);
            thirds += more;
        }
        flush(part, parts);
    }

    private static boolean hasWords(String text) {
        int run = 0;
        for (int i = 0; i < text.length() && run <= LONGEST_RUN; i++) {
            run = Character.isWhitespace(text.charAt(i)) ? 0 : run + 1;
        }
        return run <= LONGEST_RUN;
    }

    /** A single user-perceived character that no part can hold, such as a heap of combining marks. */
    private void cut(String unit, List<String> parts) {
        StringBuilder part = new StringBuilder();
        int thirds = 0;
        for (int c : unit.codePoints().toArray()) {
            int more = SpokenText.thirds(c);
            if (part.length() + Character.charCount(c) > maxCharacters || (thirds + more + 2) / 3 > maxTokens) {
                flush(part, parts);
                thirds = 0;
            }
            part.appendCodePoint(c);
            thirds += more;
        }
        flush(part, parts);
    }

    private static void flush(StringBuilder part, List<String> parts) {
        String text = part.toString().strip();
        part.setLength(0);
        // Punctuation by itself is nothing to speak: a provider would be paid for silence or refuse it.
        if (text.codePoints().anyMatch(Character::isLetterOrDigit)) {
            parts.add(text);
        }
    }
}
