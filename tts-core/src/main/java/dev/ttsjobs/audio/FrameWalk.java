package dev.ttsjobs.audio;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Goes from frame to frame through an MP3 or AAC stream, over tags and a little junk. Linear in the size of the stream
 * whatever its content: from each byte it looks ahead three frames at most, and only where a header could be.
 */
final class FrameWalk {

    /** What is done with each frame. It begins at the position of {@code in}, is there whole, and must not be passed. */
    @FunctionalInterface
    interface Visitor {
        void frame(Frame frame, AudioBytes in) throws IOException;
    }

    /** Bytes that are neither frame nor tag are tolerated up to this share of the file: one in so many. */
    private static final int JUNK_ONE_IN = 100;

    /** Headers that must follow at the right distance before the first one is believed. */
    private static final int CONFIRMING = 2;

    private final AudioBytes in;
    private final FrameSyntax syntax;
    private long frames;
    private long junk;
    private @Nullable Frame last;
    /** Whether everything since the start, or since the last frame, was understood. */
    private boolean inStep = true;

    FrameWalk(AudioBytes in, FrameSyntax syntax) {
        this.in = in;
        this.syntax = syntax;
    }

    /**
     * Walks to the end.
     *
     * @throws BadAudioException when there is no frame, the last one is cut, or there is too much junk
     */
    void walk(Visitor visitor) throws IOException {
        while (in.has(1)) {
            if (!passTag() && !passFrame(visitor)) {
                refuseCutHeader();
                refuseMessage();
                inStep = false;
                junk++;
                in.skip(1);
            }
        }
        judge();
    }

    private boolean passTag() throws IOException {
        long length = Tags.lengthAt(in, 0);
        if (length == 0) {
            return false;
        }
        if (in.skip(length) < length) {
            throw BadAudioException.truncated("the file ends within a tag");
        }
        return true;
    }

    private boolean passFrame(Visitor visitor) throws IOException {
        Frame frame = syntax.frameAt(in, 0);
        if (frame == null) {
            return false;
        }
        boolean whole = in.has(frame.length());
        if (!whole && inStep) {
            throw BadAudioException.truncated(
                    "frame " + (frames + 1) + " has " + in.upTo(frame.length()) + " of " + frame.length() + " bytes");
        }
        if (!whole || !(inStep && frame.continues(last)) && !confirmed(in, 0, syntax, frame)) {
            return false;
        }
        visitor.frame(frame, in);
        in.skip(frame.length());
        frames++;
        last = frame;
        inStep = true;
        return true;
    }

    /** Whether what follows a whole frame shows that it is one: more of its kind, a tag, or the end. */
    static boolean confirmed(AudioBytes in, int start, FrameSyntax syntax, Frame frame) throws IOException {
        int offset = start + frame.length();
        for (int i = 0; i < CONFIRMING; i++) {
            if (!in.has(offset + 1)) {
                return true;
            }
            if (Tags.lengthAt(in, offset) > 0) {
                return true;
            }
            Frame next = syntax.frameAt(in, offset);
            if (next == null) {
                return !in.has(offset + syntax.headerBytes()) && in.u8(offset) == 0xFF;
            }
            if (!next.continues(frame)) {
                return false;
            }
            offset += next.length();
        }
        return true;
    }

    /** A stream that ends with the first few bytes of a header, or of a tag, was cut there. */
    private void refuseCutHeader() throws IOException {
        if (inStep && !in.has(syntax.headerBytes()) && (in.u8(0) == 0xFF || Tags.cutAt(in))) {
            throw BadAudioException.truncated("the file ends within a header");
        }
    }

    /** A server that breaks down in the middle may say so where the audio should have gone on. */
    private void refuseMessage() throws IOException {
        if (inStep && frames > 0 && MagicBytes.isMessage(in)) {
            throw BadAudioException.truncated("an error message stands behind frame " + frames);
        }
    }

    private void judge() {
        long bytes = in.position();
        if (frames == 0 && junk == 0) {
            throw BadAudioException.empty("only a tag");
        }
        if (frames == 0 || junk > bytes / 2) {
            throw BadAudioException.notAudio("no " + syntax.name() + " frames in it");
        }
        if (junk > bytes / JUNK_ONE_IN) {
            throw BadAudioException.damaged(junk + " of " + bytes + " bytes are not " + syntax.name());
        }
    }
}
