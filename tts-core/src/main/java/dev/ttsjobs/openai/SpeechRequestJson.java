package dev.ttsjobs.openai;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.speech.SpeechException;
import dev.ttsjobs.speech.SpeechRequest;
import dev.ttsjobs.speech.Voice;

/** The request body of {@code POST /audio/speech}, with no field that the published description does not name. */
final class SpeechRequestJson {

    private static final ObjectMapper JSON = JsonMapper.builder().build();

    private SpeechRequestJson() {}

    /**
     * @param events whether to ask for server-sent events instead of plain audio
     * @throws SpeechException when the text cannot be written as UTF-8
     */
    static byte[] write(SpeechRequest request, boolean events) {
        Voice voice = request.voice();
        requireUnicode(request.text());
        if (voice.instructions() != null) {
            requireUnicode(voice.instructions());
        }
        ObjectNode body = JSON.createObjectNode();
        body.put("model", voice.model());
        body.put("input", request.text());
        if (voice.name().startsWith("voice_")) {
            body.putObject("voice").put("id", voice.name());
        } else {
            body.put("voice", voice.name());
        }
        // Always said: servers differ in what they send by default.
        body.put("response_format", voice.format().wireName());
        if (voice.speed() != 1.0) {
            body.put("speed", voice.speed());
        }
        if (voice.instructions() != null && voice.takesInstructions()) {
            body.put("instructions", voice.instructions());
        }
        if (events) {
            body.put("stream_format", "sse");
        }
        try {
            return JSON.writeValueAsBytes(body);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of strings and numbers is always JSON", e);
        }
    }

    /** Whether the model can answer with events: {@code tts-1} and {@code tts-1-hd} cannot. */
    static boolean takesEvents(Voice voice) {
        return !voice.model().startsWith("tts-1");
    }

    private static void requireUnicode(String value) {
        // Writers differ in what they make of half a surrogate pair; the provider would speak it or refuse it.
        if (value.codePoints().anyMatch(c -> Character.getType(c) == Character.SURROGATE)) {
            throw new SpeechException(Failure.of(
                    FailureKind.REJECTED,
                    "text_not_unicode",
                    "The text or the instructions hold half of a surrogate pair and cannot be sent."));
        }
    }
}
