package dev.ttsjobs.examples.voice;

import java.time.Duration;

/**
 * Plays a tune instead of speaking: pure arithmetic, for tests and benchmarks. The tune lasts as long as speech would, 15
 * characters a second, and every text in every voice has its own.
 *
 * <p>Its MP3 frames are written, not encoded: each holds one line of the spectrum, so that thousands of files a second
 * take next to no time.
 */
final class ToneVoice implements VoiceEngine {

    private static final int FRAME_SAMPLES = 576;
    private static final int FRAMES_A_NOTE = 4;
    private static final int NOTES = 32;

    /** The first spectral line used: 9 is 198 Hz, and each further one is 20.8 Hz higher. */
    private static final int LOWEST_LINE = 9;

    private static final byte[][] FRAMES = new byte[NOTES][];

    static {
        for (int note = 0; note < NOTES; note++) {
            FRAMES[note] = frame(LOWEST_LINE + note);
        }
    }

    @Override
    public Sound speak(SpeechCall call) {
        byte[] hash = call.digest();
        int frames = frames(call.input(), call.speed());
        Duration length = Duration.ofNanos(frames * (FRAME_SAMPLES * 1_000_000_000L / Samples.RATE));
        return call.format() == SoundFormat.MP3
                ? new Sound(mp3(hash, frames), length)
                : Sound.of(samples(hash, frames), call.format());
    }

    @Override
    public String describe() {
        return "tones (no speech)";
    }

    private static int frames(String text, double speed) {
        double seconds = Math.max(0.3, text.codePointCount(0, text.length()) / 15.0 / speed);
        return (int) Math.ceil(seconds * Samples.RATE / FRAME_SAMPLES);
    }

    private static int note(byte[] hash, int frame) {
        int place = frame / FRAMES_A_NOTE;
        // Another five bits each time round, so that long tunes do not repeat soon.
        return (hash[place % hash.length] >> (place / hash.length % 3)) & (NOTES - 1);
    }

    private static byte[] mp3(byte[] hash, int frames) {
        int size = FRAMES[0].length;
        byte[] mp3 = new byte[frames * size];
        for (int frame = 0; frame < frames; frame++) {
            System.arraycopy(FRAMES[note(hash, frame)], 0, mp3, frame * size, size);
        }
        // The unused end of a frame is free for any use; short tunes could be alike, this makes them differ.
        System.arraycopy(hash, 0, mp3, size - hash.length, hash.length);
        return mp3;
    }

    private static Samples samples(byte[] hash, int frames) {
        short[] values = new short[frames * FRAME_SAMPLES];
        double phase = 0;
        for (int i = 0; i < values.length; i++) {
            int line = LOWEST_LINE + note(hash, i / FRAME_SAMPLES);
            phase += Math.PI * (line + 0.5) / FRAME_SAMPLES;
            values[i] = (short) (Math.sin(phase) * 8000);
        }
        // Short tunes could be alike: the hash goes into the lowest bits, far too soft to hear.
        for (int bit = 0; bit < hash.length * 8; bit++) {
            int set = hash[bit / 8] >> (bit % 8) & 1;
            values[bit] = (short) (values[bit] & ~1 | set);
        }
        return new Samples(Samples.RATE, values);
    }

    /**
     * One frame of MPEG-2 Layer III at 32 kbit/s, 24 kHz, mono (ISO/IEC 13818-3) in which a single spectral line sounds. It
     * borrows no bits from its neighbours, so frames can stand in any order.
     */
    private static byte[] frame(int line) {
        BitWriter bits = new BitWriter(72 * 32_000 / Samples.RATE);
        // Sync, MPEG-2, Layer III, no checksum; 32 kbit/s, 24 kHz, no padding; mono.
        bits.put(0xFFF3, 16).put(0x44, 8).put(0xC4, 8);
        int pairs = line / 2 + 1;
        // Table 1 codes pairs of 0 and 1: nothing is "1", the second "001", the first "01", and a bit for the sign.
        int mainBits = (pairs - 1) + (line % 2 == 0 ? 2 : 3) + 1;
        bits.put(0, 8).put(0, 1);
        bits.put(mainBits, 12).put(pairs, 9).put(LOUDNESS, 8).put(0, 9).put(0, 1);
        bits.put(1, 5).put(1, 5).put(1, 5).put(7, 4).put(7, 3).put(0, 1).put(0, 1);
        for (int pair = 0; pair < pairs - 1; pair++) {
            bits.put(1, 1);
        }
        if (line % 2 == 0) {
            bits.put(1, 2);
        } else {
            bits.put(1, 3);
        }
        bits.put(0, 1);
        return bits.bytes();
    }

    /** Makes a 1 in the spectrum 2^((n - 210) / 4) of full scale. */
    private static final int LOUDNESS = 200;

    /** Writes bits into bytes, highest first. */
    private static final class BitWriter {

        private final byte[] bytes;
        private int at;

        BitWriter(int size) {
            bytes = new byte[size];
        }

        BitWriter put(int value, int width) {
            for (int bit = width - 1; bit >= 0; bit--, at++) {
                bytes[at / 8] |= (byte) ((value >> bit & 1) << (7 - at % 8));
            }
            return this;
        }

        byte[] bytes() {
            return bytes;
        }
    }
}
