package dev.ttsjobs.audio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.speech.AudioFormat;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Mp3AudioTest {

    /** What an encoder adds before and behind: its own delay, and the rest of the last frame. */
    private static final int FRAMES_ADDED = 4;

    @ParameterizedTest
    @CsvSource({
        "8000, 1, 32",
        "8000, 2, 32",
        "11025, 1, 32",
        "11025, 2, 32",
        "12000, 1, 32",
        "16000, 1, 64",
        "16000, 2, 64",
        "22050, 1, 64",
        "22050, 2, 64",
        "24000, 1, 128",
        "24000, 1, 160",
        "24000, 2, 64",
        "32000, 1, 64",
        "44100, 1, 128",
        "44100, 2, 128",
        "48000, 1, 64",
        "48000, 2, 192"
    })
    void constantRatePlaysAsLongAsItsBytesSay(int rate, int channels, int bitrate) throws IOException {
        byte[] mp3 = Samples.mp3(rate, channels, bitrate, false, 1.5);

        Duration duration = durationOf(mp3);

        int samplesOfFrame = rate >= 32000 ? 1152 : 576;
        assertBetween(1.5, 1.5 + (double) FRAMES_ADDED * samplesOfFrame / rate, duration);
        // At a constant rate the size tells the duration too; padding makes single frames a byte longer.
        assertEquals(mp3.length * 8.0 / (bitrate * 1000), seconds(duration), 0.001);
    }

    @ParameterizedTest
    @CsvSource({"8000, 1", "11025, 2", "16000, 1", "22050, 2", "24000, 1", "24000, 2", "32000, 1", "44100, 2"})
    void variableRateIsCountedFrameByFrame(int rate, int channels) throws IOException {
        byte[] mp3 = Samples.mp3(rate, channels, 64, true, 1.5);

        assertBetween(1.5, 1.5 + FRAMES_ADDED * 576.0 / Math.min(rate, 24000), durationOf(mp3));
    }

    @Test
    void aCutAtAnyByteIsFoundExceptBetweenFrames() throws IOException {
        byte[] mp3 = Samples.mp3(24000, 1, 64, false, 1.0);
        int frame = 72 * 64_000 / 24_000;
        assertEquals(0, mp3.length % frame);

        for (int length = 1; length < mp3.length; length++) {
            byte[] cut = Arrays.copyOf(mp3, length);
            if (length % frame == 0) {
                assertEquals(Duration.ofMillis(24L * (length / frame)), durationOf(cut), "cut at " + length);
            } else {
                assertEquals(BadAudioException.TRUNCATED, codeOf(cut), "cut at " + length);
            }
        }
    }

    private static Duration durationOf(byte[] mp3) throws IOException {
        return AudioInspector.inspect(new ByteArrayInputStream(mp3), AudioFormat.MP3)
                .duration();
    }

    private static String codeOf(byte[] mp3) {
        return assertThrows(BadAudioException.class, () -> durationOf(mp3))
                .failure()
                .code();
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }

    private static void assertBetween(double least, double most, Duration duration) {
        assertTrue(
                seconds(duration) >= least && seconds(duration) <= most,
                () -> duration + " is not " + least + " to " + most);
    }
}
