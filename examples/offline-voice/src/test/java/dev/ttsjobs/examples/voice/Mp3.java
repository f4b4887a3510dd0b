package dev.ttsjobs.examples.voice;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.nio.ShortBuffer;
import java.util.Arrays;
import javazoom.jl.decoder.Bitstream;
import javazoom.jl.decoder.Decoder;
import javazoom.jl.decoder.Header;
import javazoom.jl.decoder.SampleBuffer;

/** Decodes MP3 with somebody else's decoder. */
final class Mp3 {

    private static final int FRAME_SAMPLES = 576;

    /** At 8 kbit/s, the lowest there is. */
    private static final int SMALLEST_FRAME = 24;

    private Mp3() {}

    /** All samples of a 24 kHz mono file; fails on anything else. */
    static Samples decode(byte[] mp3) throws Exception {
        Bitstream stream = new Bitstream(new ByteArrayInputStream(mp3));
        Decoder decoder = new Decoder();
        ShortBuffer all = ShortBuffer.allocate((mp3.length / SMALLEST_FRAME + 1) * FRAME_SAMPLES);
        for (Header header = stream.readFrame(); header != null; header = stream.readFrame()) {
            assertEquals(24_000, header.frequency());
            assertEquals(Header.SINGLE_CHANNEL, header.mode());
            SampleBuffer frame = (SampleBuffer) decoder.decodeFrame(header, stream);
            all.put(frame.getBuffer(), 0, frame.getBufferLength());
            stream.closeFrame();
        }
        return new Samples(24_000, Arrays.copyOf(all.array(), all.position()));
    }
}
