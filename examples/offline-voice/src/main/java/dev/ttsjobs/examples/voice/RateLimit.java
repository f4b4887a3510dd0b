package dev.ttsjobs.examples.voice;

/**
 * How much the server takes. The allowance refills evenly, not at the full minute, and refused calls use it up too, as at
 * OpenAI; what a refused call still owes is never more than one burst.
 *
 * @param requestsPerMinute calls a minute; 0 for no limit
 * @param burst how many calls a full allowance holds, at least 1
 * @param tokensPerMinute input tokens a minute; 0 for no limit
 */
public record RateLimit(int requestsPerMinute, int burst, int tokensPerMinute) {

    /**
     * Checks the parts.
     *
     * @throws IllegalArgumentException when a number is out of its range
     */
    public RateLimit {
        if (requestsPerMinute < 0 || burst < 1 || tokensPerMinute < 0) {
            throw new IllegalArgumentException("Limits are 0 or more, and a burst is at least 1");
        }
    }

    /** No limit, and no headers about one. */
    public static RateLimit none() {
        return new RateLimit(0, 1, 0);
    }

    /**
     * So many calls a minute, all of which may come at once.
     *
     * @param requests at least 1
     */
    public static RateLimit perMinute(int requests) {
        return new RateLimit(requests, requests, 0);
    }

    /** The same with another burst. */
    public RateLimit withBurst(int calls) {
        return new RateLimit(requestsPerMinute, calls, tokensPerMinute);
    }

    /** The same with a limit of input tokens. */
    public RateLimit withTokensPerMinute(int tokens) {
        return new RateLimit(requestsPerMinute, burst, tokens);
    }
}
