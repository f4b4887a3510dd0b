package dev.ttsjobs.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ttsjobs.speech.AudioFormat;
import java.io.IOException;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A request as it came, and what the provider's published description ({@code CreateSpeechRequest}) has against it.
 *
 * @param line the first line of the HTTP request
 * @param authorization the header of that name; null when there is none
 * @param json the body
 * @param body the body as it was understood; a missing node when it was not JSON
 */
record FakeRequest(String line, @Nullable String authorization, String json, JsonNode body) {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Set<String> FIELDS =
            Set.of("model", "input", "instructions", "voice", "response_format", "speed", "stream_format");
    private static final int LONGEST = 4096;

    static FakeRequest of(String line, @Nullable String authorization, String json) {
        try {
            return new FakeRequest(line, authorization, json, JSON.readTree(json));
        } catch (IOException e) {
            return new FakeRequest(line, authorization, json, MissingNode.getInstance());
        }
    }

    String text() {
        return body.path("input").asText("");
    }

    AudioFormat format() {
        return AudioFormat.of(body.path("response_format").asText("mp3"));
    }

    boolean wantsEvents() {
        return body.path("stream_format").asText("audio").equals("sse");
    }

    FakeProvider.Call recorded(Instant at, int status, boolean paid) {
        JsonNode voice = body.path("voice");
        return new FakeProvider.Call(
                at,
                text(),
                body.path("model").asText(""),
                voice.isObject() ? voice.path("id").asText("") : voice.asText(""),
                body.path("response_format").asText("mp3"),
                json,
                status,
                paid);
    }

    /** Why a real provider would refuse it; null when it would not. */
    FakeProvider.@Nullable Answer refused(@Nullable String key) {
        if (!line.startsWith("POST /v1/audio/speech ")) {
            return FakeProvider.Answer.error(
                    404, "invalid_request_error", "", "Invalid URL (" + line.replaceFirst(" HTTP/.*", "") + ")");
        }
        if (key != null && !("Bearer " + key).equals(authorization)) {
            return FakeProvider.Answer.wrongKey();
        }
        return body.isObject() ? refusedBody() : invalid("We could not parse the JSON body of your request.");
    }

    private FakeProvider.@Nullable Answer refusedBody() {
        for (String required : new String[] {"model", "input", "voice"}) {
            if (!body.has(required)) {
                return FakeProvider.Answer.rejected(
                        "missing_required_parameter", "Missing required parameter: '" + required + "'.");
            }
        }
        for (String field : (Iterable<String>) body::fieldNames) {
            if (!FIELDS.contains(field)) {
                return FakeProvider.Answer.rejected("unknown_parameter", "Unknown parameter: '" + field + "'.");
            }
        }
        JsonNode voice = body.path("voice");
        boolean named =
                voice.isTextual() || voice.isObject() && voice.path("id").isTextual();
        if (!body.path("model").isTextual() || !body.path("input").isTextual() || !named) {
            return FakeProvider.Answer.rejected("invalid_type", "Invalid type for 'model', 'input' or 'voice'.");
        }
        if (isTooLong("input") || isTooLong("instructions")) {
            return FakeProvider.Answer.rejected(
                    "string_above_max_length", "String too long. Expected a string with maximum length 4096.");
        }
        double speed = body.path("speed").asDouble(1);
        boolean oldModel = body.path("model").asText().startsWith("tts-1");
        if (!(speed >= 0.25 && speed <= 4) || wantsEvents() && oldModel || !isKnown()) {
            return invalid("Invalid value for 'speed', 'stream_format' or 'response_format'.");
        }
        return text().isBlank() ? invalid("Invalid 'input': it is empty.") : null;
    }

    private boolean isTooLong(String field) {
        String value = body.path(field).asText("");
        return value.codePointCount(0, value.length()) > LONGEST;
    }

    private boolean isKnown() {
        String stream = body.path("stream_format").asText("audio");
        try {
            return (stream.equals("audio") || stream.equals("sse")) && format() != null;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static FakeProvider.Answer invalid(String message) {
        return FakeProvider.Answer.rejected("invalid_value", message);
    }

    /** An error body as the API writes it. */
    static String error(String type, String code, String message) {
        ObjectNode error = JSON.createObjectNode();
        error.putObject("error")
                .put("message", message)
                .put("type", type)
                .putNull("param")
                .put("code", code.isEmpty() ? null : code);
        return error.toString();
    }
}
