package dev.ttsjobs.audio;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * A stream seen through a window of 64 KB: bytes after the current position can be looked at before they are passed.
 * Every look and move goes forward, so a reader of it is one pass in constant memory. Not thread-safe.
 */
final class AudioBytes {

    /** How far ahead can be looked. Larger than the largest unit of any format, an Ogg page of 65,307 bytes. */
    static final int WINDOW = 64 * 1024;

    private final InputStream in;
    private final byte[] window = new byte[WINDOW];
    private int start;
    private int end;
    private long position;
    private boolean drained;

    AudioBytes(InputStream in) {
        this.in = in;
    }

    /** How many bytes were passed so far. */
    long position() {
        return position;
    }

    /** Whether {@code count} more bytes are there, at most {@link #WINDOW}; reads them into the window. */
    boolean has(int count) throws IOException {
        return end - start >= count || fill(count);
    }

    private boolean fill(int count) throws IOException {
        if (count > WINDOW - start) {
            System.arraycopy(window, start, window, 0, end - start);
            end -= start;
            start = 0;
        }
        while (end - start < count && !drained) {
            int read = in.read(window, end, WINDOW - end);
            if (read < 0) {
                drained = true;
            } else {
                end += read;
            }
        }
        return end - start >= count;
    }

    /** How many bytes are there to look at, up to {@code most}. */
    int upTo(int most) throws IOException {
        return has(most) ? most : end - start;
    }

    /** The unsigned byte so far after the position; {@link #has} must have said that it is there. */
    int u8(int offset) {
        int at = start + offset;
        if (at >= end) {
            throw new IndexOutOfBoundsException(offset);
        }
        return window[at] & 0xFF;
    }

    /** Two bytes, the high one first. */
    int u16(int offset) {
        return u8(offset) << 8 | u8(offset + 1);
    }

    /** Two bytes, the low one first. */
    int u16Little(int offset) {
        return u8(offset) | u8(offset + 1) << 8;
    }

    /** Four bytes, the high one first. */
    long u32(int offset) {
        return (long) u16(offset) << 16 | u16(offset + 2);
    }

    /** Four bytes, the low one first. */
    long u32Little(int offset) {
        return u16Little(offset) | (long) u16Little(offset + 2) << 16;
    }

    /** Whether the bytes there are these Latin characters. */
    boolean says(int offset, String magic) throws IOException {
        if (!has(offset + magic.length())) {
            return false;
        }
        for (int i = 0; i < magic.length(); i++) {
            if (u8(offset + i) != magic.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Whether the stream ends within these characters, with all that is left of it agreeing with them. */
    boolean endsWithin(String magic) throws IOException {
        int left = upTo(magic.length());
        return left > 0 && left < magic.length() && says(0, magic.substring(0, left));
    }

    /** Passes up to {@code count} bytes and says how many there were. */
    long skip(long count) throws IOException {
        long left = count;
        while (left > 0 && has(1)) {
            int step = (int) Math.min(left, end - start);
            start += step;
            left -= step;
        }
        position += count - left;
        return count - left;
    }

    /** Writes out bytes that {@link #has} said are there, and passes none. */
    void write(int count, OutputStream out) throws IOException {
        out.write(window, start, count);
    }

    /** Passes up to {@code count} bytes, writing them out, and says how many there were. */
    long copy(long count, OutputStream out) throws IOException {
        long left = count;
        while (left > 0 && has(1)) {
            int step = (int) Math.min(left, end - start);
            out.write(window, start, step);
            start += step;
            left -= step;
        }
        position += count - left;
        return count - left;
    }
}
