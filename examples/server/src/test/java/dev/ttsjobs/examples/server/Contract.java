package dev.ttsjobs.examples.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * The description of the server ({@code openapi.json}), and each answer held against it: its status, its type, its body.
 * A body may hold nothing that is not described. Thread-safe.
 */
final class Contract {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final JsonNode DESCRIPTION = described();
    private static final Map<Pattern, String> PATHS = paths();
    private static final Map<String, Schema> SCHEMAS = new ConcurrentHashMap<>();

    /** What a schema of OpenAPI 3.1 is written in; formats count. */
    private static final SchemaRegistry REGISTRY = SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_2020_12,
            registry -> registry.schemaRegistryConfig(
                    SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build()));

    private final Set<String> answered = ConcurrentHashMap.newKeySet();

    /** The calls that were answered other than by a refusal, such as {@code GET /api/my-decks}. */
    Set<String> answered() {
        return answered;
    }

    /**
     * Holds an answer against the description.
     *
     * @throws AssertionError when it is not as described
     */
    void check(String method, String path, RunningServer.Answer answer) {
        String template = PATHS.entrySet().stream()
                .filter(each -> each.getKey().matcher(path).matches())
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse("");
        String place = method + " " + template + " " + answer.status();
        String described = method.equals("HEAD") ? "get" : method.toLowerCase(Locale.ROOT);
        JsonNode operation = DESCRIPTION.path("paths").path(template).path(described);
        if (operation.isMissingNode()) {
            require(answer.status() >= 400, place + ": an answer to a call that is not described, " + path);
            return;
        }
        JsonNode response = resolved(operation.path("responses").path(Integer.toString(answer.status())));
        require(!response.isMissingNode(), place + ": this status is not described");
        response.path("headers").fieldNames().forEachRemaining(name -> {
            boolean required = response.at("/headers/" + name).path("required").booleanValue();
            require(!required || !answer.header(name).isEmpty(), place + ": lacks the header " + name);
        });
        if (!method.equals("HEAD")) {
            checkBody(place, response.path("content"), answer);
        }
        if (answer.status() < 400) {
            answered.add(method + " " + template);
        }
    }

    private static void checkBody(String place, JsonNode content, RunningServer.Answer answer) {
        String type = answer.header("Content-Type").split(";", 2)[0];
        if (content.isMissingNode()) {
            return;
        }
        require(content.has(type), place + ": is not described as " + type);
        if (type.endsWith("json")) {
            List<Error> errors = SCHEMAS.computeIfAbsent(
                            place, key -> schema(content.path(type).path("schema")))
                    .validate(answer.json());
            require(errors.isEmpty(), place + ": " + errors + " in " + answer.json());
        }
    }

    /** With the components beside it, so that what it refers to is found. */
    private static Schema schema(JsonNode node) {
        ObjectNode schema = node.deepCopy();
        schema.set("components", DESCRIPTION.get("components"));
        return REGISTRY.getSchema(schema);
    }

    private static JsonNode resolved(JsonNode node) {
        return node.has("$ref") ? DESCRIPTION.at(node.get("$ref").textValue().substring(1)) : node;
    }

    private static void require(boolean so, String otherwise) {
        if (!so) {
            throw new AssertionError(otherwise);
        }
    }

    private static JsonNode described() {
        try (InputStream in = Objects.requireNonNull(Contract.class.getResourceAsStream("/openapi.json"))) {
            JsonNode description = MAPPER.readTree(in);
            closeObjects(description);
            return description;
        } catch (JsonProcessingException e) {
            throw new AssertionError("the description is no JSON", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Clients may be sent more one day; today nothing is sent that is not described. */
    private static void closeObjects(JsonNode node) {
        if (node instanceof ObjectNode object
                && object.path("properties").isObject()
                && !object.has("additionalProperties")) {
            object.put("additionalProperties", false);
        }
        node.forEach(Contract::closeObjects);
    }

    /** Those without a variable part first, then the longest. */
    private static Map<Pattern, String> paths() {
        Map<Pattern, String> paths = new TreeMap<>(
                Comparator.comparing((Pattern pattern) -> pattern.pattern().contains("("))
                        .thenComparing(pattern -> -pattern.pattern().length())
                        .thenComparing(Pattern::pattern));
        DESCRIPTION.get("paths").fieldNames().forEachRemaining(template -> {
            // The name of an audio file is a path by itself; what is written in another way gets as far as no route.
            String variable = template.startsWith("/storage/") ? "([0-9A-Za-z./-]+)" : "([^/]+)";
            paths.put(Pattern.compile(template.replace(".", "\\.").replaceAll("\\{[^}]*}", variable)), template);
        });
        return paths;
    }
}
