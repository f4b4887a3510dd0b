package dev.ttsjobs.testing;

import dev.ttsjobs.speech.AudioFormat;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Whole files of silence at 24 kHz, mono: as long as a text takes to say, and not the same for different texts. */
final class SilentAudio {

    private static final int RATE = 24_000;
    private static final int FRAME_SAMPLES = 576;
    private static final int FRAME_BYTES = 72 * 64_000 / RATE;
    private static final double CHARACTERS_PER_SECOND = 15;
    private static final int UNKNOWN_LENGTH = -1;

    private SilentAudio() {}

    /** Whether there is silence of that format; the others would need an encoder. */
    static boolean speaks(AudioFormat format) {
        return format == AudioFormat.MP3 || format == AudioFormat.WAV || format == AudioFormat.PCM;
    }

    /** @throws IllegalArgumentException when the format is not one of those that {@link #speaks} names */
    static byte[] of(String text, AudioFormat format) {
        return switch (format) {
            case MP3 -> mp3(text);
            case WAV -> wav(samples(text));
            case PCM -> samples(text);
            case OPUS, AAC, FLAC -> throw new IllegalArgumentException("no silence of that format is made here");
        };
    }

    /** Frames of MPEG-2 Layer III at 64 kbit/s, as the speech API answers. */
    private static byte[] mp3(String text) {
        int frames = frames(text);
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

    /** Silence of 16 bit samples; two of them tell texts apart, too faint to be heard. */
    private static byte[] samples(String text) {
        byte[] samples = new byte[frames(text) * FRAME_SAMPLES * Short.BYTES];
        for (int bit = 0; bit < Integer.SIZE; bit++) {
            samples[bit * Short.BYTES] = (byte) (text.hashCode() >>> bit & 1);
        }
        return samples;
    }

    /** The header of a server that streams, and cannot know the length yet. */
    private static byte[] wav(byte[] samples) {
        ByteBuffer wav = ByteBuffer.allocate(44 + samples.length).order(ByteOrder.LITTLE_ENDIAN);
        wav.put(latin("RIFF")).putInt(UNKNOWN_LENGTH).put(latin("WAVEfmt ")).putInt(16);
        wav.putShort((short) 1).putShort((short) 1).putInt(RATE).putInt(RATE * Short.BYTES);
        wav.putShort((short) Short.BYTES).putShort((short) Short.SIZE);
        return wav.put(latin("data")).putInt(UNKNOWN_LENGTH).put(samples).array();
    }

    private static int frames(String text) {
        return (int) Math.max(3, Math.ceil(text.length() / CHARACTERS_PER_SECOND * RATE / FRAME_SAMPLES));
    }

    private static byte[] latin(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
