package dev.ttsjobs.audio;

import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** AAC as a stream of ADTS frames (ISO/IEC 13818-7, 14496-3). */
final class AacAudio implements AudioContainer, FrameSyntax {

    private static final int HEADER = 7;
    private static final int CHECKSUM = 2;
    private static final int SAMPLES_A_BLOCK = 1024;
    /** Sync word, version, layer, profile and sample rate. */
    private static final int SAME_STREAM = 0xFFFEFC00;

    private static final int[] RATES = {
        96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350
    };

    @Override
    public Duration measure(AudioBytes in) throws IOException {
        PlayTime time = new PlayTime();
        new FrameWalk(in, this).walk((frame, bytes) -> time.add(frame.samples(), frame.rate()));
        return time.total();
    }

    @Override
    public String name() {
        return "AAC (ADTS)";
    }

    @Override
    public int headerBytes() {
        return HEADER;
    }

    @Override
    public @Nullable Frame frameAt(AudioBytes in, int offset) throws IOException {
        // Twelve bits of sync, then a layer that is always 0, which no MP3 header has.
        if (!in.has(offset + HEADER) || in.u8(offset) != 0xFF || (in.u8(offset + 1) & 0xF6) != 0xF0) {
            return null;
        }
        int header = (int) in.u32(offset);
        int rateIndex = header >>> 10 & 15;
        int length = (header & 3) << 11 | in.u8(offset + 4) << 3 | in.u8(offset + 5) >> 5;
        boolean checksum = (header >>> 16 & 1) == 0;
        if (rateIndex >= RATES.length || length < HEADER + (checksum ? CHECKSUM : 0)) {
            return null;
        }
        int blocks = 1 + (in.u8(offset + 6) & 3);
        return new Frame(length, blocks * SAMPLES_A_BLOCK, RATES[rateIndex], header, header & SAME_STREAM);
    }
}
