package dev.ttsjobs.audio;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** MPEG audio frames: versions 1, 2 and 2.5, layers I to III (ISO/IEC 11172-3, 13818-3). */
final class Mp3Syntax implements FrameSyntax {

    static final Mp3Syntax MP3 = new Mp3Syntax();

    private static final int HEADER = 4;
    /** Sync word, version, layer and sample rate. */
    private static final int SAME_STREAM = 0xFFFE0C00;

    private static final int NO_CHECKSUM = 1 << 16;
    private static final int BITRATE = 15 << 12;
    private static final int PADDING = 1 << 9;

    private static final int VERSION_25 = 0;
    private static final int VERSION_RESERVED = 1;
    private static final int VERSION_1 = 3;
    private static final int LAYER_RESERVED = 0;
    private static final int LAYER_III = 1;
    private static final int LAYER_I = 3;
    private static final int MONO = 3;

    private static final int[] RATES_OF_VERSION_1 = {44_100, 48_000, 32_000};

    /** Bit rates in kbit/s by index, from the tables of the standard. */
    private static final int[] V1_LAYER_I = {0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448};

    private static final int[] V1_LAYER_II = {0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384};
    private static final int[] V1_LAYER_III = {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320};
    private static final int[] V2_LAYER_I = {0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256};
    private static final int[] V2_LAYER_II_III = {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160};

    private Mp3Syntax() {}

    @Override
    public String name() {
        return "MP3";
    }

    @Override
    public int headerBytes() {
        return HEADER;
    }

    @Override
    public @Nullable Frame frameAt(AudioBytes in, int offset) throws IOException {
        if (!in.has(offset + HEADER) || in.u8(offset) != 0xFF) {
            return null;
        }
        return frame((int) in.u32(offset));
    }

    /** The frame of that header; null when it is none, or of free format, whose length no header tells. */
    static @Nullable Frame frame(int header) {
        int rateIndex = header >>> 10 & 3;
        if (!synced(header) || rateIndex == 3 || bitrateIndex(header) == 0 || bitrateIndex(header) == 15) {
            return null;
        }
        int version = version(header);
        int rate = RATES_OF_VERSION_1[rateIndex] >> (version == VERSION_1 ? 0 : version == VERSION_25 ? 2 : 1);
        int bitrate = bitrates(header)[bitrateIndex(header)] * 1000;
        int padding = header >>> 9 & 1;
        int layer = layer(header);
        if (layer == LAYER_I) {
            return new Frame((12 * bitrate / rate + padding) * 4, 384, rate, header, header & SAME_STREAM);
        }
        int samples = layer == LAYER_III && version != VERSION_1 ? 576 : 1152;
        return new Frame(samples / 8 * bitrate / rate + padding, samples, rate, header, header & SAME_STREAM);
    }

    /**
     * A frame of the same stream without checksum and padding, of the same bit rate if it then has so many bytes, else of the
     * least one at which it does.
     */
    static Frame plainFrame(int like, int bytes) {
        int plain = like & ~PADDING | NO_CHECKSUM;
        Frame frame = frame(plain);
        for (int index = 1; frame == null || frame.length() < bytes; index++) {
            if (index == 15) {
                throw new IllegalArgumentException("no frame of this stream has " + bytes + " bytes");
            }
            frame = frame(plain & ~BITRATE | index << 12);
        }
        return frame;
    }

    /** Whether a frame of free format seems to begin there. */
    static boolean freeFormatAt(AudioBytes in, int offset) throws IOException {
        if (!in.has(offset + HEADER)) {
            return false;
        }
        int header = (int) in.u32(offset);
        return synced(header) && (header >>> 10 & 3) != 3 && bitrateIndex(header) == 0;
    }

    private static boolean synced(int header) {
        return header >>> 21 == 0x7FF && version(header) != VERSION_RESERVED && layer(header) != LAYER_RESERVED;
    }

    private static int version(int header) {
        return header >>> 19 & 3;
    }

    private static int layer(int header) {
        return header >>> 17 & 3;
    }

    static int bitrateIndex(int header) {
        return header >>> 12 & 15;
    }

    static boolean isLayerThree(int header) {
        return layer(header) == LAYER_III;
    }

    static boolean isMono(int header) {
        return (header >>> 6 & 3) == MONO;
    }

    /** Whether two bytes of checksum follow the header. */
    static boolean hasChecksum(int header) {
        return (header & NO_CHECKSUM) == 0;
    }

    /** The length of the side information of a layer III frame, in bytes. */
    static int sideInfo(int header) {
        if (version(header) == VERSION_1) {
            return isMono(header) ? 17 : 32;
        }
        return isMono(header) ? 9 : 17;
    }

    private static int[] bitrates(int header) {
        boolean first = version(header) == VERSION_1;
        return switch (layer(header)) {
            case LAYER_I -> first ? V1_LAYER_I : V2_LAYER_I;
            case LAYER_III -> first ? V1_LAYER_III : V2_LAYER_II_III;
            default -> first ? V1_LAYER_II : V2_LAYER_II_III;
        };
    }
}
