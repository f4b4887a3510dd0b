package dev.ttsjobs.openai;

import dev.ttsjobs.speech.ProviderHints;
import java.time.Duration;
import okhttp3.Headers;
import org.jspecify.annotations.Nullable;

/** What the {@code x-ratelimit-*} headers and the request id say. */
final class RateLimitHeaders {

    private static final double SECONDS_A_DAY = 86_400;
    private static final int LONGEST_ID = 100;

    private RateLimitHeaders() {}

    static ProviderHints hints(Headers headers) {
        Limit requests = Limit.read(headers, "requests");
        Limit tokens = Limit.read(headers, "tokens");
        return new ProviderHints(
                requests.perMinute(),
                requests.remaining,
                tokens.perMinute(),
                tokens.remaining,
                requestId(headers.get("x-request-id")));
    }

    /**
     * How long until one more request is allowed, when no request is left; null when the headers do not say. The reset they
     * name is when the whole limit is back, so one request is back after its share of that time.
     */
    static @Nullable Duration untilNextRequest(Headers headers) {
        Limit requests = Limit.read(headers, "requests");
        if (requests.limit == null || requests.reset == null || !Long.valueOf(0).equals(requests.remaining)) {
            return null;
        }
        Duration share = requests.reset.dividedBy(requests.limit);
        return share.compareTo(RetryAfter.LONGEST) > 0 ? RetryAfter.LONGEST : share;
    }

    private static @Nullable String requestId(@Nullable String id) {
        boolean harmless = id != null && id.length() <= LONGEST_ID && id.matches("[A-Za-z0-9._:/-]+");
        return harmless ? id : null;
    }

    private record Limit(
            @Nullable Long limit,
            @Nullable Long remaining,
            @Nullable Duration reset) {

        static Limit read(Headers headers, String what) {
            Long limit = count(headers.get("x-ratelimit-limit-" + what));
            return new Limit(
                    limit == null || limit == 0 ? null : limit,
                    count(headers.get("x-ratelimit-remaining-" + what)),
                    GoDuration.parse(headers.get("x-ratelimit-reset-" + what)));
        }

        /** The limit, unless its refill time shows that it counts a day: the same headers carry both kinds. */
        @Nullable
        Long perMinute() {
            if (limit == null || remaining == null || reset == null || remaining >= limit) {
                return limit;
            }
            double window = reset.toMillis() / 1000.0 * limit / (limit - remaining);
            boolean countsADay = Math.abs(window - SECONDS_A_DAY) < SECONDS_A_DAY / 50;
            return countsADay ? null : limit;
        }

        private static @Nullable Long count(@Nullable String value) {
            // Eighteen digits always fit a long.
            return value != null && value.matches("\\d{1,18}") ? Long.valueOf(value) : null;
        }
    }
}
