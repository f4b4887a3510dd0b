package dev.ttsjobs.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class GoDurationTest {

    @ParameterizedTest
    @CsvSource({
        "1s, PT1S",
        "120ms, PT0.12S",
        "6m0s, PT6M",
        "7m12s, PT7M12S",
        "8.64s, PT8.64S",
        "1h2m3.5s, PT1H2M3.5S",
        "2d16h15m29s, P2DT16H15M29S",
        "27h55s451ms, PT27H55.451S",
        "250us, PT0.00025S",
        "250µs, PT0.00025S",
        "250μs, PT0.00025S",
        "42ns, PT0.000000042S",
        "0s, PT0S",
        "0, PT0S",
        "231329, PT64H15M29S",
        "1.5, PT1.5S",
    })
    void everyFormThatServersSendIsRead(String text, Duration expected) {
        assertEquals(expected, GoDuration.parse(text));
    }

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(strings = {"junk", "s", "1s ", "-1s", "1x", "1s2", "1.s", ".5s", "1 s", "NaN", "1e3s", "1s1s1?"})
    void anythingElseIsNothing(String text) {
        assertNull(GoDuration.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"999999999999999999d", "999999999999999999"})
    void anAbsurdOneIsTheLongestAndNoOverflow(String text) {
        assertEquals(Duration.ofNanos(Long.MAX_VALUE), GoDuration.parse(text));
    }
}
