package dev.ttsjobs.examples.server;

import io.javalin.http.Context;
import java.util.Objects;

/**
 * Who makes a call.
 *
 * @param id the user, as the token's {@code sub} says
 * @param address where the call comes from
 */
record Caller(String id, String address) {

    private static final String ATTRIBUTE = "caller";

    void attachTo(Context ctx) {
        ctx.attribute(ATTRIBUTE, this);
    }

    static Caller of(Context ctx) {
        return Objects.requireNonNull(ctx.<Caller>attribute(ATTRIBUTE), "every call below /api is checked first");
    }
}
