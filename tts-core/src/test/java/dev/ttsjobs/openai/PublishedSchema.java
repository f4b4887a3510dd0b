package dev.ttsjobs.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Checks a request against the published description of it; as much of JSON Schema as that description uses. */
final class PublishedSchema {

    static final ObjectMapper JSON = JsonMapper.builder().build();

    private final JsonNode document;

    private PublishedSchema(JsonNode document) {
        this.document = document;
    }

    static PublishedSchema load() throws IOException {
        try (InputStream in = PublishedSchema.class.getResourceAsStream("/openai/create-speech-request.json")) {
            return new PublishedSchema(JSON.readTree(Objects.requireNonNull(in)));
        }
    }

    /** What is wrong with a speech request; empty when nothing is. */
    List<String> problems(JsonNode request) {
        List<String> problems = new ArrayList<>();
        check(request, document.at("/components/schemas/CreateSpeechRequest"), "request", problems);
        return problems;
    }

    private void check(JsonNode value, JsonNode schema, String path, List<String> problems) {
        if (schema.has("$ref")) {
            check(value, document.at(schema.get("$ref").asText().substring(1)), path, problems);
            return;
        }
        if (schema.has("anyOf")) {
            boolean any = false;
            for (JsonNode choice : schema.get("anyOf")) {
                List<String> inner = new ArrayList<>();
                check(value, choice, path, inner);
                any |= inner.isEmpty();
            }
            require(any, path + " fits none of its forms", problems);
            return;
        }
        boolean typed = switch (schema.get("type").asText()) {
            case "object" -> value.isObject();
            case "string" -> value.isTextual();
            case "number" -> value.isNumber();
            default -> throw new IllegalStateException("a type that the description did not use: " + schema);
        };
        require(typed, path + " has the wrong type", problems);
        if (typed && value.isObject()) {
            schema.path("required")
                    .forEach(name -> require(value.has(name.asText()), path + " lacks " + name, problems));
            value.fieldNames().forEachRemaining(name -> {
                JsonNode field = schema.path("properties").path(name);
                require(!field.isMissingNode(), path + " has an unknown field " + name, problems);
                if (!field.isMissingNode()) {
                    check(value.get(name), field, path + "." + name, problems);
                }
            });
        }
        if (schema.has("enum")) {
            List<JsonNode> allowed = new ArrayList<>();
            schema.get("enum").forEach(allowed::add);
            require(allowed.contains(value), path + " is none of the allowed values", problems);
        }
        require(
                !schema.has("maxLength")
                        || value.asText().length() <= schema.get("maxLength").asInt(),
                path + " is too long",
                problems);
        require(
                !schema.has("minimum")
                        || value.asDouble() >= schema.get("minimum").asDouble(),
                path + " is too small",
                problems);
        require(
                !schema.has("maximum")
                        || value.asDouble() <= schema.get("maximum").asDouble(),
                path + " is too large",
                problems);
    }

    private static void require(boolean fine, String problem, List<String> problems) {
        if (!fine) {
            problems.add(problem);
        }
    }
}
