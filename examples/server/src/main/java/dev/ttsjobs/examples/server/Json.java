package dev.ttsjobs.examples.server;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** JSON in and out, within narrow limits. Stateless, thread-safe. */
final class Json {

    /** The largest body that is read, in bytes. */
    static final int MAX_BODY = 1 << 20;

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(32)
                            .maxStringLength(MAX_BODY)
                            .maxNumberLength(100)
                            .maxNameLength(256)
                            .maxDocumentLength(MAX_BODY)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
            .build();

    private Json() {}

    /** The object in a request's body. */
    static JsonNode body(Context ctx) {
        byte[] bytes = bytes(ctx);
        // As it was sent: the container stumbles over the name of a charset that it does not know.
        String type = String.valueOf(ctx.header("Content-Type"))
                .toLowerCase(Locale.ROOT)
                .replace(" ", "");
        boolean json = type.equals("application/json") || type.matches("application/json;charset=\"?utf-8\"?;?");
        if (!json || ctx.header("Content-Encoding") != null) {
            throw Problem.of(415, "Not JSON", "the body must be application/json, not compressed");
        }
        try {
            // The parser guesses at other encodings, and takes spellings that UTF-8 forbids.
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            JsonNode node = parse(bytes);
            if (node.isObject()) {
                return node;
            }
        } catch (JsonProcessingException e) {
            throw Problem.invalid("body", "not_json", "is not valid JSON: " + position(e));
        } catch (CharacterCodingException e) {
            throw Problem.invalid("body", "not_json", "is not valid JSON: it is not in UTF-8");
        }
        throw Problem.invalid("body", "wrong_type", "must be a JSON object");
    }

    static JsonNode parse(byte[] json) throws JsonProcessingException {
        try {
            return MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw e;
        } catch (IOException e) {
            throw new IllegalStateException("reading from memory does not fail", e);
        }
    }

    static byte[] write(Object value) {
        try {
            return MAPPER.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("what the server says can be written as JSON", e);
        }
    }

    /** Answers with JSON. */
    static void send(Context ctx, int status, Object value) {
        ctx.status(status).contentType("application/json").result(write(value));
    }

    /** Never the parser's own words: they quote what was sent. */
    private static String position(JsonProcessingException e) {
        return e.getLocation() == null
                ? "it breaks the limits"
                : "line " + e.getLocation().getLineNr() + ", column "
                        + e.getLocation().getColumnNr();
    }

    private static byte[] bytes(Context ctx) {
        Problem tooLarge = Problem.of(413, "Too large", "the body is larger than " + MAX_BODY + " bytes");
        if (ctx.req().getContentLengthLong() > MAX_BODY) {
            throw tooLarge;
        }
        try (InputStream in = ctx.req().getInputStream()) {
            byte[] bytes = in.readNBytes(MAX_BODY + 1);
            if (bytes.length > MAX_BODY) {
                throw tooLarge;
            }
            return bytes;
        } catch (IOException e) {
            throw Problem.invalid("body", "incomplete", "did not arrive as a whole");
        }
    }
}
