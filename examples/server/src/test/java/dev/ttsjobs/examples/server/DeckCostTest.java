package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.cost.CostEstimate;
import dev.ttsjobs.cost.PriceList;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobRequest;
import dev.ttsjobs.job.Phrase;
import dev.ttsjobs.job.PhraseResult;
import dev.ttsjobs.job.Usage;
import dev.ttsjobs.testing.TtsHarness;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A real deck costs what it was estimated to cost. */
class DeckCostTest {

    private static final String MODEL = "gpt-4o-mini-tts";

    @Test
    void theLedgerOfTheDemoDeckIsWithinATenthOfItsEstimate() {
        try (TtsHarness tts = TtsHarness.inMemory()) {
            JobRequest.Builder request = JobRequest.builder("alice");
            for (Decks.Card card : DemoDeck.of("alice").cards()) {
                request.phrase(Phrase.of(card.id(), "en", card.question())
                        .and("fr", card.answers().get(0)));
            }
            CostEstimate estimate = tts.jobs().estimate(request.build());
            JobId id = tts.jobs().submit(request.build()).id();
            tts.drain();

            Usage usage = tts.jobs().find(id).orElseThrow().usage();
            assertEquals(estimate.billableCharacters(), usage.billedCharacters());
            assertEquals(estimate.clips(), usage.billedClips());
            assertEquals(estimate.clips(), usage.attempts());
            BigDecimal spent = PriceList.OPENAI.cost(MODEL, usage);
            within(10, estimate.usd(), spent);

            // What the provider would bill for the audio that was really received.
            double seconds = 0;
            Set<String> heard = new HashSet<>();
            for (PhraseResult phrase : tts.jobs().results(id)) {
                for (PhraseResult.Side side : phrase.sides().values()) {
                    PhraseResult.Audio audio = side.audio();
                    assertNotNull(audio);
                    if (heard.add(audio.name().toString())) {
                        seconds += audio.duration().toMillis() / 1000.0;
                    }
                }
            }
            assertEquals(estimate.clips(), heard.size());
            assertEquals(
                    seconds, usage.billedAudio().toMillis() / 1000.0, 0.0005, "the ledger's seconds are the files'");
            within(10, BigDecimal.valueOf(seconds * 0.015 / 60), spent);
            assertTrue(estimate.cost().low().compareTo(spent) < 0
                    && estimate.cost().high().compareTo(spent) > 0);

            assertEquals(
                    CostEstimate.Usd.NONE.likely(),
                    tts.jobs().estimate(request.build()).usd().stripTrailingZeros());
        }
    }

    private static void within(int percent, BigDecimal expected, BigDecimal actual) {
        double off = Math.abs(actual.doubleValue() / expected.doubleValue() - 1) * 100;
        assertTrue(off <= percent, actual + " is " + off + " % off " + expected);
    }
}
