package dev.ttsjobs.examples.voice;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One request for speech, checked as OpenAI checks it.
 *
 * @param events whether the sound is wanted as server-sent events
 */
record SpeechCall(
        String model,
        String input,
        String voice,
        String instructions,
        SoundFormat format,
        double speed,
        boolean events) {

    static final List<String> MODELS = List.of("tts-1", "tts-1-hd", "gpt-4o-mini-tts");

    private static final int MOST_CHARACTERS = 4096;
    private static final int MOST_TOKENS = 2000;
    private static final Set<String> FIELDS =
            Set.of("model", "input", "voice", "instructions", "response_format", "speed", "stream_format");
    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .build();

    /** Reads a request's body. */
    static SpeechCall parse(byte[] body) throws SpeechRefusal {
        JsonNode json = json(body);
        for (Map.Entry<String, JsonNode> field : json.properties()) {
            String name = field.getKey();
            if (!FIELDS.contains(name)) {
                throw SpeechRefusal.invalid(name, "unknown_parameter", "Unknown parameter: '" + name + "'.");
            }
        }
        String model = text(json, "model", null);
        if (MODELS.stream().noneMatch(known -> model.equals(known) || model.matches(known + "-[0-9-]{4,10}"))) {
            throw new SpeechRefusal(
                    404,
                    "invalid_request_error",
                    null,
                    "model_not_found",
                    "The model `" + model + "` does not exist or you do not have access to it.");
        }
        String input = text(json, "input", null);
        atMost(input, "input");
        if (input.isEmpty()) {
            throw SpeechRefusal.invalid(
                    "input",
                    "string_too_short",
                    "Invalid 'input': string too short. Expected a string with minimum length 1, but got an empty string"
                            + " instead.");
        }
        String instructions = text(json, "instructions", "");
        atMost(instructions, "instructions");
        boolean old = model.startsWith("tts-1");
        int tokens = tokens(input);
        if (!old && tokens > MOST_TOKENS) {
            throw SpeechRefusal.invalid(
                    "input",
                    "invalid_value",
                    "Input of " + tokens + " tokens is over the maximum input limit of " + MOST_TOKENS + " tokens");
        }
        // The old models do not follow instructions, so they change nothing there.
        return new SpeechCall(
                model,
                input,
                voice(json),
                old ? "" : instructions,
                format(text(json, "response_format", "mp3")),
                speed(json),
                events(text(json, "stream_format", "audio"), old));
    }

    /** How many characters the call is billed for. */
    int characters() {
        return input.codePointCount(0, input.length());
    }

    /** About what OpenAI's tokenizer would count: a token for four letters, or for one letter of another script. */
    int inputTokens() {
        return tokens(input) + (instructions.isEmpty() ? 0 : tokens(instructions));
    }

    /** SHA-256 over everything that changes the sound. */
    byte[] digest() {
        MessageDigest sha = sha256();
        for (String part : List.of(model, voice, format.name(), Double.toString(speed), instructions, input)) {
            byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
            // The length goes in front, so that no two calls give the same bytes.
            sha.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
            sha.update(bytes);
        }
        return sha.digest();
    }

    /** The digest in hex. */
    String key() {
        return HexFormat.of().formatHex(digest());
    }

    /** SHA-256 of the text alone, in hex. */
    String inputHash() {
        return hash(input);
    }

    static String hash(String text) {
        return HexFormat.of().formatHex(sha256().digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Leaves the text out, which is nobody's business in a log. */
    @Override
    public String toString() {
        return "SpeechCall[" + model + ", " + voice + ", " + format + ", " + characters() + " characters]";
    }

    private static JsonNode json(byte[] body) throws SpeechRefusal {
        JsonNode json = null;
        try {
            json = JSON.readTree(body);
        } catch (JsonProcessingException e) {
            // Answered below, like JSON that is no object.
        } catch (IOException e) {
            throw new IllegalStateException("Reading from memory failed", e);
        }
        if (json == null || !json.isObject()) {
            throw SpeechRefusal.invalid(
                    null, null, "We could not parse the JSON body of your request. It must be a JSON object.");
        }
        return json;
    }

    private static String text(JsonNode json, String name, @Nullable String otherwise) throws SpeechRefusal {
        JsonNode value = json.get(name);
        if (value == null || value.isNull()) {
            if (otherwise != null) {
                return otherwise;
            }
            throw SpeechRefusal.invalid(
                    name, "missing_required_parameter", "Missing required parameter: '" + name + "'.");
        }
        if (!value.isTextual()) {
            throw SpeechRefusal.invalid(name, "invalid_type", "Invalid type for '" + name + "': expected a string.");
        }
        return value.textValue();
    }

    private static String voice(JsonNode json) throws SpeechRefusal {
        JsonNode voice = json.get("voice");
        if (voice != null && voice.isObject() && voice.path("id").isTextual()) {
            return voice.get("id").textValue();
        }
        String name = text(json, "voice", null);
        if (!Timbre.names().contains(name)) {
            throw SpeechRefusal.invalid(
                    "voice",
                    "invalid_value",
                    "Invalid value for 'voice'. Supported values are: '" + String.join("', '", Timbre.names()) + "'.");
        }
        return name;
    }

    private static SoundFormat format(String name) throws SpeechRefusal {
        boolean known = Set.of("opus", "aac", "flac").contains(name);
        return SoundFormat.named(name)
                .orElseThrow(() -> SpeechRefusal.invalid(
                        "response_format",
                        known ? "unsupported_value" : "invalid_value",
                        known
                                ? "This offline voice makes mp3, wav and pcm only, not " + name + "."
                                : "Invalid value for 'response_format'. Supported values are: 'mp3', 'opus', 'aac',"
                                        + " 'flac', 'wav', and 'pcm'."));
    }

    private static double speed(JsonNode json) throws SpeechRefusal {
        JsonNode speed = json.get("speed");
        if (speed == null || speed.isNull()) {
            return 1;
        }
        if (!speed.isNumber()) {
            throw SpeechRefusal.invalid("speed", "invalid_type", "Invalid type for 'speed': expected a number.");
        }
        double value = speed.doubleValue();
        if (value < 0.25) {
            throw SpeechRefusal.invalid(
                    "speed", "decimal_below_min_value", "Invalid 'speed': decimal below minimum value of 0.25.");
        }
        if (value > 4) {
            throw SpeechRefusal.invalid(
                    "speed", "decimal_above_max_value", "Invalid 'speed': decimal above maximum value of 4.0.");
        }
        return value;
    }

    private static boolean events(String name, boolean old) throws SpeechRefusal {
        if (!Set.of("audio", "sse").contains(name)) {
            throw SpeechRefusal.invalid(
                    "stream_format",
                    "invalid_value",
                    "Invalid value for 'stream_format'. Supported values are: 'audio' and 'sse'.");
        }
        if (old && name.equals("sse")) {
            throw SpeechRefusal.invalid(
                    "stream_format", "unsupported_value", "'sse' is not supported for tts-1 and tts-1-hd.");
        }
        return name.equals("sse");
    }

    private static void atMost(String text, String name) throws SpeechRefusal {
        int characters = text.codePointCount(0, text.length());
        if (characters > MOST_CHARACTERS) {
            throw SpeechRefusal.invalid(
                    name,
                    "string_above_max_length",
                    "Invalid '" + name + "': string too long. Expected a string with maximum length " + MOST_CHARACTERS
                            + ", but got a string with length " + characters + " instead.");
        }
    }

    private static int tokens(String text) {
        long other = text.codePoints().filter(point -> point > 0x24F).count();
        long latin = text.codePointCount(0, text.length()) - other;
        return (int) (other + (latin + 3) / 4);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
