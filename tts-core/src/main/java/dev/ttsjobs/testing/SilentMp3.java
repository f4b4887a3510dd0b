package dev.ttsjobs.testing;

import java.io.ByteArrayOutputStream;

/** Whole MP3 frames of silence: MPEG-2 Layer III, 24 kHz, mono, 64 kbit/s, as the speech API answers. */
final class SilentMp3 {

    private static final int FRAME_BYTES = 72 * 64_000 / 24_000;
    private static final double FRAME_SECONDS = 576 / 24_000.0;
    private static final double CHARACTERS_PER_SECOND = 15;

    private SilentMp3() {}

    /** As long as the text takes to say, and not the same for different texts. */
    static byte[] of(String text) {
        int frames = (int) Math.max(3, Math.ceil(text.length() / CHARACTERS_PER_SECOND / FRAME_SECONDS));
        ByteArrayOutputStream mp3 = new ByteArrayOutputStream(frames * FRAME_BYTES);
        byte[] frame = new byte[FRAME_BYTES];
        frame[0] = (byte) 0xff;
        frame[1] = (byte) 0xf3;
        frame[2] = (byte) 0x84;
        frame[3] = (byte) 0xc4;
        // Bytes behind the side information are ancillary data that no decoder plays.
        int mark = text.hashCode();
        for (int i = 0; i < Integer.BYTES; i++) {
            frame[FRAME_BYTES - 1 - i] = (byte) (mark >>> (8 * i));
        }
        for (int i = 0; i < frames; i++) {
            mp3.writeBytes(frame);
        }
        return mp3.toByteArray();
    }
}
