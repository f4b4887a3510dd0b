package dev.ttsjobs.audio;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** How the frames of a stream begin. */
interface FrameSyntax {

    /** The format's name for people. */
    String name();

    /** How many bytes tell a frame. */
    int headerBytes();

    /** The frame that begins there, not necessarily whole; null when no valid header is there. */
    @Nullable
    Frame frameAt(AudioBytes in, int offset) throws IOException;
}
