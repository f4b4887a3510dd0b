package dev.ttsjobs.audio;

import dev.ttsjobs.speech.AudioFormat;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;

/** Tells whether bytes are one whole audio file and how long it plays. */
public final class AudioInspector {

    private AudioInspector() {}

    public static AudioFacts inspect(Path file, AudioFormat expected) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return inspect(in, expected);
        }
    }

    public static AudioFacts inspect(InputStream in, AudioFormat expected) throws IOException {
        MessageDigest sha256 = sha256();
        AudioBytes bytes = new AudioBytes(new DigestInputStream(in, sha256));
        Duration duration = measure(bytes, expected);
        bytes.skip(Long.MAX_VALUE);
        return new AudioFacts(expected, bytes.position(), duration, HexFormat.of().formatHex(sha256.digest()));
    }

    static Duration measure(AudioBytes in, AudioFormat expected) throws IOException {
        if (!in.has(1)) {
            throw BadAudioException.empty("not a single byte");
        }
        MagicBytes magic = MagicBytes.of(in);
        if (magic.audio() ? magic.format() != expected : magic.isText()) {
            throw unexpected(magic, expected);
        }
        return container(expected).measure(in);
    }

    private static BadAudioException unexpected(MagicBytes magic, AudioFormat expected) {
        String message = "asked for " + expected.wireName() + ", got " + magic.what();
        return magic.audio()
                ? new BadAudioException(BadAudioException.UNEXPECTED_FORMAT, message)
                : BadAudioException.notAudio(message);
    }

    private static AudioContainer container(AudioFormat format) {
        return switch (format) {
            case MP3 -> new Mp3Audio();
            default -> throw new IllegalArgumentException(format.name());
        };
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
