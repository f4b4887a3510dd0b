package dev.ttsjobs.speech;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Which voice speaks which language. A tag is looked up whole ({@code pt-BR}), then by its language ({@code pt}), both
 * without regard to case; else the fallback speaks, told to speak that language. Immutable and thread-safe.
 */
public final class Voices {

    private final Map<String, Voice> byLanguage;
    private final Voice fallback;

    private Voices(Map<String, Voice> byLanguage, Voice fallback) {
        this.byLanguage = Map.copyOf(byLanguage);
        this.fallback = Objects.requireNonNull(fallback, "fallback");
    }

    /** English by {@code alloy}, French by {@code verse}, everything else by {@code alloy}, each told its language. */
    public static Voices standard() {
        return of(Voice.of("alloy")).with("en", Voice.of("alloy")).with("fr", spoken(Voice.of("verse"), "fr"));
    }

    /** One voice for every language. */
    public static Voices of(Voice fallback) {
        return new Voices(Map.of(), fallback);
    }

    /**
     * These voices, with that one for a language instead of any it had.
     *
     * @throws IllegalArgumentException when it is no language tag, such as {@code en_US} or {@code english}
     */
    public Voices with(String language, Voice voice) {
        Objects.requireNonNull(language, "language");
        int letters = Locale.forLanguageTag(language).getLanguage().length();
        if (letters < 2 || letters > 3) {
            throw new IllegalArgumentException("voices are for language tags such as en or pt-BR");
        }
        Map<String, Voice> more = new LinkedHashMap<>(byLanguage);
        more.put(language.toLowerCase(Locale.ROOT), Objects.requireNonNull(voice, "voice"));
        return new Voices(more, fallback);
    }

    /** The voice for a language tag. */
    public Voice forLanguage(String tag) {
        String whole = tag.toLowerCase(Locale.ROOT);
        Voice exact = byLanguage.get(whole);
        if (exact != null) {
            return exact;
        }
        Voice primary = byLanguage.get(whole.split("-", 2)[0]);
        return primary != null ? primary : spoken(fallback, tag);
    }

    /**
     * A voice told to speak a language natively, where its model listens and nothing else was said: short texts give a
     * model little to guess the language from. English is what the voices speak by themselves.
     */
    public static Voice spoken(Voice voice, String tag) {
        Locale locale = Locale.forLanguageTag(tag);
        if (!voice.takesInstructions()
                || voice.instructions() != null
                || locale.getLanguage().isEmpty()
                || locale.getLanguage().equals("en")) {
            return voice;
        }
        return voice.withInstructions(
                "Speak " + locale.getDisplayLanguage(Locale.ENGLISH) + " as a native speaker does.");
    }
}
