package dev.ttsjobs.openai;

import java.time.Duration;
import java.time.Instant;
import java.util.regex.Pattern;
import okhttp3.Headers;
import org.jspecify.annotations.Nullable;

/** How long an answer asks to wait, in every form servers use. */
final class RetryAfter {

    /** Nothing an HTTP answer says makes the library wait longer. */
    static final Duration LONGEST = Duration.ofMinutes(10);

    private static final Pattern NUMBER = Pattern.compile("\\+?\\d{1,300}(\\.\\d{0,300})?([eE][+-]?\\d{1,4})?");

    private RetryAfter() {}

    /**
     * The time to wait: {@code retry-after-ms}, or else {@code Retry-After} as seconds, with a fraction or without, or as a
     * date, which is compared with the answer's own {@code Date} so that a wrong clock on either side does no harm. Null when
     * nothing usable was said: absent, junk, zero, negative or past. At most {@link #LONGEST}.
     */
    static @Nullable Duration of(Headers headers, Instant now) {
        Duration millis = number(headers.get("retry-after-ms"), 1_000_000);
        return millis != null ? millis : secondsOrDate(headers, now);
    }

    private static @Nullable Duration secondsOrDate(Headers headers, Instant now) {
        Duration seconds = number(headers.get("Retry-After"), 1_000_000_000);
        if (seconds != null) {
            return seconds;
        }
        Instant until = headers.getInstant("Retry-After");
        if (until == null) {
            return null;
        }
        Instant sent = headers.getInstant("Date");
        return bounded(Duration.between(sent == null ? now : sent, until));
    }

    private static @Nullable Duration number(@Nullable String value, long nanosPerUnit) {
        if (value == null || !NUMBER.matcher(value.trim()).matches()) {
            return null;
        }
        double nanos = Double.parseDouble(value.trim()) * nanosPerUnit;
        // The cast ends at Long.MAX_VALUE, also for infinity.
        return bounded(Duration.ofNanos((long) nanos));
    }

    private static @Nullable Duration bounded(Duration wait) {
        if (wait.isNegative() || wait.isZero()) {
            return null;
        }
        return wait.compareTo(LONGEST) > 0 ? LONGEST : wait;
    }
}
