package dev.ttsjobs.examples.voice;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An answer other than sound: a status, OpenAI's error body and perhaps headers. */
final class SpeechRefusal extends Exception {

    private static final long serialVersionUID = 1L;

    private final int status;
    private final String type;
    private final @Nullable String param;
    private final @Nullable String code;
    private final LinkedHashMap<String, String> headers = new LinkedHashMap<>();

    SpeechRefusal(int status, String type, @Nullable String param, @Nullable String code, String message) {
        super(message, null, false, false);
        this.status = status;
        this.type = type;
        this.param = param;
        this.code = code;
    }

    /** A 400 for one field. */
    static SpeechRefusal invalid(@Nullable String param, @Nullable String code, String message) {
        return new SpeechRefusal(400, "invalid_request_error", param, code, message);
    }

    SpeechRefusal with(String header, String value) {
        headers.put(header, value);
        return this;
    }

    int status() {
        return status;
    }

    Map<String, String> headers() {
        return headers;
    }

    /** {@code {"error":{"message","type","param","code"}}}. */
    byte[] body() {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.putObject("error")
                .put("message", getMessage())
                .put("type", type)
                .put("param", param)
                .put("code", code);
        return body.toPrettyString().getBytes(StandardCharsets.UTF_8);
    }
}
