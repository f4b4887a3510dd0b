package dev.ttsjobs.audio;

import org.jspecify.annotations.Nullable;

/**
 * One self-contained unit of an MP3 or AAC stream, as its header tells it.
 *
 * @param length in bytes, with the header
 * @param samples how many it plays, per channel
 * @param rate samples a second
 * @param header the first four bytes
 * @param kind the bits of the header that all frames of one stream share
 */
record Frame(int length, int samples, int rate, int header, int kind) {

    boolean continues(@Nullable Frame other) {
        return other != null && kind == other.kind;
    }
}
