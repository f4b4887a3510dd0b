package dev.ttsjobs.examples.voice;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What can go wrong with one call, on demand. In JSON each has its name in small letters: {@code rate_limit}. */
public enum FaultKind {
    /** Nothing: a good answer. Useful within a script. */
    NONE(true),
    /** 429 {@code rate_limit_exceeded} with {@code Retry-After}. */
    RATE_LIMIT(false),
    /** 429 {@code slow_down}, without {@code Retry-After}. */
    SLOW_DOWN(false),
    /** 429 {@code insufficient_quota}, which no waiting helps against, yet with {@code Retry-After}. */
    QUOTA(false),
    /** 401 {@code invalid_api_key}. */
    BAD_KEY(false),
    /** 400 {@code content_policy_violation}: this text will never be spoken. */
    REFUSED(false),
    /** 500 {@code server_error}. */
    SERVER_ERROR(false),
    /** 503 {@code server_is_overloaded} with {@code Retry-After}. */
    UNAVAILABLE(false),
    /** The connection closes before the answer begins. */
    HANG_UP(false),
    /** 200 whose {@code Content-Length} promises more than comes. */
    CUT_SIZED(true),
    /** 200 in chunks, of which the last never comes. */
    CUT_CHUNKED(true),
    /** 200 that ends where the connection closes, which is too early: only the sound itself can tell. */
    CUT_UNSIZED(true),
    /** 200 and sound of no bytes. */
    EMPTY(true),
    /** 200 and a web page, as from a hotel's network. */
    HTML(false),
    /** 200 and OpenAI's error body. */
    JSON_ERROR(false),
    /** 200, half the sound, and then silence until the pause is over and the connection closes. */
    STALL(true),
    /** A good answer that takes the whole pause to come. */
    SLOW_BODY(true);

    private final boolean billed;

    FaultKind(boolean billed) {
        this.billed = billed;
    }

    /** Whether the speech was made, so that the caller pays for it although it may have got nothing. */
    public boolean billed() {
        return billed;
    }

    static Optional<FaultKind> named(String name) {
        return Arrays.stream(values())
                .filter(kind -> kind.name().toLowerCase(Locale.ROOT).equals(name))
                .findFirst();
    }
}
