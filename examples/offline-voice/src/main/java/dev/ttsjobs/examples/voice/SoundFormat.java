package dev.ttsjobs.examples.voice;

import de.sciss.jump3r.lowlevel.LameEncoder;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import javax.sound.sampled.AudioFormat;

/** The formats this server can make; OpenAI's opus, aac and flac are not among them. */
enum SoundFormat {
    /** MPEG-2 Layer III, 24 kHz, mono, 64 kbit/s, by LAME in Java. */
    MP3("audio/mpeg") {
        @Override
        byte[] encode(Samples sound) {
            byte[] pcm = sound.resampled().littleEndian();
            LameEncoder encoder = new LameEncoder(
                    new AudioFormat(Samples.RATE, 16, 1, true, false),
                    MP3_KILOBITS,
                    LameEncoder.CHANNEL_MODE_MONO,
                    LameEncoder.QUALITY_MIDDLE,
                    false);
            ByteArrayOutputStream mp3 = new ByteArrayOutputStream(pcm.length / 4 + 1024);
            byte[] buffer = new byte[encoder.getMP3BufferSize()];
            int step = encoder.getPCMBufferSize();
            for (int at = 0; at < pcm.length; at += step) {
                int made = encoder.encodeBuffer(pcm, at, Math.min(step, pcm.length - at), buffer);
                mp3.write(buffer, 0, made);
            }
            mp3.write(buffer, 0, encoder.encodeFinish(buffer));
            encoder.close();
            return withoutBlankFrame(mp3.toByteArray());
        }

        /** The encoder keeps a first frame free for a Xing header, which it then does not write; OpenAI sends none. */
        private byte[] withoutBlankFrame(byte[] mp3) {
            int frame = 72 * MP3_KILOBITS * 1000 / Samples.RATE;
            for (int i = 4; i < Math.min(frame, mp3.length); i++) {
                if (mp3[i] != 0) {
                    return mp3;
                }
            }
            return Arrays.copyOfRange(mp3, Math.min(frame, mp3.length), mp3.length);
        }
    },

    /** A RIFF header and the samples. */
    WAV("audio/wav") {
        @Override
        byte[] encode(Samples sound) {
            byte[] pcm = sound.resampled().littleEndian();
            ByteBuffer wav = ByteBuffer.allocate(44 + pcm.length).order(ByteOrder.LITTLE_ENDIAN);
            wav.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(36 + pcm.length);
            wav.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16);
            wav.putShort((short) 1).putShort((short) 1);
            wav.putInt(Samples.RATE).putInt(Samples.RATE * 2);
            wav.putShort((short) 2).putShort((short) 16);
            wav.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(pcm.length);
            return wav.put(pcm).array();
        }
    },

    /** 24 kHz, 16 bits, mono, least significant byte first, no header. */
    PCM("audio/pcm") {
        @Override
        byte[] encode(Samples sound) {
            return sound.resampled().littleEndian();
        }
    };

    private static final int MP3_KILOBITS = 64;

    private final String mediaType;

    SoundFormat(String mediaType) {
        this.mediaType = mediaType;
    }

    String mediaType() {
        return mediaType;
    }

    abstract byte[] encode(Samples sound);

    static Optional<SoundFormat> named(String name) {
        return Arrays.stream(values())
                .filter(format -> format.name().toLowerCase(Locale.ROOT).equals(name))
                .findFirst();
    }
}
