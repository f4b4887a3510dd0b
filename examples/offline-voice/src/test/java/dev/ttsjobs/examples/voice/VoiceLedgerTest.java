package dev.ttsjobs.examples.voice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ttsjobs.examples.voice.VoiceServerOptions.Engine;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VoiceLedgerTest {

    private final FakeClock clock = new FakeClock();

    @Test
    void speechBoughtTwiceIsSeen() throws Exception {
        try (OfflineVoiceServer server = OfflineVoiceServer.start(
                VoiceServerOptions.builder().engine(Engine.TONE).build(), clock)) {
            Caller caller = new Caller(server);
            caller.speak("Secret one");
            clock.sleep(Duration.ofSeconds(1));
            caller.speak("Secret one");
            caller.speak(Caller.speech("Secret one").put("voice", "verse"));
            caller.speak("Zwölf");
            VoiceLedger ledger = server.ledger();
            assertEquals(4, ledger.calls());
            assertEquals(4, ledger.sent());
            assertEquals(3, ledger.distinct());
            assertEquals(3 * 10 + 5, ledger.characters());
            assertEquals(3, ledger.callsFor("Secret one"));
            assertEquals(0, ledger.callsFor("Secret two"));
            assertEquals(Map.of(200, 4L), ledger.byStatus());
            VoiceLedger.Entry first = ledger.entries().get(0);
            assertEquals(1, first.sequence());
            assertTrue(first.sent());
            assertEquals(Instant.parse("2026-11-24T10:00:00Z"), first.at());
            VoiceLedger.Tally twice = ledger.byKey().get(first.key());
            assertEquals(2, twice.calls());
            assertEquals(Duration.ofSeconds(1), Duration.between(twice.first(), twice.last()));
        }
    }

    @Test
    void anotherProgramReadsItOverHttpAndSeesNoText() throws Exception {
        try (OfflineVoiceServer server = OfflineVoiceServer.start(
                VoiceServerOptions.builder().engine(Engine.TONE).build(), clock)) {
            Caller caller = new Caller(server);
            server.faults(VoiceFaults.script(FaultKind.SERVER_ERROR, FaultKind.CUT_UNSIZED));
            for (int i = 0; i < 3; i++) {
                caller.speak("Secret words");
            }
            String text = new String(caller.send("GET", "/__voice/ledger", "").body(), StandardCharsets.UTF_8);
            assertFalse(text.contains("Secret"));
            JsonNode json = Caller.JSON.readTree(text);
            assertEquals(2, json.get("calls").asInt());
            assertEquals(1, json.get("distinct").asInt());
            assertEquals(1, json.get("sent").asInt());
            assertEquals(24, json.get("characters").asInt());
            assertEquals(1, json.get("max_concurrent").asInt());
            assertEquals(2, json.at("/by_status/200").asInt());
            assertEquals(1, json.at("/by_status/500").asInt());
            assertEquals(1, json.at("/by_fault/cut_unsized").asInt());
            JsonNode entry = json.at("/entries/0");
            assertEquals(2, entry.get("calls").asInt());
            assertEquals(12, entry.get("characters").asInt());
            assertEquals("2026-11-24T10:00:00Z", entry.get("at").asText());
            assertEquals(SpeechCall.hash("Secret words"), entry.get("input").asText());
            assertEquals(64, entry.get("key").asText().length());
            assertEquals(
                    0, caller.json("DELETE", "/__voice/ledger", "").get("calls").asInt());
            assertEquals(0, server.ledger().calls());
        }
    }

    @Test
    void everythingThatChangesTheSoundChangesTheKeyAndNothingElse() {
        SpeechCall call = new SpeechCall("tts-1", "text", "alloy", "", SoundFormat.MP3, 1, false);
        assertEquals(call.key(), new SpeechCall("tts-1", "text", "alloy", "", SoundFormat.MP3, 1, true).key());
        for (SpeechCall other : new SpeechCall[] {
            new SpeechCall("tts-1-hd", "text", "alloy", "", SoundFormat.MP3, 1, false),
            new SpeechCall("tts-1", "texts", "alloy", "", SoundFormat.MP3, 1, false),
            new SpeechCall("tts-1", "text", "ash", "", SoundFormat.MP3, 1, false),
            new SpeechCall("tts-1", "text", "alloy", "x", SoundFormat.MP3, 1, false),
            new SpeechCall("tts-1", "text", "alloy", "", SoundFormat.WAV, 1, false),
            new SpeechCall("tts-1", "text", "alloy", "", SoundFormat.MP3, 2, false),
            new SpeechCall("tts-1", "ext", "alloy", "t", SoundFormat.MP3, 1, false),
        }) {
            assertNotEquals(call.key(), other.key());
        }
        assertFalse(call.toString().contains("text"));
    }

    @Test
    void whoHasTheWholeAnswerFindsItInTheLedger() throws Exception {
        try (OfflineVoiceServer server = OfflineVoiceServer.start(
                VoiceServerOptions.builder().engine(Engine.TONE).build(), clock)) {
            Caller caller = new Caller(server);
            for (int call = 1; call <= 300; call++) {
                caller.speak("Line " + call);
                assertEquals(call, server.ledger().sent());
            }
            assertEquals(1, server.ledger().maxConcurrent());
        }
    }

    @Test
    void aCallBilledBeforeClearingDoesNotCountAsSentAfterIt() {
        VoiceLedger ledger = new VoiceLedger();
        SpeechCall call = new SpeechCall("tts-1", "text", "alloy", "", SoundFormat.MP3, 1, false);
        VoiceLedger.Entry before = ledger.bill(call, clock.instant());
        ledger.clear();
        VoiceLedger.Entry after = ledger.bill(call, clock.instant());
        ledger.sent(before);
        assertEquals(1, ledger.calls());
        assertEquals(0, ledger.sent());
        ledger.sent(after);
        assertEquals(1, ledger.sent());
        assertEquals(2, after.sequence());
    }

    @Test
    void singleCallsAreForgottenAfterTenThousandAndSumsAreNot() {
        VoiceLedger ledger = new VoiceLedger();
        for (int i = 0; i < 10_050; i++) {
            ledger.sent(ledger.bill(
                    new SpeechCall("tts-1", "n" + i % 50, "alloy", "", SoundFormat.MP3, 1, false), clock.instant()));
        }
        assertEquals(10_000, ledger.entries().size());
        assertEquals(51, ledger.entries().get(0).sequence());
        assertEquals(10_050, ledger.calls());
        assertEquals(10_050, ledger.sent());
        assertEquals(50, ledger.distinct());
        assertEquals(201, ledger.callsFor("n7"));
        assertEquals(0, ledger.uncounted());
    }
}
