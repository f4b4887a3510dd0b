package dev.ttsjobs.audio;

import dev.ttsjobs.speech.AudioFormat;
import java.time.Duration;
import java.util.Objects;

/**
 * What a whole audio file was found to be. Immutable and thread-safe.
 *
 * @param format the real format, by its content
 * @param bytes the size of the file, at least 1
 * @param duration how long it plays
 * @param sha256 the SHA-256 of the bytes, 64 lower-case hexadecimal digits
 */
public record AudioFacts(AudioFormat format, long bytes, Duration duration, String sha256) {

    public AudioFacts {
        Objects.requireNonNull(format, "format");
        Objects.requireNonNull(duration, "duration");
        if (bytes < 1 || duration.isNegative() || !sha256.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException("not the facts of a whole file");
        }
    }
}
