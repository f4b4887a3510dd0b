package dev.ttsjobs.queue.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.time.ManualTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ServerTimeTest {

    private static final Duration AHEAD = Duration.ofMillis(40);

    private final ManualTime here = new ManualTime(Instant.parse("2026-01-01T00:00:00Z"));
    private final ServerTime server = new ServerTime(here);

    @Test
    void aQuickAnswerCorrectsASlowOneThatCameBackLate() {
        ask(Duration.ZERO, Duration.ofMillis(300));
        assertEquals(Duration.ofMillis(-150), wrongBy());
        assertFalse(server.isGood());
        ask(Duration.ofMillis(1), Duration.ofMillis(1));
        assertEquals(Duration.ZERO, wrongBy());
        assertTrue(server.isGood());
    }

    @Test
    void aSlowAnswerDoesNotSpoilWhatAQuickOneSaid() {
        ask(Duration.ofMillis(1), Duration.ofMillis(1));
        ask(Duration.ZERO, Duration.ofMillis(300));
        assertEquals(Duration.ZERO, wrongBy());
        here.advance(Duration.ofSeconds(10));
        ask(Duration.ofMillis(20), Duration.ZERO);
        assertEquals(Duration.ZERO, wrongBy(), "10 s of drift are 5 ms at most");
    }

    @Test
    void anOldReadingGivesWayToOneThatIsNotWorse() {
        ask(Duration.ofMillis(1), Duration.ofMillis(1));
        here.advance(Duration.ofSeconds(60));
        ask(Duration.ofMillis(10), Duration.ofMillis(14));
        assertEquals(Duration.ofMillis(-2), wrongBy());
    }

    @Test
    void aClockThatWasSetIsNoticedByASlowAnswerToo() {
        ask(Duration.ofMillis(1), Duration.ofMillis(1));
        Duration set = Duration.ofMinutes(5);
        Instant asked = here.instant();
        here.advance(Duration.ofMillis(200));
        server.heard(asked, asked.plusMillis(100).plus(AHEAD).plus(set));
        assertEquals(set, wrongBy());
    }

    /** The server is {@link #AHEAD} of the clock here, whatever happens. */
    private void ask(Duration there, Duration back) {
        Instant asked = here.instant();
        here.advance(there);
        Instant said = here.instant().plus(AHEAD);
        here.advance(back);
        server.heard(asked, said);
    }

    private Duration wrongBy() {
        return Duration.between(here.instant().plus(AHEAD), server.now());
    }
}
