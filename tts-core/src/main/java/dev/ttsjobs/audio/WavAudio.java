package dev.ttsjobs.audio;

import java.io.IOException;
import java.time.Duration;

/** A RIFF WAVE file. What follows the samples may be other chunks (names, dates), but no more sound, which no player plays. */
final class WavAudio implements AudioContainer {

    /** Bytes behind the samples that are no chunk are tolerated up to this share of the file: one in so many. */
    private static final int JUNK_ONE_IN = 100;

    @Override
    public Duration measure(AudioBytes in) throws IOException {
        WavHeader header = WavHeader.read(in);
        long bytes = in.skip(header.mostBytes());
        check(header, bytes);
        refuseMore(header, in);
        return header.playTime(bytes);
    }

    /** Refuses samples that are fewer than announced, none, or end in the middle of one. */
    static void check(WavHeader header, long bytes) {
        if (header.dataBytes() != WavHeader.UNTIL_THE_END && bytes < header.dataBytes()) {
            throw BadAudioException.truncated(bytes + " of " + header.dataBytes() + " bytes of samples are there");
        }
        if (bytes == 0) {
            throw BadAudioException.empty("a WAV file without samples");
        }
        // What is compressed may end with a byte that is only there to make it even, and counted by mistake.
        boolean announced = header.dataBytes() != WavHeader.UNTIL_THE_END;
        if (bytes % header.blockBytes() != 0 && (header.isPlain() || !announced)) {
            throw BadAudioException.truncated("the WAV file ends in the middle of a sample");
        }
    }

    /** Refuses what a server makes that puts several files one behind the other, or counts wrong: it would be cut off. */
    static void refuseMore(WavHeader header, AudioBytes in) throws IOException {
        in.skip(header.dataBytes() == WavHeader.UNTIL_THE_END ? 0 : header.dataBytes() % 2);
        while (in.has(8) && isChunk(in) && !in.says(0, "RIFF")) {
            long size = in.u32Little(4);
            in.skip(8 + size + size % 2);
        }
        long junk = in.skip(Long.MAX_VALUE);
        if (junk > in.position() / JUNK_ONE_IN) {
            throw BadAudioException.damaged("the WAV file announces " + header.dataBytes() + " bytes of samples, and "
                    + junk + " bytes follow them that no player plays");
        }
    }

    private static boolean isChunk(AudioBytes in) {
        for (int i = 0; i < 4; i++) {
            if (in.u8(i) < ' ' || in.u8(i) > '~') {
                return false;
            }
        }
        return true;
    }
}
