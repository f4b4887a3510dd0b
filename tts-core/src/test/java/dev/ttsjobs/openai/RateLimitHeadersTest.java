package dev.ttsjobs.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.ttsjobs.speech.ProviderHints;
import java.time.Duration;
import okhttp3.Headers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RateLimitHeadersTest {

    @Test
    void limitsAndWhatIsLeftAreRead() {
        Headers headers = Headers.of(
                "x-ratelimit-limit-requests", "500",
                "x-ratelimit-remaining-requests", "499",
                "x-ratelimit-reset-requests", "120ms",
                "x-ratelimit-limit-tokens", "50000",
                "x-ratelimit-remaining-tokens", "49900",
                "x-ratelimit-reset-tokens", "120ms",
                "x-request-id", "req_0123abc");

        assertEquals(new ProviderHints(500L, 499L, 50000L, 49900L, "req_0123abc"), RateLimitHeaders.hints(headers));
    }

    @Test
    void absentHeadersSayNothing() {
        assertEquals(ProviderHints.NONE, RateLimitHeaders.hints(Headers.of()));
        assertNull(RateLimitHeaders.untilNextRequest(Headers.of()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "many", "1.5", "99999999999999999999", "NaN"})
    void junkSaysNothing(String value) {
        Headers headers = Headers.of("x-ratelimit-limit-requests", value, "x-ratelimit-remaining-requests", value);

        assertEquals(ProviderHints.NONE, RateLimitHeaders.hints(headers));
    }

    @Test
    void aLimitOfNothingIsNoLimit() {
        Headers headers = requests("0", "0", "1s");

        assertNull(RateLimitHeaders.hints(headers).requestsPerMinute());
        assertNull(RateLimitHeaders.untilNextRequest(headers));
    }

    @Test
    void aDailyLimitIsNotTakenForOneByTheMinute() {
        // 8.64 s for one of 10,000, and 7m12s for one of 200, are both a day.
        assertNull(RateLimitHeaders.hints(requests("10000", "9999", "8.64s")).requestsPerMinute());
        assertNull(RateLimitHeaders.hints(requests("200", "199", "7m12s")).requestsPerMinute());
        assertEquals(500L, RateLimitHeaders.hints(requests("500", "450", "6s")).requestsPerMinute());
        // A server with fixed windows names the window's end, whatever was used.
        assertEquals(500L, RateLimitHeaders.hints(requests("500", "499", "42s")).requestsPerMinute());
    }

    @Test
    void oneRequestIsBackAfterItsShareOfTheReset() {
        assertEquals(Duration.ofSeconds(20), RateLimitHeaders.untilNextRequest(requests("3", "0", "1m0s")));
        assertEquals(Duration.ofMillis(120), RateLimitHeaders.untilNextRequest(requests("500", "0", "60s")));
        assertNull(RateLimitHeaders.untilNextRequest(requests("3", "1", "40s")));
        assertEquals(Duration.ofMinutes(10), RateLimitHeaders.untilNextRequest(requests("1", "0", "24h")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"has space", "semi;colon", "<b>"})
    void aRequestIdThatCouldDoHarmInALogIsLeftOut(String id) {
        assertNull(RateLimitHeaders.hints(Headers.of("x-request-id", id)).requestId());
        assertNull(RateLimitHeaders.hints(Headers.of("x-request-id", "r".repeat(101)))
                .requestId());
    }

    private static Headers requests(String limit, String remaining, String reset) {
        return Headers.of(
                "x-ratelimit-limit-requests", limit,
                "x-ratelimit-remaining-requests", remaining,
                "x-ratelimit-reset-requests", reset);
    }
}
