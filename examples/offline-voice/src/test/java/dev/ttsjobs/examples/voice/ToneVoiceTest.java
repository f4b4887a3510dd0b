package dev.ttsjobs.examples.voice;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ToneVoiceTest {

    private final ToneVoice voice = new ToneVoice();

    @ParameterizedTest
    @CsvSource({"1, 1, 0.3", "30, 1, 2", "150, 1, 10", "150, 2, 5", "150, 0.25, 40"})
    void lastsAsLongAsSpeechWouldAndCanBeHeard(int characters, double speed, double seconds) throws Exception {
        Sound sound = voice.speak(call("x".repeat(characters), "alloy", SoundFormat.MP3, speed));
        Samples decoded = Mp3.decode(sound.bytes());
        assertEquals(seconds, sound.length().toNanos() / 1e9, 0.025);
        assertEquals(sound.length(), decoded.length());
        assertTrue(decoded.rms() > 0.03 && decoded.rms() < 0.5, "rms " + decoded.rms());
    }

    @ParameterizedTest
    @EnumSource(SoundFormat.class)
    void everyTextInEveryVoiceAtEverySpeedSoundsDifferent(SoundFormat format) {
        Set<ByteBuffer> heard = new HashSet<>();
        for (int i = 0; i < 500; i++) {
            assertTrue(heard.add(ByteBuffer.wrap(
                    voice.speak(call("Line " + i, "alloy", format, 1)).bytes())));
        }
        assertTrue(heard.add(
                ByteBuffer.wrap(voice.speak(call("Line 1", "verse", format, 1)).bytes())));
        assertTrue(heard.add(ByteBuffer.wrap(
                voice.speak(call("Line 1", "alloy", format, 1.01)).bytes())));
    }

    @Test
    void theTuneItselfDiffersAndNotOnlyTheHiddenBits() throws Exception {
        Samples one = Mp3.decode(voice.speak(call("A longer line, one", "alloy", SoundFormat.MP3, 1))
                .bytes());
        Samples two = Mp3.decode(voice.speak(call("A longer line, two", "alloy", SoundFormat.MP3, 1))
                .bytes());
        double difference = 0;
        for (int i = 0; i < one.values().length; i++) {
            difference += Math.abs(one.values()[i] - two.values()[i]);
        }
        assertTrue(difference / one.values().length > 500, "mean difference " + difference / one.values().length);
    }

    @Test
    void theSameCallSoundsTheSame() {
        assertArrayEquals(
                voice.speak(call("Hello", "alloy", SoundFormat.MP3, 1)).bytes(),
                voice.speak(call("Hello", "alloy", SoundFormat.MP3, 1)).bytes());
    }

    @Test
    void theLongestTextIsFine() throws Exception {
        Sound sound = voice.speak(call("x".repeat(4096), "alloy", SoundFormat.MP3, 0.25));
        assertEquals(sound.length(), Mp3.decode(sound.bytes()).length());
    }

    static SpeechCall call(String text, String voice, SoundFormat format, double speed) {
        return new SpeechCall("gpt-4o-mini-tts", text, voice, "", format, speed, false);
    }
}
