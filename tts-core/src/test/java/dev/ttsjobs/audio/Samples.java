package dev.ttsjobs.audio;

import de.sciss.jump3r.lowlevel.LameEncoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import javax.sound.sampled.AudioFormat;

/** Audio to test with: made on the spot by jump3r (LAME in Java), or read from the files of other encoders. */
final class Samples {

    private Samples() {}

    /** A swelling tone of 16 bit samples, little-endian, channels interleaved. */
    static byte[] tone(int rate, int channels, double seconds) {
        int frames = (int) Math.round(rate * seconds);
        byte[] pcm = new byte[frames * channels * 2];
        for (int i = 0; i < frames * channels; i++) {
            double t = (double) (i / channels) / rate;
            double swell = 0.55 + 0.45 * Math.sin(2 * Math.PI * 3 * t);
            int value = (int) (12_000 * swell * Math.sin(2 * Math.PI * (220 + 90 * t + 40 * (i % channels)) * t));
            pcm[2 * i] = (byte) value;
            pcm[2 * i + 1] = (byte) (value >> 8);
        }
        return pcm;
    }

    /** An MP3 as a provider streams it: frames only. The bit rate is in kbit/s, at variable rate the middle of it. */
    static byte[] mp3(int rate, int channels, int bitrate, boolean variable, double seconds) {
        AudioFormat source = new AudioFormat(rate, 16, channels, true, false);
        int mode = channels == 1 ? LameEncoder.CHANNEL_MODE_MONO : LameEncoder.CHANNEL_MODE_JOINT_STEREO;
        LameEncoder encoder = new LameEncoder(source, bitrate, mode, LameEncoder.QUALITY_LOW, variable);
        try {
            byte[] pcm = tone(rate, channels, seconds);
            byte[] chunk = new byte[encoder.getPCMBufferSize()];
            ByteArrayOutputStream mp3 = new ByteArrayOutputStream();
            for (int from = 0; from < pcm.length; from += chunk.length) {
                int length = Math.min(chunk.length, pcm.length - from);
                mp3.write(chunk, 0, encoder.encodeBuffer(pcm, from, length, chunk));
            }
            mp3.write(chunk, 0, encoder.encodeFinish(chunk));
            return mp3.toByteArray();
        } finally {
            encoder.close();
        }
    }

    /** The bytes of a file that lies beside the tests, see its README. */
    static byte[] fixture(String name) {
        try (InputStream in = Samples.class.getResourceAsStream("/audio/" + name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    static byte[] cut(byte[] whole, int length) {
        return Arrays.copyOf(whole, length);
    }

    static byte[] latin(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
