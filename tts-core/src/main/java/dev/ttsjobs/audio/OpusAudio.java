package dev.ttsjobs.audio;

import java.io.IOException;
import java.time.Duration;

/**
 * Opus in Ogg (RFC 3533, RFC 7845): pages with a checksum each, the last of them marked as the end, so that a cut is
 * found wherever it is. Several streams one behind the other are played one after the other.
 */
final class OpusAudio implements AudioContainer {

    private static final int PAGE_HEADER = 27;
    private static final int FIRST = 2;
    private static final int LAST = 4;
    private static final int PRE_SKIP_AT = 10;
    private static final int HEAD_LENGTH = 19;
    private static final int RATE = 48_000;
    private static final long NO_POSITION = -1;
    private static final int[] CHECKSUMS = checksums();

    private long samples;
    private long preSkip;
    private long lastPosition;
    private long serial;
    private long nextPage;
    private boolean open;

    @Override
    public Duration measure(AudioBytes in) throws IOException {
        while (in.has(1)) {
            page(in);
        }
        if (open) {
            throw BadAudioException.truncated("the last page of the Ogg stream is not marked as the last");
        }
        if (samples == 0) {
            throw BadAudioException.empty("an Ogg stream without samples");
        }
        return PlayTime.of(samples, RATE);
    }

    private void page(AudioBytes in) throws IOException {
        if (!in.has(4) || in.says(0, "OggS") && !in.has(PAGE_HEADER)) {
            throw BadAudioException.truncated("the file ends within an Ogg page");
        }
        if (!in.says(0, "OggS")) {
            throw BadAudioException.damaged("no Ogg page at byte " + in.position());
        }
        int body = PAGE_HEADER + in.u8(26);
        int length = in.has(body) ? body + bodyBytes(in) : AudioBytes.WINDOW;
        if (!in.has(length)) {
            throw BadAudioException.truncated("the file ends within an Ogg page");
        }
        if (in.u32Little(22) != checksum(in, length)) {
            throw BadAudioException.damaged("the checksum of an Ogg page is wrong");
        }
        follow(in, in.u8(5), body, length);
        in.skip(length);
    }

    private static int bodyBytes(AudioBytes in) {
        int bytes = 0;
        for (int i = 0; i < in.u8(26); i++) {
            bytes += in.u8(PAGE_HEADER + i);
        }
        return bytes;
    }

    private void follow(AudioBytes in, int flags, int body, int length) throws IOException {
        if ((flags & FIRST) != 0) {
            begin(in, body, length);
        } else if (!open || in.u32Little(14) != serial || in.u32Little(18) != nextPage) {
            throw BadAudioException.damaged("an Ogg page is missing, or of another stream");
        }
        nextPage = in.u32Little(18) + 1 & 0xFFFFFFFFL;
        long position = in.u32Little(6) | in.u32Little(10) << 32;
        // A page on which no packet ends has no position.
        if (position != NO_POSITION) {
            lastPosition = position;
        }
        if ((flags & LAST) != 0) {
            samples += Math.max(0, Math.min(lastPosition, Long.MAX_VALUE / 2 - samples) - preSkip);
            open = false;
        }
    }

    private void begin(AudioBytes in, int body, int length) throws IOException {
        if (open) {
            throw BadAudioException.damaged("an Ogg stream begins before the end of the one before");
        }
        if (length < body + HEAD_LENGTH || !in.says(body, "OpusHead")) {
            throw new BadAudioException(BadAudioException.UNEXPECTED_FORMAT, "asked for opus, got Ogg of another kind");
        }
        open = true;
        serial = in.u32Little(14);
        preSkip = in.u16Little(body + PRE_SKIP_AT);
        lastPosition = 0;
    }

    /** The CRC of the page with its own field taken as zero. */
    private static long checksum(AudioBytes in, int length) {
        int crc = 0;
        for (int i = 0; i < length; i++) {
            int value = i >= 22 && i < 26 ? 0 : in.u8(i);
            crc = crc << 8 ^ CHECKSUMS[crc >>> 24 ^ value];
        }
        return crc & 0xFFFFFFFFL;
    }

    private static int[] checksums() {
        int[] table = new int[256];
        for (int i = 0; i < table.length; i++) {
            int crc = i << 24;
            for (int bit = 0; bit < 8; bit++) {
                crc = crc << 1 ^ (crc < 0 ? 0x04C11DB7 : 0);
            }
            table[i] = crc;
        }
        return table;
    }
}
