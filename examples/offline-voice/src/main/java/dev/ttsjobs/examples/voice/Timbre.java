package dev.ttsjobs.examples.voice;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How one of OpenAI's voices sounds here.
 *
 * @param variant the variant of an espeak-ng voice
 * @param pitch espeak-ng's pitch, 0 to 99
 * @param hertz the base pitch for FreeTTS
 */
record Timbre(String variant, int pitch, int hertz) {

    private static final Map<String, Timbre> NAMED = new TreeMap<>(Map.ofEntries(
            Map.entry("alloy", new Timbre("f2", 45, 130)),
            Map.entry("ash", new Timbre("m1", 45, 100)),
            Map.entry("ballad", new Timbre("m3", 55, 115)),
            Map.entry("cedar", new Timbre("m8", 40, 90)),
            Map.entry("coral", new Timbre("f1", 60, 175)),
            Map.entry("echo", new Timbre("m4", 50, 108)),
            Map.entry("fable", new Timbre("m6", 60, 122)),
            Map.entry("marin", new Timbre("f4", 55, 160)),
            Map.entry("nova", new Timbre("f3", 60, 185)),
            Map.entry("onyx", new Timbre("m2", 25, 78)),
            Map.entry("sage", new Timbre("f5", 50, 150)),
            Map.entry("shimmer", new Timbre("f3", 75, 200)),
            Map.entry("verse", new Timbre("m7", 50, 96))));

    /** OpenAI's built-in voices, in the order of the alphabet. */
    static List<String> names() {
        return List.copyOf(NAMED.keySet());
    }

    /** The timbre of a built-in voice; a custom voice gets one of them by its name, always the same. */
    static Timbre of(String voice) {
        Timbre named = NAMED.get(voice);
        if (named != null) {
            return named;
        }
        List<Timbre> all = new ArrayList<>(NAMED.values());
        return all.get(Math.floorMod(voice.hashCode(), all.size()));
    }
}
