package dev.ttsjobs.examples.server;

import io.javalin.http.Context;

/** How lists are cut into pages. Stateless, thread-safe. */
final class Pages {

    private Pages() {}

    /** @throws Problem 400 when the {@code limit} in the address is not from 1 to {@code most} */
    static int limit(Context ctx, int otherwise, int most) {
        String text = ctx.queryParam("limit");
        if (text == null || text.isBlank()) {
            return otherwise;
        }
        try {
            int limit = Integer.parseInt(text);
            if (limit >= 1 && limit <= most) {
                return limit;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw Problem.invalid("limit", "must be from 1 to " + most);
    }
}
