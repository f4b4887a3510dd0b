package dev.ttsjobs.audio;

import dev.ttsjobs.speech.AudioFormat;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What the first bytes of a file look like.
 *
 * @param format the audio format they show; null when they show none of ours
 * @param what for people: the name of the format, or "an HTML page"
 * @param audio whether it is audio of any format
 */
record MagicBytes(@Nullable AudioFormat format, String what, boolean audio) {

    /** Enough of a text to be sure that it is one, and no audio format of ours begins with so many characters. */
    private static final int TEXT_SAMPLE = 512;

    private static final String BYTE_ORDER_MARK = "\u00EF\u00BB\u00BF";

    /** Looks at what is at the position of {@code in}, and moves nothing. */
    static MagicBytes of(AudioBytes in) throws IOException {
        // An ID3 tag may stand before anything; what matters is behind it.
        long tag = in.says(0, "ID3") ? Tags.lengthAt(in, 0) : 0;
        int start = tag < AudioBytes.WINDOW / 2 && in.has((int) tag + 1) ? (int) tag : 0;
        MagicBytes container = container(in, start);
        if (container != null) {
            return container;
        }
        if (tag > 0) {
            return audio(AudioFormat.MP3);
        }
        return frames(in) ? audio(AudioFormat.MP3) : text(in);
    }

    private static @Nullable MagicBytes container(AudioBytes in, int start) throws IOException {
        if (in.says(start, "RIFF") && in.says(start + 8, "WAVE")) {
            return audio(AudioFormat.WAV);
        }
        if (in.says(start, "fLaC")) {
            return audio(AudioFormat.FLAC);
        }
        if (in.says(start, "OggS\0")) {
            return ogg(in, start);
        }
        if (in.says(start + 4, "ftyp")) {
            return other("MP4", true);
        }
        if (in.says(start, "\u001A\u0045\u00DF\u00A3")) {
            return other("WebM or Matroska", true);
        }
        if (in.says(start, "RF64") || in.says(start, "FORM") && in.says(start + 8, "AIF")) {
            return other(in.says(start, "RF64") ? "RF64" : "AIFF", true);
        }
        return in.says(start, "\u001F\u008B\b") ? other("gzip-compressed data", false) : null;
    }

    private static MagicBytes ogg(AudioBytes in, int start) throws IOException {
        int packet = in.has(start + 27) ? start + 27 + in.u8(start + 26) : start;
        if (in.says(packet, "\u0001vorbis")) {
            return other("Ogg Vorbis", true);
        }
        return in.says(packet, "\u007FFLAC") ? other("Ogg FLAC", true) : audio(AudioFormat.OPUS);
    }

    private static boolean frames(AudioBytes in) throws IOException {
        Frame frame = in.has(1) ? Mp3Syntax.MP3.frameAt(in, 0) : null;
        return frame != null && in.has(frame.length()) && FrameWalk.confirmed(in, Mp3Syntax.MP3, frame);
    }

    private static MagicBytes text(AudioBytes in) throws IOException {
        int length = in.upTo(TEXT_SAMPLE);
        int first = in.says(0, BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length() : 0;
        while (first < length && isSpace(in.u8(first))) {
            first++;
        }
        for (int i = first; i < length; i++) {
            int c = in.u8(i);
            boolean control = c < ' ' && !isSpace(c) || c == 0x7F;
            if (control || c >= 0xF8 || c == 0xC0 || c == 0xC1) {
                return other("unknown data", false);
            }
        }
        if (first == length) {
            return other("blank text", false);
        }
        return switch (in.u8(first)) {
            case '<' -> other(in.says(first, "<?xml") ? "XML" : "an HTML page", false);
            case '{', '[' -> other("JSON", false);
            default -> other("text", false);
        };
    }

    private static boolean isSpace(int c) {
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
    }

    boolean isText() {
        return !audio && !what.equals("unknown data");
    }

    private static MagicBytes audio(AudioFormat format) {
        return new MagicBytes(format, format.wireName(), true);
    }

    private static MagicBytes other(String what, boolean audio) {
        return new MagicBytes(null, what, audio);
    }
}
