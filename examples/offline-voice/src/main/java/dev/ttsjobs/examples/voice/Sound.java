package dev.ttsjobs.examples.voice;

import java.time.Duration;

/** Finished audio: the bytes to send and how long they play. */
record Sound(byte[] bytes, Duration length) {

    static Sound of(Samples samples, SoundFormat format) {
        return new Sound(format.encode(samples), samples.length());
    }
}
