package dev.ttsjobs.examples.voice;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SamplesTest {

    @ParameterizedTest
    @ValueSource(ints = {8_000, 16_000, 22_050, 24_000, 48_000})
    void resamplingKeepsLengthPitchAndLoudness(int rate) {
        Samples tone = tone(rate, 440, rate);
        Samples resampled = tone.resampled();
        assertEquals(24_000, resampled.rate());
        assertEquals(24_000, resampled.values().length);
        assertEquals(880, crossings(resampled), 4);
        assertEquals(tone.rms(), resampled.rms(), 0.01);
    }

    @ParameterizedTest
    @ValueSource(doubles = {1.0, 1.3, 1.82, 3.0})
    void slowingKeepsPitchAndLoudness(double factor) {
        Samples tone = tone(22_050, 200, 22_050);
        Samples slowed = tone.slowed(factor);
        assertEquals(factor, slowed.values().length / 22_050.0, 0.001);
        assertEquals(400 * factor, crossings(slowed), 400 * factor * 0.05);
        assertEquals(tone.rms(), slowed.rms(), 0.03);
    }

    @Test
    void noSamplesAreNoTrouble() {
        Samples none = new Samples(16_000, new short[0]);
        assertEquals(0, none.resampled().slowed(2).values().length);
        assertEquals(0, none.rms());
        assertEquals(
                Duration.ofMillis(300), Samples.silence(Duration.ofMillis(300)).length());
    }

    private static Samples tone(int rate, double hertz, int count) {
        short[] values = new short[count];
        for (int i = 0; i < count; i++) {
            values[i] = (short) (10_000 * Math.sin(2 * Math.PI * hertz * i / rate));
        }
        return new Samples(rate, values);
    }

    private static int crossings(Samples samples) {
        int crossings = 0;
        for (int i = 1; i < samples.values().length; i++) {
            crossings += samples.values()[i - 1] < 0 != samples.values()[i] < 0 ? 1 : 0;
        }
        return crossings;
    }
}
