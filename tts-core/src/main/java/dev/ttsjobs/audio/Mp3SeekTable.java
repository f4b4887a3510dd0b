package dev.ttsjobs.audio;

/** Where the hundredths of an MP3 begin, for players that seek. Remembers a few hundred places whatever the length. */
final class Mp3SeekTable {

    /** How many places the table of a header frame has. */
    static final int PLACES = 100;

    private static final int REMEMBERED = 4 * PLACES;

    private final long[] places = new long[REMEMBERED];
    private long frames;
    /** Every so manyeth frame is remembered; doubled whenever there is no room for more. */
    private long stride = 1;

    /** Takes note of the next frame, which begins at that byte. */
    void add(long position) {
        if (frames == REMEMBERED * stride) {
            for (int i = 0; i < REMEMBERED / 2; i++) {
                places[i] = places[2 * i];
            }
            stride *= 2;
        }
        if (frames % stride == 0) {
            places[(int) (frames / stride)] = position;
        }
        frames++;
    }

    long frames() {
        return frames;
    }

    /** For each hundredth of the time, how many 256ths of the bytes lie before it. */
    byte[] table(long bytes) {
        byte[] table = new byte[PLACES];
        for (int i = 0; i < PLACES; i++) {
            long place = places[(int) (frames * i / PLACES / stride)];
            table[i] = (byte) Math.min(255, place * 256 / bytes);
        }
        return table;
    }
}
