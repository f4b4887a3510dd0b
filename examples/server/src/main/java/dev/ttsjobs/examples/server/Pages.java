package dev.ttsjobs.examples.server;

import io.javalin.http.Context;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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
        throw Problem.invalid("limit", "out_of_range", "must be from 1 to " + most);
    }

    /**
     * Answers with a page of things and where the next one begins, in the body and as a {@code Link}.
     *
     * @param next null on the last page
     * @param kept the parameters of the address that the next page is asked for with too
     */
    static void send(Context ctx, String name, List<?> items, @Nullable String next, String... kept) {
        if (next != null) {
            ctx.header("Link", "<" + ctx.path() + "?" + query(ctx, next, kept) + ">; rel=\"next\"");
        }
        Map<String, @Nullable Object> page = new LinkedHashMap<>();
        page.put(name, items);
        page.put("nextCursor", next);
        Json.send(ctx, 200, page);
    }

    private static String query(Context ctx, String next, String... kept) {
        StringBuilder query = new StringBuilder();
        for (String name : kept) {
            String value = ctx.queryParam(name);
            if (value != null && !value.isBlank()) {
                query.append(name).append('=').append(URLEncoder.encode(value, StandardCharsets.UTF_8));
                query.append('&');
            }
        }
        return query.append("cursor=").append(next).toString();
    }
}
