package dev.ttsjobs.examples.voice;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GoDurationTest {

    @ParameterizedTest
    @CsvSource({
        "0, 0s",
        "-5, 0s",
        "12, 12ms",
        "999, 999ms",
        "1000, 1s",
        "1200, 1.2s",
        "8640, 8.64s",
        "20000, 20s",
        "60000, 1m0s",
        "360000, 6m0s",
        "432500, 7m12.5s",
        "3600000, 1h0m0s",
        "86400000, 24h0m0s"
    })
    void writesAsGoDoes(long millis, String expected) {
        assertEquals(expected, GoDuration.format(Duration.ofMillis(millis)));
    }
}
