package dev.ttsjobs.storage;

import dev.ttsjobs.speech.AudioFormat;
import java.util.regex.Pattern;

/**
 * The name of a stored audio file: {@code ab/abcd….mp3}, where the digits are a clip's key and the folder its first two.
 * It is a path below a directory, a key in a bucket, and the end of a URL alike, and holds nothing that a user wrote.
 * Immutable and thread-safe.
 *
 * @param value the name, with its folder
 */
public record AudioName(String value) implements Comparable<AudioName> {

    private static final int KEY_DIGITS = 64;
    private static final Pattern SHAPE = Pattern.compile("([0-9a-f]{2})/\\1[0-9a-f]{62}\\.(mp3|opus|aac|flac|wav|pcm)");

    /** @throws IllegalArgumentException when the value has another shape */
    public AudioName {
        if (!SHAPE.matcher(value).matches()) {
            throw new IllegalArgumentException("not a name that this library makes");
        }
    }

    /**
     * The name for a clip key.
     *
     * @throws IllegalArgumentException when the key is not 64 lower-case hexadecimal digits
     */
    public static AudioName of(String keyHex, AudioFormat format) {
        if (keyHex.length() != KEY_DIGITS) {
            throw new IllegalArgumentException("a key has 64 hexadecimal digits");
        }
        return new AudioName(keyHex.substring(0, 2) + "/" + keyHex + "." + format.wireName());
    }

    /** Whether a string has the shape of a name; a question, so that hosts need not catch an exception. */
    public static boolean isName(String value) {
        return SHAPE.matcher(value).matches();
    }

    /** What the file is encoded as, by its extension. */
    public AudioFormat format() {
        return AudioFormat.of(value.substring(value.lastIndexOf('.') + 1));
    }

    @Override
    public int compareTo(AudioName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
