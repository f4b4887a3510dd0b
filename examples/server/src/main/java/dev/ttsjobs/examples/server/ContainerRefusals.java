package dev.ttsjobs.examples.server;

import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** What is refused before it gets to a route, such as a header that is too large: told as all else, and no page. Thread-safe. */
final class ContainerRefusals extends ErrorHandler {

    /** In seconds: how soon there may be room again. */
    private static final String TRY_AGAIN = "5";

    private final RequestIds ids;

    ContainerRefusals(RequestIds ids) {
        this.ids = ids;
    }

    @Override
    protected void generateResponse(
            Request request,
            Response response,
            int code,
            @Nullable String message,
            @Nullable Throwable cause,
            Callback callback) {
        HttpFields.Mutable headers = response.getHeaders();
        headers.put(HttpHeader.CONTENT_TYPE, "application/problem+json");
        headers.put(HttpHeader.CACHE_CONTROL, "no-store");
        headers.put("X-Content-Type-Options", "nosniff");
        headers.put(RequestIds.HEADER, ids.name(request));
        if (code == HttpStatus.SERVICE_UNAVAILABLE_503) {
            headers.put(HttpHeader.RETRY_AFTER, TRY_AGAIN);
        }
        response.write(true, body(code), callback);
    }

    /** By the status alone: the container's own words may quote what was sent. */
    private static ByteBuffer body(int status) {
        String title = HttpStatus.getMessage(status);
        return ByteBuffer.wrap(Json.write(Problem.of(status, title, title).body()));
    }
}
