package dev.ttsjobs.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.time.Duration;
import java.time.Instant;
import okhttp3.Headers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryAfterTest {

    private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");
    private static final String IN_90_SECONDS = "Tue, 24 Nov 2026 10:01:30 GMT";

    @ParameterizedTest
    @CsvSource({
        "5, 5000",
        "' 5 ', 5000",
        "0.25, 250",
        "1., 1000",
        "1e1, 10000",
        "599.9, 599900",
        "600, 600000",
        "601, 600000",
        "1e9, 600000",
        "1e400, 600000",
        "99999999999999999999999999, 600000",
    })
    void secondsAreWaitedForUpToTenMinutes(String value, long millis) {
        assertEquals(Duration.ofMillis(millis), RetryAfter.of(Headers.of("Retry-After", value), NOW));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-3",
                "-0.5",
                "0",
                "0.0",
                "NaN",
                "nan",
                "Infinity",
                "-Infinity",
                "1e-400",
                "5s",
                "5d",
                "5f",
                "0x1p3",
                "soon",
                "5, 10",
                "1.2.3",
                "Thu, 01 Jan 2015 00:00:00 GMT",
                "Tue, 24 Nov 2026 10:00:00 GMT"
            })
    void whatNamesNoTimeToComeIsNothing(String value) {
        assertNull(RetryAfter.of(Headers.of("Retry-After", value), NOW));
        assertNull(RetryAfter.of(Headers.of(), NOW));
    }

    @ParameterizedTest
    @ValueSource(strings = {IN_90_SECONDS, "Tuesday, 24-Nov-26 10:01:30 GMT", "Tue Nov 24 10:01:30 2026"})
    void aDateInAnyHttpFormIsWaitedFor(String date) {
        assertEquals(Duration.ofSeconds(90), RetryAfter.of(Headers.of("Retry-After", date), NOW));
    }

    @Test
    void aDateIsComparedWithTheServersOwnClock() {
        Headers anHourAhead =
                Headers.of("Retry-After", "Tue, 24 Nov 2026 11:00:20 GMT", "Date", "Tue, 24 Nov 2026 11:00:00 GMT");
        Headers anHourBehind =
                Headers.of("Retry-After", "Tue, 24 Nov 2026 09:00:20 GMT", "Date", "Tue, 24 Nov 2026 09:00:00 GMT");

        assertEquals(Duration.ofSeconds(20), RetryAfter.of(anHourAhead, NOW));
        assertEquals(Duration.ofSeconds(20), RetryAfter.of(anHourBehind, NOW));
    }

    @Test
    void aDateFarAwayIsCapped() {
        Headers nextYear = Headers.of("Retry-After", "Wed, 24 Nov 2027 10:00:00 GMT");

        assertEquals(Duration.ofMinutes(10), RetryAfter.of(nextYear, NOW));
    }

    @Test
    void theFinerHeaderComesFirstUnlessItSaysNothing() {
        assertEquals(
                Duration.ofNanos(1_500_000),
                RetryAfter.of(Headers.of("retry-after-ms", "1.5", "Retry-After", "5"), NOW));
        assertEquals(Duration.ofSeconds(5), RetryAfter.of(Headers.of("retry-after-ms", "x", "Retry-After", "5"), NOW));
        assertEquals(Duration.ofSeconds(5), RetryAfter.of(Headers.of("retry-after-ms", "-1", "Retry-After", "5"), NOW));
    }
}
