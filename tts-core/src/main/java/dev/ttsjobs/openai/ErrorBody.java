package dev.ttsjobs.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an error's body says, whichever server of the family wrote it. Nothing in it is to be trusted or shown as it is.
 *
 * @param code the error's word for itself, in lower case; empty when it gives none
 * @param type its sort, in lower case; empty when it gives none
 * @param message for people; empty when there is none
 * @param status the HTTP status that a body names itself; 0 when it names none
 * @param structured whether it is an error in a known JSON shape, not a page or plain text
 */
record ErrorBody(String code, String type, String message, int status, boolean structured) {

    private static final ObjectMapper JSON = JsonMapper.builder().build();
    private static final Pattern TITLE =
            Pattern.compile("<title[^>]{0,100}>\\s*([^<]{1,200})", Pattern.CASE_INSENSITIVE);
    private static final int LONGEST_TEXT = 300;

    /** Reads any body, or the beginning of one; never throws. */
    static ErrorBody parse(byte[] body) {
        JsonNode json = json(body);
        if (json != null && json.isArray() && json.size() > 0) {
            json = json.get(0);
        }
        if (json != null && json.isObject()) {
            ErrorBody error = of(json);
            if (error != null) {
                return error;
            }
        }
        return text(new String(body, StandardCharsets.UTF_8).strip());
    }

    /** The error that a JSON object tells of; null when it tells of none. */
    static @Nullable ErrorBody of(JsonNode json) {
        JsonNode error = json.path("error");
        if (error.isObject()) {
            return fields(error);
        }
        if (error.isTextual()) {
            // Beside a message of its own, the error's text is its code.
            return json.path("message").isTextual()
                    ? new ErrorBody(
                            word(error),
                            word(json.path("type")),
                            json.path("message").asText(),
                            0,
                            true)
                    : new ErrorBody(word(json.path("code")), "", error.asText(), 0, true);
        }
        JsonNode detail = json.path("detail");
        if (detail.isTextual()) {
            return new ErrorBody(word(json.path("code")), "", detail.asText(), 0, true);
        }
        if (detail.isArray() && detail.path(0).path("msg").isTextual()) {
            JsonNode first = detail.path(0);
            return new ErrorBody(
                    "",
                    word(first.path("type")),
                    place(first) + first.path("msg").asText(),
                    0,
                    true);
        }
        if (detail.isObject()) {
            return detail.path("error").isTextual() ? of(detail) : fields(detail);
        }
        return json.path("message").isTextual() ? fields(json) : null;
    }

    private static ErrorBody fields(JsonNode error) {
        JsonNode code = error.path("code");
        return new ErrorBody(
                code.isTextual() ? word(code) : "",
                word(error.path("type")),
                error.path("message").asText(""),
                statusOf(code),
                true);
    }

    private static int statusOf(JsonNode code) {
        boolean isStatus = code.isInt() || code.isTextual() && code.asText().matches("[45]\\d\\d");
        int status = isStatus ? code.asInt() : 0;
        return status >= 400 && status <= 599 ? status : 0;
    }

    /** Where in the request a validation error points: its field's name, never the value. */
    private static String place(JsonNode validation) {
        JsonNode last = validation.path("loc").path(validation.path("loc").size() - 1);
        return last.isTextual() ? last.asText() + ": " : "";
    }

    private static String word(JsonNode node) {
        String word = node.isTextual() ? node.asText().strip().toLowerCase(Locale.ROOT) : "";
        return word.matches("[a-z][a-z0-9_.:-]{0,63}") ? word : "";
    }

    private static ErrorBody text(String text) {
        if (text.startsWith("<")) {
            Matcher title = TITLE.matcher(text);
            String page = title.find() ? "a page titled \"" + title.group(1).strip() + "\"" : "a page without a title";
            return new ErrorBody("", "", page, 0, false);
        }
        if (text.chars().limit(LONGEST_TEXT).anyMatch(c -> c == '\ufffd' || c < ' ' && !Character.isWhitespace(c))) {
            return new ErrorBody("", "", "bytes that are no text", 0, false);
        }
        return new ErrorBody("", "", text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT), 0, false);
    }

    private static @Nullable JsonNode json(byte[] body) {
        try {
            return JSON.readTree(body);
        } catch (IOException e) {
            // Not JSON, or cut off: then it is read as text.
            return null;
        }
    }
}
