package dev.ttsjobs.examples.server;

import dev.ttsjobs.examples.worker.Settings;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** The voices that users may choose between: the provider's for the model, and those that the settings name. */
final class VoiceChoice {

    /** OpenAI's guide to text to speech, as of November 2026; {@code tts-1} and {@code tts-1-hd} have only these. */
    private static final List<String> OF_EVERY_MODEL =
            List.of("alloy", "ash", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer");

    private static final List<String> OF_NEWER_MODELS = List.of("ballad", "cedar", "marin", "verse");

    private VoiceChoice() {}

    static SortedSet<String> of(Settings.Provider provider) {
        SortedSet<String> names = new TreeSet<>(OF_EVERY_MODEL);
        if (!provider.model().startsWith("tts-1")) {
            names.addAll(OF_NEWER_MODELS);
        }
        names.addAll(provider.voiceNames().values());
        return names;
    }
}
