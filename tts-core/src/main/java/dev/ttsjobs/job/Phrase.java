package dev.ttsjobs.job;

import dev.ttsjobs.text.SpokenText;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One item of a job, such as a flashcard: a text for each language. Immutable and thread-safe.
 *
 * @param itemId the host's name for it, echoed in the result and used for nothing else; null for none; at most 200
 *     characters
 * @param texts the texts by language tag ({@code en}, {@code fr}, {@code pt-BR}), at least one, in the order they are spoken
 */
public record Phrase(@Nullable String itemId, Map<String, String> texts) {

    private static final Pattern LANGUAGE = Pattern.compile("[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}");

    /** What of a wrong tag may be repeated in a message. */
    private static final Pattern SHOWN = Pattern.compile("[A-Za-z0-9_-]{1,40}");

    /** @throws IllegalArgumentException when there is no text, a tag is not a language tag, or the id is too long */
    public Phrase {
        if (texts.isEmpty()) {
            throw new IllegalArgumentException("a phrase has at least one text");
        }
        texts.forEach((language, text) -> {
            requireLanguage(language);
            Objects.requireNonNull(text, () -> "the text for " + language);
        });
        if (itemId != null && (itemId.length() > 200 || !SpokenText.isWellFormed(itemId))) {
            throw new IllegalArgumentException("an item id has at most 200 characters, whole ones and not U+0000");
        }
        texts = Collections.unmodifiableMap(new LinkedHashMap<>(texts));
    }

    /** A phrase with one text. */
    public static Phrase of(@Nullable String itemId, String language, String text) {
        return new Phrase(itemId, Collections.singletonMap(language, text));
    }

    /** This phrase with another text beside the ones it has. */
    public Phrase and(String language, String text) {
        Map<String, String> more = new LinkedHashMap<>(texts);
        more.put(language, text);
        return new Phrase(itemId, more);
    }

    /** Whether a string has the shape of a language tag (BCP 47, without its rarer forms): {@code en}, not English. */
    public static boolean isLanguage(String tag) {
        return LANGUAGE.matcher(tag).matches();
    }

    static String requireLanguage(String tag) {
        Objects.requireNonNull(tag, "language");
        if (!isLanguage(tag)) {
            throw new IllegalArgumentException("not a language tag such as en or pt-BR"
                    + (SHOWN.matcher(tag).matches() ? ": " + tag : ""));
        }
        return tag;
    }

    /** Does not show the texts: they belong to the user, not into a log. */
    @Override
    public String toString() {
        return "Phrase" + texts.keySet();
    }
}
