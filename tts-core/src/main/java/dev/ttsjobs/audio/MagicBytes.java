package dev.ttsjobs.audio;

import dev.ttsjobs.speech.AudioFormat;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the first bytes of a file look like.
 *
 * @param format the audio format they show; null when they show none of ours
 * @param what for people: the name of the format, or "an HTML page"
 * @param kind whether it can be audio at all
 */
record MagicBytes(@Nullable AudioFormat format, String what, Kind kind) {

    /** What can be said after a look at the beginning. */
    enum Kind {
        /** Audio of a format that is known, though not necessarily one of ours. */
        AUDIO,
        /** Surely something else. */
        NOT_AUDIO,
        /** Nothing that is known. */
        UNKNOWN,
        /** Behind a tag that is too long to look behind it. */
        HIDDEN
    }

    /** No format of ours can be told by fewer bytes in every case. */
    private static final int LONGEST_MAGIC = 12;

    private static final List<String> BEGINNINGS = List.of("RIFF", "fLaC", "OggS", "ID3");

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
        if (frames(in, start, new AacAudio())) {
            return audio(AudioFormat.AAC);
        }
        if (tag > 0 && start == 0) {
            // With a picture in it, say, behind which nothing can be seen from here.
            return new MagicBytes(null, "a tag", Kind.HIDDEN);
        }
        return tag > 0 || frames(in, start, Mp3Syntax.MP3) ? audio(AudioFormat.MP3) : text(in);
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
            return other("MP4", Kind.AUDIO);
        }
        if (in.says(start, "\u001A\u0045\u00DF\u00A3")) {
            return other("WebM or Matroska", Kind.AUDIO);
        }
        if (in.says(start, "RF64") || in.says(start, "FORM") && in.says(start + 8, "AIF")) {
            return other(in.says(start, "RF64") ? "RF64" : "AIFF", Kind.AUDIO);
        }
        return in.says(start, "\u001F\u008B\b") ? other("gzip-compressed data", Kind.NOT_AUDIO) : null;
    }

    private static MagicBytes ogg(AudioBytes in, int start) throws IOException {
        int packet = in.has(start + 27) ? start + 27 + in.u8(start + 26) : start;
        if (in.says(packet, "\u0001vorbis")) {
            return other("Ogg Vorbis", Kind.AUDIO);
        }
        return in.says(packet, "\u007FFLAC") ? other("Ogg FLAC", Kind.AUDIO) : audio(AudioFormat.OPUS);
    }

    /** Whether the file is so short that it ends within the magic bytes of a format. */
    static boolean cut(AudioBytes in) throws IOException {
        int left = in.upTo(LONGEST_MAGIC);
        for (String beginning : BEGINNINGS) {
            if (left < LONGEST_MAGIC && in.says(0, beginning.substring(0, Math.min(left, beginning.length())))) {
                return true;
            }
        }
        return false;
    }

    /** Whether a page or JSON is there and nothing else, as far as can be seen. */
    static boolean isMessage(AudioBytes in) throws IOException {
        boolean bracket = in.u8(0) == '<' || in.u8(0) == '{' || in.u8(0) == '[';
        return bracket && in.has(2) && text(in).kind() == Kind.NOT_AUDIO;
    }

    private static boolean frames(AudioBytes in, int start, FrameSyntax syntax) throws IOException {
        Frame frame = syntax.frameAt(in, start);
        return frame != null && in.has(start + frame.length()) && FrameWalk.confirmed(in, start, syntax, frame);
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
                return other("unknown data", Kind.UNKNOWN);
            }
        }
        if (first == length) {
            return other("blank text", Kind.NOT_AUDIO);
        }
        return switch (in.u8(first)) {
            case '<' -> other(in.says(first, "<?xml") ? "XML" : "an HTML page", Kind.NOT_AUDIO);
            case '{', '[' -> other("JSON", Kind.NOT_AUDIO);
            default -> other("text", Kind.NOT_AUDIO);
        };
    }

    private static boolean isSpace(int c) {
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
    }

    private static MagicBytes audio(AudioFormat format) {
        return new MagicBytes(format, format.wireName(), Kind.AUDIO);
    }

    private static MagicBytes other(String what, Kind kind) {
        return new MagicBytes(null, what, kind);
    }
}
