package dev.ttsjobs.openai;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Durations as Go prints them, which is how the provider writes its resets: {@code 120ms}, {@code 1m12.5s}. */
final class GoDuration {

    private static final double NANOS_PER_SECOND = 1e9;
    private static final Pattern PART = Pattern.compile("\\G(\\d{1,18}(?:\\.\\d{1,18})?)(ms|us|µs|μs|ns|d|h|m|s)");
    private static final Pattern SECONDS = Pattern.compile("\\d{1,18}(?:\\.\\d{1,18})?");

    private GoDuration() {}

    /** That duration; a plain number is seconds. Null when the text is absent or anything else. */
    static @Nullable Duration parse(@Nullable String text) {
        if (text == null || text.isEmpty() || text.length() > 100) {
            return null;
        }
        if (SECONDS.matcher(text).matches()) {
            return ofNanos(Double.parseDouble(text) * NANOS_PER_SECOND);
        }
        Matcher part = PART.matcher(text);
        double nanos = 0;
        int end = 0;
        while (part.find()) {
            nanos += Double.parseDouble(part.group(1)) * nanosPer(part.group(2));
            end = part.end();
        }
        return end == text.length() ? ofNanos(nanos) : null;
    }

    private static Duration ofNanos(double nanos) {
        return Duration.ofNanos(Math.round(nanos));
    }

    private static double nanosPer(String unit) {
        return switch (unit) {
            case "ns" -> 1;
            case "ms" -> 1e6;
            case "s" -> NANOS_PER_SECOND;
            case "m" -> 60 * NANOS_PER_SECOND;
            case "h" -> 3600 * NANOS_PER_SECOND;
            case "d" -> 86_400 * NANOS_PER_SECOND;
            default -> 1e3; // The three spellings of a microsecond.
        };
    }
}
