package dev.ttsjobs.openai;

import java.io.IOException;
import java.util.Locale;
import okhttp3.MediaType;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/** Whether an answer with status 200 is words (an error, a login page) where audio should be. */
final class AnswerKind {

    private static final int BYTES_TO_LOOK_AT = 8;

    private AnswerKind() {}

    /** Whether its type says so. Servers label audio as they like, but nobody labels it as text. */
    static boolean isText(@Nullable MediaType type) {
        if (type == null) {
            return false;
        }
        String subtype = type.subtype().toLowerCase(Locale.ROOT);
        return type.type().equalsIgnoreCase("text") || subtype.matches("(.+\\+)?(json|xml)|xhtml.*|html|javascript");
    }

    static boolean isEvents(@Nullable MediaType type) {
        return type != null
                && type.type().equalsIgnoreCase("text")
                && type.subtype().equalsIgnoreCase("event-stream");
    }

    /**
     * Whether it begins like JSON or a page, whatever its type says: all printable, first of all a bracket. No audio
     * container begins so, and bare samples begin near silence, where every other byte is 00 or FF.
     */
    static boolean looksLikeText(BufferedSource source) throws IOException {
        source.request(BYTES_TO_LOOK_AT);
        long there = Math.min(BYTES_TO_LOOK_AT, source.getBuffer().size());
        boolean bracket = false;
        boolean blank = true;
        for (long i = 0; i < there; i++) {
            byte b = source.getBuffer().getByte(i);
            boolean space = b == ' ' || b == '\t' || b == '\r' || b == '\n';
            if (!space && (b < ' ' || b == 0x7f)) {
                return false;
            }
            if (blank && !space) {
                bracket = b == '{' || b == '[' || b == '<';
                blank = false;
            }
        }
        return bracket;
    }
}
