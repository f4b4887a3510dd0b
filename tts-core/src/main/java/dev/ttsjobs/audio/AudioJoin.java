package dev.ttsjobs.audio;

import dev.ttsjobs.failure.TtsException;
import dev.ttsjobs.speech.AudioFormat;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * Joins the audio of several texts into one file, without decoding anything.
 *
 * <p>MP3 is joined frame by frame, behind one header frame with the right number of frames and bytes; the parts' own header
 * frames and tags are dropped. Each seam has the silence that an encoder puts around its audio, about 60 ms. WAV and PCM are
 * joined exact to the sample. Memory is constant, each part is read once and checked on the way. Thread-safe.
 */
public final class AudioJoin {

    private static final int BUFFER = 64 * 1024;

    private AudioJoin() {}

    /** Where the bytes of a part come from. */
    @FunctionalInterface
    public interface Source {

        /**
         * Opens the part at its first byte; it is closed by who asked for it.
         *
         * @throws IOException when it cannot be opened
         */
        InputStream open() throws IOException;
    }

    /** Whether files of that format can be joined: MP3, WAV and PCM. The others would have to be written anew. */
    public static boolean canJoin(AudioFormat format) {
        return switch (format) {
            case MP3, WAV, PCM -> true;
            case OPUS, AAC, FLAC -> false;
        };
    }

    /**
     * Joins parts in their order into one file, which is created or overwritten, and deleted when joining fails. It is
     * written in place and not forced to disk: hand in a temporary file.
     *
     * @return the facts of the joined file, read back from it
     * @throws BadAudioException when a part is not whole audio of that format; the message tells which
     * @throws TtsException when the format cannot be joined, the parts differ in sample rate or channels, or the whole would
     *     be too large for its format
     * @throws IllegalArgumentException when there is no part
     * @throws IOException when a part cannot be read or the file not be written
     */
    public static AudioFacts join(List<? extends Source> parts, AudioFormat format, Path target) throws IOException {
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("nothing to join");
        }
        PartJoin join = joinOf(format);
        boolean done = false;
        try {
            write(parts, format, join, target);
            AudioFacts facts = AudioInspector.inspect(target, format);
            done = true;
            return facts;
        } finally {
            if (!done) {
                Files.deleteIfExists(target);
            }
        }
    }

    private static PartJoin joinOf(AudioFormat format) {
        return switch (format) {
            case MP3 -> new Mp3Join();
            case WAV -> new WavJoin();
            case PCM -> new PcmJoin();
            case OPUS, AAC, FLAC ->
                throw new TtsException(format.wireName()
                        + " files cannot be joined; ask for mp3, wav or pcm where a text may be long");
        };
    }

    private static void write(List<? extends Source> parts, AudioFormat format, PartJoin join, Path target)
            throws IOException {
        try (FileChannel file = FileChannel.open(
                        target,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE);
                OutputStream out = new BufferedOutputStream(Channels.newOutputStream(file), BUFFER)) {
            for (int i = 0; i < parts.size(); i++) {
                add(parts.get(i), format, join, out, "part " + (i + 1) + " of " + parts.size() + ": ");
            }
            byte[] beginning = join.finish(out);
            out.flush();
            ByteBuffer patch = ByteBuffer.wrap(beginning);
            while (patch.hasRemaining()) {
                file.write(patch, patch.position());
            }
        }
    }

    private static void add(Source part, AudioFormat format, PartJoin join, OutputStream out, String which)
            throws IOException {
        try (InputStream in = part.open()) {
            AudioBytes bytes = new AudioBytes(in);
            AudioInspector.refuseOthers(bytes, format);
            join.add(bytes, out);
        } catch (BadAudioException e) {
            throw new BadAudioException(e.failure().code(), which + e.failure().message());
        } catch (UnequalPartsException e) {
            throw new TtsException("cannot join " + which + e.getMessage(), e);
        }
    }
}
