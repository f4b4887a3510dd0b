package dev.ttsjobs.audio;

import java.io.IOException;
import java.time.Duration;

/** A RIFF WAVE file. What follows the samples (names, dates) is not looked at: all there is to hear comes before. */
final class WavAudio implements AudioContainer {

    @Override
    public Duration measure(AudioBytes in) throws IOException {
        WavHeader header = WavHeader.read(in);
        long bytes = in.skip(header.mostBytes());
        check(header, bytes);
        return header.isPlain()
                ? PlayTime.of(bytes / header.blockBytes(), header.rate())
                : PlayTime.of(bytes, header.bytesASecond());
    }

    /** Refuses samples that are fewer than announced, none, or end in the middle of one. */
    static void check(WavHeader header, long bytes) {
        if (header.dataBytes() != WavHeader.UNTIL_THE_END && bytes < header.dataBytes()) {
            throw BadAudioException.truncated(bytes + " of " + header.dataBytes() + " bytes of samples are there");
        }
        if (bytes == 0) {
            throw BadAudioException.empty("a WAV file without samples");
        }
        if (bytes % header.blockBytes() != 0) {
            throw BadAudioException.truncated("the WAV file ends in the middle of a sample");
        }
    }
}
