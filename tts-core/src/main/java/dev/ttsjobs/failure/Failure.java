package dev.ttsjobs.failure;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Why something did not work, in the form that is stored, shown and decided upon. Immutable and thread-safe.
 *
 * @param kind what sort of failure it is
 * @param code a short stable word for programs, the provider's own where it gave one ({@code insufficient_quota})
 * @param message one sentence for people; control characters are replaced and it is cut to {@value #MAX_MESSAGE}
 *     characters, so that it can stand in a log line or a database column as it is
 * @param retryAfter how long the provider asked to wait; null when it did not say
 */
public record Failure(
        FailureKind kind,
        String code,
        String message,
        @Nullable Duration retryAfter) {

    /** The longest message that is kept, in characters. */
    public static final int MAX_MESSAGE = 500;

    private static final int MAX_CODE = 64;

    public Failure {
        Objects.requireNonNull(kind, "kind");
        code = code.isBlank() ? kind.name().toLowerCase(java.util.Locale.ROOT) : oneLine(code, MAX_CODE);
        message = oneLine(message, MAX_MESSAGE);
        if (retryAfter != null && retryAfter.isNegative()) {
            retryAfter = null;
        }
    }

    /** A failure for which the provider named no time to wait. */
    public static Failure of(FailureKind kind, String code, String message) {
        return new Failure(kind, code, message, null);
    }

    private static String oneLine(String text, int limit) {
        StringBuilder line = new StringBuilder(Math.min(text.length(), limit));
        text.codePoints().limit(limit + 1L).forEach(c -> line.appendCodePoint(harmless(c) ? c : ' '));
        return line.length() <= limit ? line.toString() : line.substring(0, endBefore(line, limit - 1)) + "…";
    }

    private static boolean harmless(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }

    private static int endBefore(CharSequence text, int end) {
        return Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end;
    }
}
