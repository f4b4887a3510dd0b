package dev.ttsjobs.audio;

import java.io.IOException;
import java.time.Duration;

/** Samples without a header, as the speech API sends them: 24 kHz, 16 bit, mono. */
final class PcmAudio implements AudioContainer {

    private static final int RATE = 24_000;
    private static final int BYTES_A_SAMPLE = 2;

    @Override
    public Duration measure(AudioBytes in) throws IOException {
        long bytes = in.skip(Long.MAX_VALUE);
        check(bytes);
        return PlayTime.of(bytes / BYTES_A_SAMPLE, RATE);
    }

    static void check(long bytes) {
        if (bytes % BYTES_A_SAMPLE != 0) {
            throw BadAudioException.truncated(bytes + " bytes end in the middle of a sample");
        }
    }
}
