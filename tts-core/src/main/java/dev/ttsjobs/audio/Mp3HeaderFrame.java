package dev.ttsjobs.audio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The silent first frame in which an encoder says how long an MP3 file is: Xing, Info (for constant rate) or VBRI. */
final class Mp3HeaderFrame {

    private static final int HAS_FRAMES = 1;
    private static final int HAS_BYTES = 2;
    private static final int HAS_SEEK_TABLE = 4;
    private static final int CONTENT = 4 + 4 + 4 + 4 + Mp3SeekTable.PLACES;

    private Mp3HeaderFrame() {}

    /** How many frames it announces, 0 when it does not say or cannot be believed; -1 when this frame is audio. */
    static long announcedFrames(Frame frame, AudioBytes in) throws IOException {
        if (!Mp3Syntax.isLayerThree(frame.header())) {
            return -1;
        }
        int marker = 4 + Mp3Syntax.sideInfo(frame.header());
        long announced = xing(frame, in, marker);
        if (announced < 0 && Mp3Syntax.hasChecksum(frame.header())) {
            announced = xing(frame, in, marker + 2);
        }
        return announced < 0 ? vbri(frame, in) : announced;
    }

    private static long xing(Frame frame, AudioBytes in, int marker) throws IOException {
        if (frame.length() < marker + 8 || !in.says(marker, "Xing") && !in.says(marker, "Info")) {
            return -1;
        }
        boolean says = (in.u32(marker + 4) & HAS_FRAMES) != 0 && frame.length() >= marker + 12;
        return says ? believable(in.u32(marker + 8)) : 0;
    }

    private static long vbri(Frame frame, AudioBytes in) throws IOException {
        int marker = 4 + 32;
        return frame.length() >= marker + 18 && in.says(marker, "VBRI") ? believable(in.u32(marker + 14)) : -1;
    }

    /** An encoder that cannot go back leaves a placeholder. */
    private static long believable(long frames) {
        return frames < Integer.MAX_VALUE ? frames : 0;
    }

    /**
     * A header frame in front of frames like that one. Its length depends on nothing but that frame.
     *
     * @param constantRate whether all frames have the same bit rate, which the marker tells a player
     * @param frames how many frames of audio follow
     * @param bytes the size of the file with this frame
     */
    static byte[] of(Frame like, boolean constantRate, long frames, long bytes, byte[] seekTable) {
        int marker = 4 + Mp3Syntax.sideInfo(like.header());
        Frame frame = Mp3Syntax.plainFrame(like.header(), marker + CONTENT);
        ByteBuffer content = ByteBuffer.allocate(frame.length());
        content.putInt(frame.header()).position(marker);
        content.put((constantRate ? "Info" : "Xing").getBytes(StandardCharsets.ISO_8859_1));
        content.putInt(HAS_FRAMES | HAS_BYTES | HAS_SEEK_TABLE);
        content.putInt((int) frames).putInt((int) bytes).put(seekTable);
        return content.array();
    }
}
