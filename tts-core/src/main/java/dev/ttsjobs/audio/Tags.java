package dev.ttsjobs.audio;

import java.io.IOException;

/** The tags that stand before, between and behind MP3 and AAC frames: ID3v2, ID3v1 and APE. */
final class Tags {

    private static final String ID3V2 = "ID3";
    private static final String ID3V1 = "TAG";
    private static final String APE = "APETAGEX";

    private static final int ID3V2_HEADER = 10;
    private static final int ID3V2_HAS_FOOTER = 0x10;
    private static final int ID3V1_LENGTH = 128;
    private static final int APE_HEADER = 32;
    private static final long APE_IS_HEADER = 1L << 29;

    private Tags() {}

    /** The length of the tag that begins there, in bytes; 0 when none does. */
    static long lengthAt(AudioBytes in, int offset) throws IOException {
        return switch (in.u8(offset)) {
            case 'I' -> id3v2(in, offset);
            case 'T' -> in.says(offset, ID3V1) ? ID3V1_LENGTH : 0;
            case 'A' -> ape(in, offset);
            default -> 0;
        };
    }

    /** Whether the stream ends within the first bytes of a tag, too early to tell its length. */
    static boolean cutAt(AudioBytes in) throws IOException {
        return in.endsWithin(ID3V2) || in.endsWithin(ID3V1) || in.endsWithin(APE);
    }

    private static long id3v2(AudioBytes in, int offset) throws IOException {
        if (!in.says(offset, ID3V2)) {
            return 0;
        }
        if (!in.has(offset + ID3V2_HEADER)) {
            return ID3V2_HEADER;
        }
        long size = 0;
        for (int i = 6; i < ID3V2_HEADER; i++) {
            // Seven bits a byte, so that a tag never contains what looks like the start of a frame.
            if (in.u8(offset + i) > 0x7F) {
                return 0;
            }
            size = size << 7 | in.u8(offset + i);
        }
        if (in.u8(offset + 3) == 0xFF || in.u8(offset + 4) == 0xFF) {
            return 0;
        }
        boolean footer = (in.u8(offset + 5) & ID3V2_HAS_FOOTER) != 0;
        return ID3V2_HEADER + size + (footer ? ID3V2_HEADER : 0);
    }

    private static long ape(AudioBytes in, int offset) throws IOException {
        if (!in.says(offset, APE)) {
            return 0;
        }
        if (!in.has(offset + APE_HEADER)) {
            return APE_HEADER;
        }
        // The size counts the items and the footer, not the header. A footer alone ends a tag of the old version.
        boolean header = (in.u32Little(offset + 20) & APE_IS_HEADER) != 0;
        return header ? APE_HEADER + in.u32Little(offset + 12) : APE_HEADER;
    }
}
