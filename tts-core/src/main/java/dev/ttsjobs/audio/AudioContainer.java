package dev.ttsjobs.audio;

import java.io.IOException;
import java.time.Duration;

/** One audio format, read from its first byte to its last. */
@FunctionalInterface
interface AudioContainer {

    /**
     * Reads a whole file and says how long it plays. May leave bytes at the end that are not audio.
     *
     * @throws BadAudioException when it is not one whole file with something to hear
     */
    Duration measure(AudioBytes in) throws IOException;
}
