package dev.ttsjobs.examples.voice;

import java.io.IOException;

/** Something that turns a text into sound. Safe for use by many threads. */
interface VoiceEngine extends AutoCloseable {

    /**
     * Speaks a text. A text with a letter or a digit in it, of any script, gives sound that can be heard.
     *
     * @throws IOException when the engine failed
     */
    Sound speak(SpeechCall call) throws IOException, InterruptedException;

    /** Which engine speaks, for people: {@code espeak-ng 1.51}. */
    String describe();

    @Override
    default void close() {}
}
