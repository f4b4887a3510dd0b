package dev.ttsjobs.testing;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;

/** So many requests in any 60 s, refused ones counted too, as the provider does. Not thread-safe. */
final class FakeLimit {

    private static final Duration WINDOW = Duration.ofMinutes(1);
    private static final Duration SHORTEST_WAIT = Duration.ofSeconds(1);

    private final Deque<Instant> window = new ArrayDeque<>();
    private int requestsPerMinute;

    /** 0 for no limit. */
    void set(int requestsPerMinute) {
        this.requestsPerMinute = requestsPerMinute;
    }

    /** Counts a request; whether it is one too many. */
    boolean isExceededBy(Instant request) {
        while (!window.isEmpty() && !window.peek().plus(WINDOW).isAfter(request)) {
            window.poll();
        }
        boolean over = requestsPerMinute > 0 && window.size() >= requestsPerMinute;
        window.add(request);
        return over;
    }

    /** What one request too many is told. */
    FakeProvider.Answer refusal(Instant now) {
        Duration wait = Duration.between(now, window.element().plus(WINDOW));
        return FakeProvider.Answer.rateLimited(wait.compareTo(SHORTEST_WAIT) < 0 ? SHORTEST_WAIT : wait);
    }

    /** The answer with the headers that tell of the limit, where there is one. */
    FakeProvider.Answer told(FakeProvider.Answer answer) {
        if (requestsPerMinute == 0) {
            return answer;
        }
        int left = Math.max(0, requestsPerMinute - window.size());
        return answer.withHeader("x-ratelimit-limit-requests", Integer.toString(requestsPerMinute))
                .withHeader("x-ratelimit-remaining-requests", Integer.toString(left))
                .withHeader(
                        "x-ratelimit-reset-requests", (requestsPerMinute - left) * 60_000L / requestsPerMinute + "ms");
    }

    void forget() {
        window.clear();
    }
}
