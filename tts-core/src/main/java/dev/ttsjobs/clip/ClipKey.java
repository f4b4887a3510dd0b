package dev.ttsjobs.clip;

import dev.ttsjobs.speech.Voice;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * The name of a clip: the SHA-256 of everything that changes its sound, each field with its length before it, so that no
 * two different clips can run together into one. The digest is over UTF-8. Changing how it is computed buys everybody's
 * audio again; golden values in the tests stand guard. Immutable and thread-safe.
 *
 * @param hex 64 lower-case hexadecimal digits
 */
public record ClipKey(String hex) implements Comparable<ClipKey> {

    private static final String SCHEMA = "tts-clip-1";
    private static final String JOIN_SCHEMA = "tts-join-1";
    private static final int DIGITS = 64;

    /** @throws IllegalArgumentException when the value is not 64 lower-case hexadecimal digits */
    public ClipKey {
        if (hex.length() != DIGITS || !hex.chars().allMatch(ClipKey::isDigit)) {
            throw new IllegalArgumentException("a clip key is 64 lower-case hexadecimal digits");
        }
    }

    /**
     * The key of one text in one voice. Instructions count only where the model listens to them.
     *
     * @param family the endpoint family, see {@link dev.ttsjobs.speech.SpeechSynthesizer#family()}
     * @param text the text exactly as it is sent
     */
    public static ClipKey of(String family, Voice voice, String text) {
        String instructions = voice.takesInstructions() && voice.instructions() != null ? voice.instructions() : "";
        MessageDigest digest = sha256();
        add(digest, SCHEMA);
        add(digest, family);
        add(digest, voice.model());
        add(digest, voice.name());
        add(digest, instructions);
        add(digest, Double.toString(voice.speed()));
        add(digest, voice.format().wireName());
        add(digest, text);
        return new ClipKey(HexFormat.of().formatHex(digest.digest()));
    }

    /** The key of audio joined from parts, in their order. */
    public static ClipKey ofParts(List<ClipKey> parts) {
        MessageDigest digest = sha256();
        add(digest, JOIN_SCHEMA);
        parts.forEach(part -> add(digest, part.hex));
        return new ClipKey(HexFormat.of().formatHex(digest.digest()));
    }

    private static boolean isDigit(int letter) {
        return letter >= '0' && letter <= '9' || letter >= 'a' && letter <= 'f';
    }

    private static void add(MessageDigest digest, String field) {
        byte[] bytes = field.getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
        digest.update(bytes);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    @Override
    public int compareTo(ClipKey other) {
        return hex.compareTo(other.hex);
    }

    @Override
    public String toString() {
        return hex;
    }
}
