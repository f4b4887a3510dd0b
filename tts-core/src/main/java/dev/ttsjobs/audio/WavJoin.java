package dev.ttsjobs.audio;

import dev.ttsjobs.failure.TtsException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** One header, then all samples. */
final class WavJoin implements PartJoin {

    private static final int AROUND_FORMAT = 12 + 8 + 8;
    private static final long LARGEST = 0xFFFF_FFFFL - 1;

    private @Nullable WavHeader first;
    private long bytes;

    @Override
    public void add(AudioBytes part, OutputStream out) throws IOException {
        WavHeader header = WavHeader.read(part);
        if (!header.isPlain()) {
            throw new UnequalPartsException("only plain samples can be joined, these are compressed");
        }
        if (first == null) {
            first = header;
            out.write(header(header, 0));
        } else if (!first.sounds(header)) {
            throw new UnequalPartsException("WAV files of different rates, channels or sample formats");
        }
        long copied = part.copy(header.mostBytes(), out);
        WavAudio.check(header, copied);
        WavAudio.refuseMore(header, part);
        bytes += copied;
        if (bytes + AROUND_FORMAT + header.format().length > LARGEST) {
            throw new TtsException("joined, the WAV file would be larger than the 4 GB its header can tell; use mp3");
        }
    }

    @Override
    public byte[] finish(OutputStream out) throws IOException {
        if (bytes % 2 != 0) {
            out.write(0);
        }
        return first == null ? new byte[0] : header(first, bytes);
    }

    private static byte[] header(WavHeader like, long bytes) {
        byte[] format = like.format();
        int padded = format.length + format.length % 2;
        ByteBuffer header = ByteBuffer.allocate(AROUND_FORMAT + padded).order(ByteOrder.LITTLE_ENDIAN);
        header.put(latin("RIFF"))
                .putInt((int) (header.capacity() - 8 + bytes + bytes % 2))
                .put(latin("WAVE"));
        header.put(latin("fmt ")).putInt(format.length).put(format);
        header.position(AROUND_FORMAT - 8 + padded);
        header.put(latin("data")).putInt((int) bytes);
        return header.array();
    }

    private static byte[] latin(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
