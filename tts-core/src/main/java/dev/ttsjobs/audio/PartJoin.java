package dev.ttsjobs.audio;

import java.io.IOException;
import java.io.OutputStream;

/** Joins the parts of one format, one after the other. */
interface PartJoin {

    /**
     * Appends the audio of a part. The first one writes what stands before it, as far as that is known by then.
     *
     * @throws BadAudioException when the part is not whole
     * @throws UnequalPartsException when it does not sound like the parts before
     */
    void add(AudioBytes part, OutputStream out) throws IOException;

    /** Appends what stands behind the last part, and returns what replaces the first bytes that were written. */
    byte[] finish(OutputStream out) throws IOException;
}
