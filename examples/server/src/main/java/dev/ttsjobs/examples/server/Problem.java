package dev.ttsjobs.examples.server;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A refusal, told to the client as {@code application/problem+json} (RFC 9457). The detail never holds the user's text. */
final class Problem extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int status;
    private final String code;
    private final String title;
    private final transient List<Field> fields;
    private final @Nullable Duration retryAfter;

    private Problem(
            int status, String code, String title, String detail, List<Field> fields, @Nullable Duration retryAfter) {
        super(detail, null, false, false);
        this.status = status;
        this.code = code;
        this.title = title;
        this.fields = fields;
        this.retryAfter = retryAfter;
    }

    /**
     * One thing that is wrong in what was sent.
     *
     * @param code what is wrong, for programs
     * @param limit the number that was passed; null where it is not about one
     * @param message what is wrong, in English
     */
    record Field(
            String field,
            String code,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Integer limit,

            String message) {}

    static Problem invalid(List<Field> fields) {
        Field first = fields.get(0);
        String more = fields.size() > 1 ? " (and " + (fields.size() - 1) + " more)" : "";
        return new Problem(400, "not_valid", "Not valid", first.field() + ": " + first.message() + more, fields, null);
    }

    static Problem invalid(String field, String code, String message) {
        return invalid(List.of(new Field(field, code, null, message)));
    }

    static Problem unauthorized(String detail) {
        return new Problem(401, "not_signed_in", "Not signed in", detail, List.of(), null);
    }

    static Problem forbidden(String code, String detail) {
        return new Problem(403, code, "Not allowed", detail, List.of(), null);
    }

    static Problem notFound(String detail) {
        return new Problem(404, "not_found", "Not found", detail, List.of(), null);
    }

    static Problem conflict(String code, String detail) {
        return new Problem(409, code, "Not possible now", detail, List.of(), null);
    }

    static Problem unprocessable(String code, String detail) {
        return new Problem(422, code, "Not the same request", detail, List.of(), null);
    }

    static Problem tooMany(String code, String detail, Duration retryAfter) {
        return new Problem(429, code, "Too many", detail, List.of(), retryAfter);
    }

    static Problem unavailable(String detail) {
        return new Problem(503, "not_available", "Not available", detail, List.of(), Duration.ofSeconds(5));
    }

    static Problem of(int status, String title, String detail) {
        String code = title.toLowerCase(Locale.ROOT).replaceAll("[^a-z]+", "_");
        return new Problem(status, code, title, detail, List.of(), null);
    }

    int status() {
        return status;
    }

    /** When the same call may succeed; null when nobody knows. */
    @Nullable
    Duration retryAfter() {
        return retryAfter;
    }

    /** The body. {@code code} is for programs, which say it in their users' language; {@code error} is there for the clients of the source system, which show it. */
    Map<String, Object> body() {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("type", "about:blank");
        body.put("title", title);
        body.put("status", status);
        body.put("code", code);
        body.put("detail", getMessage());
        body.put("error", getMessage());
        if (!fields.isEmpty()) {
            body.put("errors", fields);
        }
        return body;
    }
}
