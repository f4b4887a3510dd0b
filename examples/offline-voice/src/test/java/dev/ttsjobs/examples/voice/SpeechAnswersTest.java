package dev.ttsjobs.examples.voice;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ttsjobs.examples.voice.VoiceServerOptions.Engine;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the server answers to right and wrong requests. */
class SpeechAnswersTest {

    private OfflineVoiceServer server;
    private Caller caller;

    @BeforeEach
    void start() throws Exception {
        server = OfflineVoiceServer.start(
                VoiceServerOptions.builder().engine(Engine.TONE).build());
        caller = new Caller(server);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aGoodCallIsAnsweredWithMp3InChunks() throws Exception {
        HttpResponse<byte[]> response = caller.speak("Hello there");
        assertEquals(200, response.statusCode());
        assertEquals("audio/mpeg", response.headers().firstValue("content-type").orElseThrow());
        assertEquals(
                "chunked", response.headers().firstValue("transfer-encoding").orElseThrow());
        assertTrue(response.headers().firstValue("x-request-id").orElseThrow().startsWith("req_"));
        assertTrue(response.headers().firstValueAsLong("openai-processing-ms").isPresent());
        assertTrue(response.headers().firstValue("x-ratelimit-limit-requests").isEmpty());
        assertTrue(Mp3.decode(response.body()).rms() > 0.03);
    }

    @ParameterizedTest
    @CsvSource({"wav, audio/wav, 44", "pcm, audio/pcm, 0"})
    void wavAndPcmHoldTheSameSamples(String format, String mediaType, int header) throws Exception {
        HttpResponse<byte[]> response =
                caller.speak(Caller.speech("x".repeat(15)).put("response_format", format));
        assertEquals(mediaType, response.headers().firstValue("content-type").orElseThrow());
        assertEquals(48_000, response.body().length - header, 2 * 576 * 2);
        assertEquals(header > 0, new String(response.body(), 0, 4, StandardCharsets.ISO_8859_1).equals("RIFF"));
    }

    @Test
    void eventsCarryTheSameSoundAndThenTheUsage() throws Exception {
        byte[] plain = caller.speak("x".repeat(300)).body();
        HttpResponse<byte[]> response =
                caller.speak(Caller.speech("x".repeat(300)).put("stream_format", "sse"));
        assertEquals(
                "text/event-stream",
                response.headers().firstValue("content-type").orElseThrow());
        ByteArrayOutputStream sound = new ByteArrayOutputStream();
        JsonNode last = null;
        for (String event : new String(response.body(), StandardCharsets.UTF_8).split("\n\n")) {
            assertTrue(event.startsWith("data: "));
            last = Caller.JSON.readTree(event.substring(6));
            if (last.get("type").asText().equals("speech.audio.delta")) {
                sound.writeBytes(Base64.getDecoder().decode(last.get("audio").asText()));
            }
        }
        assertArrayEquals(plain, sound.toByteArray());
        assertEquals("speech.audio.done", last.get("type").asText());
        JsonNode usage = last.get("usage");
        assertEquals(75, usage.get("input_tokens").asInt());
        assertEquals(417, usage.get("output_tokens").asInt(), 2);
        assertEquals(
                usage.get("input_tokens").asInt() + usage.get("output_tokens").asInt(),
                usage.get("total_tokens").asInt());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "null",
            value = {
                "{}|400|model|missing_required_parameter",
                "[1]|400|null|null",
                "not json|400|null|null",
                "''|400|null|null",
                "{'model':5}|400|model|invalid_type",
                "{'model':'gpt-5'}|404|null|model_not_found",
                "{'model':'tts-1'}|400|input|missing_required_parameter",
                "{'model':'tts-1','input':''}|400|input|string_too_short",
                "{'model':'tts-1','input':['a']}|400|input|invalid_type",
                "{'model':'tts-1','input':'a'}|400|voice|missing_required_parameter",
                "{'model':'tts-1','input':'a','voice':'bob'}|400|voice|invalid_value",
                "{'model':'tts-1','input':'a','voice':{}}|400|voice|invalid_type",
                "{'model':'tts-1','input':'a','voice':'alloy','response_format':'ogg'}|400|response_format|invalid_value",
                "{'model':'tts-1','input':'a','voice':'alloy','response_format':'opus'}|400|response_format|unsupported_value",
                "{'model':'tts-1','input':'a','voice':'alloy','response_format':'flac'}|400|response_format|unsupported_value",
                "{'model':'tts-1','input':'a','voice':'alloy','speed':'1'}|400|speed|invalid_type",
                "{'model':'tts-1','input':'a','voice':'alloy','speed':0.24}|400|speed|decimal_below_min_value",
                "{'model':'tts-1','input':'a','voice':'alloy','speed':4.1}|400|speed|decimal_above_max_value",
                "{'model':'tts-1','input':'a','voice':'alloy','stream_format':'sse'}|400|stream_format|unsupported_value",
                "{'model':'tts-1','input':'a','voice':'alloy','stream_format':'x'}|400|stream_format|invalid_value",
                "{'model':'tts-1','input':'a','voice':'alloy','seed':1}|400|seed|unknown_parameter",
            })
    void wrongRequestsGetOpenAisErrorBody(String body, int status, String param, String code) throws Exception {
        HttpResponse<byte[]> response = caller.send("POST", "/v1/audio/speech", body.replace('\'', '"'));
        assertEquals(status, response.statusCode());
        assertEquals(
                "application/json",
                response.headers().firstValue("content-type").orElseThrow());
        JsonNode error = Caller.error(response);
        assertEquals("invalid_request_error", error.get("type").asText());
        assertFalse(error.get("message").asText().isBlank());
        assertEquals(param, error.get("param").textValue());
        assertEquals(code, error.get("code").textValue());
        assertEquals(0, server.ledger().calls());
        assertEquals(1, server.ledger().byStatus().get(status));
    }

    @Test
    void aTextOf4096CharactersIsTheLongest() throws Exception {
        // Outside the basic plane a character is two UTF-16 units; OpenAI counts characters.
        ObjectNode longest = Caller.speech("a".repeat(4095) + "𝔘");
        assertEquals(200, caller.speak(longest).statusCode());
        HttpResponse<byte[]> tooLong = caller.speak("a".repeat(4097));
        assertEquals(400, tooLong.statusCode());
        assertEquals(
                "string_above_max_length", Caller.error(tooLong).get("code").asText());
        assertEquals(
                400,
                caller.speak(Caller.speech("a").put("instructions", "a".repeat(4097)))
                        .statusCode());
    }

    @Test
    void theNewModelTakes2000TokensAndTheOldOnesDoNotCount() throws Exception {
        ObjectNode chinese = Caller.speech("你".repeat(2132));
        HttpResponse<byte[]> refused = caller.speak(chinese);
        assertEquals(
                "Input of 2132 tokens is over the maximum input limit of 2000 tokens",
                Caller.error(refused).get("message").asText());
        assertEquals("invalid_value", Caller.error(refused).get("code").asText());
        assertEquals(200, caller.speak(chinese.put("model", "tts-1")).statusCode());
    }

    @Test
    void snapshotsOfModelsAndCustomVoicesAreKnown() throws Exception {
        ObjectNode call = Caller.speech("Hello").put("model", "gpt-4o-mini-tts-2025-12-15");
        call.putObject("voice").put("id", "voice_1234");
        assertEquals(200, caller.speak(call).statusCode());
        assertEquals(
                200, caller.speak(Caller.speech("a").put("model", "tts-1-1106")).statusCode());
        assertEquals(
                200, caller.speak(Caller.speech("a").put("model", "tts-1-hd")).statusCode());
        assertEquals(
                404, caller.speak(Caller.speech("a").put("model", "tts-1-x")).statusCode());
    }

    @Test
    void otherPathsAndMethodsAreRefused() throws Exception {
        assertEquals(404, caller.send("GET", "/v1/nothing", "").statusCode());
        HttpResponse<byte[]> wrong = caller.send("GET", "/v1/audio/speech", "");
        assertEquals(405, wrong.statusCode());
        assertEquals("POST", wrong.headers().firstValue("allow").orElseThrow());
        assertTrue(Caller.error(wrong).has("code"));
        assertEquals(405, caller.send("POST", "/health", "{}").statusCode());
    }

    @Test
    void healthSaysWhoSpeaksAndModelsAreListed() throws Exception {
        JsonNode health = caller.json("GET", "/health", "");
        assertEquals("ok", health.get("status").asText());
        assertEquals(server.voice(), health.get("voice").asText());
        assertEquals(
                "tts-1", caller.json("GET", "/v1/models", "").at("/data/0/id").asText());
    }

    @Test
    void aBodyOverAMegabyteIsRefused() throws Exception {
        assertEquals(
                413,
                caller.send("POST", "/v1/audio/speech", " ".repeat(1024 * 1024 + 1))
                        .statusCode());
    }
}
