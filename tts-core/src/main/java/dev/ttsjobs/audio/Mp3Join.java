package dev.ttsjobs.audio;

import dev.ttsjobs.failure.TtsException;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/**
 * MP3 frames one after the other, behind one fresh header frame. An encoder starts each file with an empty bit reservoir,
 * so frames of two files can follow each other; tags and old header frames, which would lie about the whole, are left out.
 */
final class Mp3Join implements PartJoin {

    private @Nullable Frame first;
    private boolean constantRate = true;
    private long bytes;
    private final Mp3SeekTable places = new Mp3SeekTable();

    @Override
    public void add(AudioBytes part, OutputStream out) throws IOException {
        new Mp3Audio((frame, in) -> append(frame, in, out)).measure(part);
    }

    private void append(Frame frame, AudioBytes in, OutputStream out) throws IOException {
        if (first == null) {
            if (!Mp3Syntax.isLayerThree(frame.header())) {
                throw new UnequalPartsException("only layer III of MPEG audio can be joined");
            }
            first = frame;
            byte[] placeholder = Mp3HeaderFrame.of(frame, true, 0, 0, new byte[Mp3SeekTable.PLACES]);
            out.write(placeholder);
            bytes = placeholder.length;
        }
        if (!frame.continues(first) || Mp3Syntax.isMono(frame.header()) != Mp3Syntax.isMono(first.header())) {
            throw new UnequalPartsException(describe(frame) + " behind " + describe(first));
        }
        constantRate &= Mp3Syntax.bitrateIndex(frame.header()) == Mp3Syntax.bitrateIndex(first.header());
        places.add(bytes);
        in.write(frame.length(), out);
        bytes += frame.length();
    }

    @Override
    public byte[] finish(OutputStream out) {
        if (bytes > 0xFFFF_FFFFL) {
            throw new TtsException("joined, the MP3 file would be larger than the 4 GB its header can tell");
        }
        return first == null
                ? new byte[0]
                : Mp3HeaderFrame.of(first, constantRate, places.frames(), bytes, places.table(bytes));
    }

    private static String describe(Frame frame) {
        return "MP3 of " + frame.rate() + " Hz " + (Mp3Syntax.isMono(frame.header()) ? "mono" : "stereo");
    }
}
