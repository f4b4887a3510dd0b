package dev.ttsjobs.audio;

import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
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
import java.util.Locale;
import java.util.Optional;

/**
 * Tells whether bytes are one whole audio file of the wanted format, how long it plays, and its SHA-256: in one pass, with
 * 64 KB of memory whatever the length, in time linear in it whatever the content. A connection that is closed early, a login
 * page or an error message under the name of audio all look like success to an HTTP client; here they do not.
 *
 * <p>How surely a cut is found depends on the format:
 *
 * <ul>
 *   <li>MP3, AAC: everywhere but between two frames (24 ms of speech each); in an MP3 whose header tells the number of
 *       frames, between frames too, up to the last one.
 *   <li>Opus: everywhere.
 *   <li>WAV, FLAC: everywhere if the header tells the length; if it was written into a stream, a WAV cut between two samples
 *       and a FLAC cut between two frames look whole.
 *   <li>PCM: only an odd number of bytes shows.
 * </ul>
 *
 * The Shine encoder leaves up to three bytes of an MP3's last frame unwritten where its frames are no multiple of four bytes
 * (at 22,050 and 44,100 Hz, for instance). That is what a cut looks like, and is refused as one; ask such a server for another
 * rate or format.
 *
 * <p>For what remains, {@link #tooShort} compares the duration with the text. Thread-safe.
 */
public final class AudioInspector {

    /** About the pace of a calm voice; measured speech is 12 to 18 letters a second in most alphabets. */
    private static final double LETTERS_A_SECOND = 15;

    /** Nobody speaks three times as fast as usual. */
    private static final double LEAST_SHARE = 0.35;

    /** Shorter texts ("Mr", "12:30", "OK!!!") vary too much to be judged. */
    private static final int FEWEST_LETTERS = 40;

    private AudioInspector() {}

    /**
     * Inspects a file.
     *
     * @throws BadAudioException when it is not whole audio of the expected format
     * @throws IOException when it cannot be read
     */
    public static AudioFacts inspect(Path file, AudioFormat expected) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return inspect(in, expected);
        }
    }

    /**
     * Inspects a stream, reading it to its end and leaving it open. After a {@link BadAudioException} an unknown part of it
     * is unread.
     *
     * @throws BadAudioException when it is not whole audio of the expected format
     * @throws IOException when it cannot be read
     */
    public static AudioFacts inspect(InputStream in, AudioFormat expected) throws IOException {
        MessageDigest sha256 = sha256();
        AudioBytes bytes = new AudioBytes(new DigestInputStream(in, sha256));
        refuseOthers(bytes, expected);
        Duration duration = container(expected).measure(bytes);
        bytes.skip(Long.MAX_VALUE);
        return new AudioFacts(
                expected, bytes.position(), duration, HexFormat.of().formatHex(sha256.digest()));
    }

    /**
     * Whether whole audio is so much shorter than its text that the voice must have stopped in the middle: less than about
     * a third of what a usual voice takes. Never says so of a text with fewer than 40 letters and digits. Counts all letters
     * as those of an alphabet; a text of syllables or ideograms takes longer to speak, so it is never flagged wrongly, but a
     * cut is found there less often. Audio that is too long is not judged, for voices do pause and repeat.
     *
     * @param text what was spoken, as it was sent
     * @param speed the factor that was asked for, 1 for the usual pace
     * @return why it cannot be whole, with the code {@link BadAudioException#TOO_SHORT}; empty when it may be
     * @throws IllegalArgumentException when the speed is not above 0
     */
    public static Optional<Failure> tooShort(AudioFacts facts, String text, double speed) {
        if (!(speed > 0)) {
            throw new IllegalArgumentException("the speed of speech is above 0");
        }
        long letters = text.codePoints().filter(Character::isLetterOrDigit).count();
        double least = LEAST_SHARE * letters / LETTERS_A_SECOND / speed;
        double seconds = facts.duration().toNanos() / 1e9;
        if (letters < FEWEST_LETTERS || seconds >= least) {
            return Optional.empty();
        }
        String message = String.format(
                Locale.ROOT,
                "%.1f s of audio cannot hold %d letters, which take %.1f s at least",
                seconds,
                letters,
                least);
        return Optional.of(Failure.of(FailureKind.BAD_AUDIO, BadAudioException.TOO_SHORT, message));
    }

    /** Refuses what does not even begin like the expected format, saying what it looks like. Passes nothing. */
    static void refuseOthers(AudioBytes in, AudioFormat expected) throws IOException {
        if (!in.has(1)) {
            throw BadAudioException.empty("not a single byte came");
        }
        MagicBytes magic = MagicBytes.of(in);
        boolean mayHide = expected == AudioFormat.MP3 || expected == AudioFormat.AAC || expected == AudioFormat.FLAC;
        if (magic.format() == expected || (magic.kind() == MagicBytes.Kind.HIDDEN && mayHide)) {
            return;
        }
        String message = "asked for " + expected.wireName() + ", got " + magic.what();
        if (magic.kind() == MagicBytes.Kind.AUDIO || magic.kind() == MagicBytes.Kind.HIDDEN) {
            throw new BadAudioException(BadAudioException.UNEXPECTED_FORMAT, message);
        }
        if (expected != AudioFormat.PCM && MagicBytes.cut(in)) {
            throw BadAudioException.truncated("the file ends within its first bytes");
        }
        // Frames may begin behind a little junk, and samples without a header look like nothing at all.
        boolean mayBegin = switch (expected) {
            case MP3, AAC, PCM -> true;
            case OPUS, FLAC, WAV -> false;
        };
        if (magic.kind() == MagicBytes.Kind.NOT_AUDIO || !mayBegin) {
            throw BadAudioException.notAudio(message);
        }
    }

    private static AudioContainer container(AudioFormat format) {
        return switch (format) {
            case MP3 -> new Mp3Audio();
            case OPUS -> new OpusAudio();
            case AAC -> new AacAudio();
            case FLAC -> new FlacAudio();
            case WAV -> new WavAudio();
            case PCM -> new PcmAudio();
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
