package dev.ttsjobs.examples.voice;

import java.math.BigDecimal;
import java.time.Duration;

/** Durations as Go prints them, which is how OpenAI writes its rate-limit headers: {@code 12ms}, {@code 1.2s}, {@code 6m0s}. */
final class GoDuration {

    private GoDuration() {}

    /** Writes a duration, which is rounded to milliseconds; below zero counts as zero. */
    static String format(Duration duration) {
        long millis = Math.max(0, duration.toMillis());
        if (millis == 0) {
            return "0s";
        }
        if (millis < 1000) {
            return millis + "ms";
        }
        long hours = millis / 3_600_000;
        long minutes = millis / 60_000 % 60;
        String seconds =
                BigDecimal.valueOf(millis % 60_000, 3).stripTrailingZeros().toPlainString() + "s";
        if (hours > 0) {
            return hours + "h" + minutes + "m" + seconds;
        }
        return minutes > 0 ? minutes + "m" + seconds : seconds;
    }
}
