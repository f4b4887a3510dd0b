package dev.ttsjobs.audio;

import java.io.IOException;
import java.time.Duration;

/**
 * FLAC (RFC 9639). Frames are found by their checksums, without decoding: a frame ends where the checksum over all of it
 * comes out as zero and the next header, with a checksum of its own, begins.
 *
 * <p>A cut within a frame is always found. A cut between frames is found when the file announces its number of samples;
 * an encoder that writes into a pipe cannot do that.
 */
final class FlacAudio implements AudioContainer {

    private static final int STREAM_INFO = 34;
    private static final int LONGEST_HEADER = 16;
    private static final int[] CHECKSUMS_8 = checksums(8, 0x07);
    private static final int[] CHECKSUMS_16 = checksums(16, 0x8005);

    private long samples;
    /** The checksum of the frame so far; 0 behind its last byte. */
    private int checksum;

    @Override
    public Duration measure(AudioBytes in) throws IOException {
        // Some programs put an ID3 tag before anything.
        pass(in, Tags.lengthAt(in, 0));
        need(in, 4);
        if (!in.says(0, "fLaC")) {
            throw BadAudioException.notAudio("asked for flac, got something else behind a tag");
        }
        pass(in, 4);
        long announced = 0;
        long rate = 0;
        boolean lastBlock = false;
        while (!lastBlock) {
            need(in, 4);
            lastBlock = in.u8(0) >= 0x80;
            boolean streamInfo = (in.u8(0) & 0x7F) == 0;
            long length = in.u32(0) & 0xFFFFFF;
            pass(in, 4);
            if (streamInfo && length >= STREAM_INFO) {
                need(in, STREAM_INFO);
                rate = in.u32(10) >> 12;
                announced = (long) (in.u8(13) & 15) << 32 | in.u32(14);
            }
            pass(in, length);
        }
        if (rate == 0) {
            throw BadAudioException.damaged("a FLAC file without a sample rate");
        }
        if (!in.has(1) && announced == 0) {
            throw BadAudioException.empty("a FLAC file without samples");
        }
        frames(in);
        if (samples < announced) {
            throw BadAudioException.truncated(samples + " of " + announced + " samples are there");
        }
        return PlayTime.of(samples, rate);
    }

    private void frames(AudioBytes in) throws IOException {
        boolean brokenBefore = false;
        int block = blockAt(in);
        if (block == 0) {
            throw in.has(LONGEST_HEADER)
                    ? BadAudioException.damaged("no FLAC frame behind the header")
                    : BadAudioException.truncated("the file ends within the header of a FLAC frame");
        }
        step(in);
        while (in.has(1)) {
            if (checksum == 0 && Tags.lengthAt(in, 0) > 0) {
                passTags(in);
                break;
            }
            int next = in.u8(0) == 0xFF ? blockAt(in) : 0;
            if (next > 0 && checksum == 0) {
                samples += block;
                block = next;
            } else if (next > 0) {
                brokenBefore = true;
            }
            step(in);
        }
        if (checksum != 0) {
            throw brokenBefore
                    ? BadAudioException.damaged("the checksum of a FLAC frame is wrong")
                    : BadAudioException.truncated("the last FLAC frame is not whole");
        }
        samples += block;
    }

    /** Some programs put tags of MP3 behind everything, which players pass over. */
    private static void passTags(AudioBytes in) throws IOException {
        for (long tag = Tags.lengthAt(in, 0); tag > 0; tag = in.has(1) ? Tags.lengthAt(in, 0) : 0) {
            in.skip(tag);
        }
        if (in.has(1)) {
            throw BadAudioException.damaged("something other than a FLAC frame follows a tag");
        }
    }

    private void step(AudioBytes in) throws IOException {
        checksum = checksum << 8 & 0xFFFF ^ CHECKSUMS_16[checksum >>> 8 ^ in.u8(0)];
        in.skip(1);
    }

    /** How many samples the frame has whose header begins there; 0 when none does. */
    private static int blockAt(AudioBytes in) throws IOException {
        int there = in.upTo(LONGEST_HEADER);
        if (there < 6 || in.u8(0) != 0xFF || (in.u8(1) & 0xFE) != 0xF8) {
            return 0;
        }
        int sizeCode = in.u8(2) >> 4;
        int rateCode = in.u8(2) & 15;
        int channels = in.u8(3) >> 4;
        boolean reserved = (in.u8(3) & 1) != 0 || (in.u8(3) >> 1 & 7) == 3;
        if (sizeCode == 0 || rateCode == 15 || channels > 10 || reserved) {
            return 0;
        }
        // The frame's number is coded as in UTF-8: the leading ones of its first byte count its bytes.
        int ones = Integer.numberOfLeadingZeros(~(in.u8(4) << 24));
        int sizeAt = 4 + (ones == 0 ? 1 : ones);
        int sizeBytes = sizeCode == 6 ? 1 : sizeCode == 7 ? 2 : 0;
        int rateBytes = rateCode == 12 ? 1 : rateCode == 13 || rateCode == 14 ? 2 : 0;
        int end = sizeAt + sizeBytes + rateBytes;
        if (ones == 1 || ones == 8 || there <= end || in.u8(end) != checksum8(in, end)) {
            return 0;
        }
        return switch (sizeCode) {
            case 1 -> 192;
            case 6 -> in.u8(sizeAt) + 1;
            case 7 -> in.u16(sizeAt) + 1;
            default -> sizeCode < 6 ? 576 << sizeCode - 2 : 256 << sizeCode - 8;
        };
    }

    private static int checksum8(AudioBytes in, int length) {
        int crc = 0;
        for (int i = 0; i < length; i++) {
            crc = CHECKSUMS_8[crc ^ in.u8(i)];
        }
        return crc;
    }

    private static void need(AudioBytes in, int count) throws IOException {
        if (!in.has(count)) {
            throw BadAudioException.truncated("the file ends within the header of the FLAC file");
        }
    }

    private static void pass(AudioBytes in, long count) throws IOException {
        if (in.skip(count) < count) {
            throw BadAudioException.truncated("the file ends within the header of the FLAC file");
        }
    }

    private static int[] checksums(int bits, int polynomial) {
        int[] table = new int[256];
        for (int i = 0; i < table.length; i++) {
            int crc = i << bits - 8;
            for (int bit = 0; bit < 8; bit++) {
                boolean high = (crc >> bits - 1 & 1) != 0;
                crc = (crc << 1 ^ (high ? polynomial : 0)) & (1 << bits) - 1;
            }
            table[i] = crc;
        }
        return table;
    }
}
