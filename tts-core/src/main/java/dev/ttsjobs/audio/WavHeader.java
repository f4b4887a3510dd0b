package dev.ttsjobs.audio;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What stands before the samples of a WAV file.
 *
 * @param format the content of its {@code fmt} chunk
 * @param dataBytes how many bytes of samples it announces; {@link #UNTIL_THE_END} when it was written before anybody knew
 * @param fact how many samples of each channel its {@code fact} chunk tells, as it is there for compressed ones; 0 when none does
 */
record WavHeader(byte[] format, long dataBytes, long fact) {

    static final long UNTIL_THE_END = -1;

    /** Who streams a WAV writes 0xFFFFFFFF (OpenAI, ffmpeg) or about 0x7FFFF000 (sox, espeak-ng), or 0. */
    private static final long NOT_A_SIZE = 0x7FFF0000L;

    private static final int PCM = 1;
    private static final int FLOAT = 3;
    private static final int EXTENSIBLE = 0xFFFE;
    /** Microsoft's and IMA's ADPCM, and GSM: those that say how many samples a block holds. */
    private static final Set<Integer> IN_BLOCKS = Set.of(2, 0x11, 0x31);

    private static final int SUB_FORMAT = 24;
    private static final int SHORTEST_FORMAT = 16;
    private static final int LONGEST_FORMAT = 1024;

    /** Reads from the first byte of the file to the first sample. */
    static WavHeader read(AudioBytes in) throws IOException {
        pass(in, 12);
        byte @Nullable [] format = null;
        long fact = 0;
        while (true) {
            if (!in.has(8)) {
                throw BadAudioException.truncated("the WAV file ends before its samples");
            }
            boolean isFormat = in.says(0, "fmt ");
            boolean isData = in.says(0, "data");
            boolean isFact = in.says(0, "fact");
            long size = in.u32Little(4);
            pass(in, 8);
            if (isData) {
                if (format == null) {
                    throw BadAudioException.damaged("samples without a format in the WAV file");
                }
                boolean streamed = size >= NOT_A_SIZE || size == 0 && in.has(1);
                return new WavHeader(format, streamed ? UNTIL_THE_END : size, fact).checked();
            }
            if (isFormat) {
                format = shortened(bytes(in, size));
            } else if (isFact && size >= 4 && in.has(4)) {
                fact = in.u32Little(0);
            }
            pass(in, (isFormat ? 0 : size) + size % 2);
        }
    }

    private static byte[] bytes(AudioBytes in, long size) throws IOException {
        if (size < SHORTEST_FORMAT || size > LONGEST_FORMAT) {
            throw BadAudioException.damaged("a WAV format of " + size + " bytes");
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream((int) size);
        if (in.copy(size, bytes) < size) {
            throw BadAudioException.truncated("the WAV file ends within its header");
        }
        return bytes.toByteArray();
    }

    /** Some encoders append a length of zero to a plain format, which changes nothing. */
    private static byte[] shortened(byte[] format) {
        int coding = format[0] & 0xFF | (format[1] & 0xFF) << 8;
        return coding == PCM || coding == FLOAT ? Arrays.copyOf(format, SHORTEST_FORMAT) : format;
    }

    private static void pass(AudioBytes in, long count) throws IOException {
        if (in.skip(count) < count) {
            throw BadAudioException.truncated("the WAV file ends within its header");
        }
    }

    /** How many bytes of samples can follow. */
    long mostBytes() {
        return dataBytes == UNTIL_THE_END ? Long.MAX_VALUE : dataBytes;
    }

    private WavHeader checked() {
        if (rate() == 0 || blockBytes() == 0 || bytesASecond() == 0) {
            throw BadAudioException.damaged("a WAV file of no rate");
        }
        return this;
    }

    /** Samples a second. */
    long rate() {
        return number(4, 4);
    }

    /** Bytes a second, which tells the duration where samples are compressed. */
    long bytesASecond() {
        return number(8, 4);
    }

    /** The bytes that belong together: one sample of each channel, or one block where samples are compressed. */
    int blockBytes() {
        return (int) number(12, 2);
    }

    /** Whether one block is one sample of each channel. */
    boolean isPlain() {
        return coding() == PCM || coding() == FLOAT;
    }

    private int coding() {
        int coding = (int) number(0, 2);
        return coding == EXTENSIBLE && format.length >= SUB_FORMAT + 2 ? (int) number(SUB_FORMAT, 2) : coding;
    }

    /** How long so many bytes sound. The rate of bytes is the last resort: some encoders tell one that is a third too high. */
    Duration playTime(long bytes) {
        long blocks = bytes / blockBytes();
        if (isPlain()) {
            return PlayTime.of(blocks, rate());
        }
        long inBlocks =
                IN_BLOCKS.contains(coding()) && format.length >= SHORTEST_FORMAT + 4 ? blocks * number(18, 2) : 0;
        boolean plausible = fact > 0 && dataBytes != UNTIL_THE_END && (inBlocks == 0 || fact <= inBlocks);
        return plausible || inBlocks > 0
                ? PlayTime.of(plausible ? fact : inBlocks, rate())
                : PlayTime.of(bytes, bytesASecond());
    }

    boolean sounds(WavHeader other) {
        return Arrays.equals(format, other.format);
    }

    private long number(int offset, int bytes) {
        long value = 0;
        for (int i = bytes - 1; i >= 0; i--) {
            value = value << 8 | format[offset + i] & 0xFF;
        }
        return value;
    }
}
