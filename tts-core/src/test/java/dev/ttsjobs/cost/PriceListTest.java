package dev.ttsjobs.cost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.cost.CostEstimate.Usd;
import dev.ttsjobs.cost.PriceList.Price;
import dev.ttsjobs.speech.Voice;
import java.math.BigDecimal;
import java.time.LocalDate;
import org.junit.jupiter.api.Test;

class PriceListTest {

    private static final Voice MINI = Voice.of("alloy");
    private static final String MINUTE = "Fifteen, a sec. ".repeat(60).substring(0, 900);

    @Test
    void modelsBilledByTheCharacterAreExact() {
        for (String model : new String[] {"tts-1", "tts-1-1106"}) {
            Usd cost = PriceList.OPENAI.cost(MINI.withModel(model).withSpeed(0.25), MINUTE);
            assertEquals(new BigDecimal("0.013500000"), cost.likely());
            assertEquals(cost.likely(), cost.low());
            assertEquals(cost.likely(), cost.high());
        }
        assertEquals(new BigDecimal("0.027000"), PriceList.OPENAI.cost("tts-1-hd-1106", 900));
    }

    /** The provider's model page: about 0.015 dollars a minute. */
    @Test
    void aMinuteOfTheTokenModelCostsWhatTheProviderSays() {
        Usd cost = PriceList.OPENAI.cost(MINI.withModel("gpt-4o-mini-tts-2025-12-15"), MINUTE);
        assertEquals(0.0151, cost.likely().doubleValue(), 0.0001);
        assertEquals(0.0076, cost.low().doubleValue(), 0.0002);
        assertEquals(0.0302, cost.high().doubleValue(), 0.0002);
        assertEquals(0.0151, PriceList.OPENAI.cost("gpt-4o-mini-tts", 900).doubleValue(), 0.0001);
    }

    @Test
    void speedInstructionsAndScriptCount() {
        double usual = likely(MINI, MINUTE);
        assertEquals(0.5, likely(MINI.withSpeed(2), MINUTE) / usual, 0.01);
        assertTrue(likely(MINI.withInstructions("Slowly, please."), MINUTE) > usual);
        assertTrue(likely(MINI, "你".repeat(900)) > 2.9 * usual);
    }

    private static double likely(Voice voice, String text) {
        return PriceList.OPENAI.cost(voice, text).likely().doubleValue();
    }

    @Test
    void aHostSaysItsOwnPrices() {
        LocalDate today = LocalDate.of(2027, 1, 1);
        PriceList own =
                PriceList.OPENAI.with("tts-1", Price.perMillionCharacters(BigDecimal.ONE), today, "our contract");
        assertEquals(new BigDecimal("1.000000"), own.cost("tts-1", 1_000_000));
        assertEquals(new BigDecimal("30.000000"), own.cost("tts-1-hd", 1_000_000));
        assertEquals("our contract", own.source());
        assertEquals(
                new BigDecimal("2.000000"),
                PriceList.flat(BigDecimal.valueOf(2)).cost("any", 1_000_000));
        assertThrows(IllegalArgumentException.class, () -> Price.perMillionCharacters(BigDecimal.valueOf(-1)));
    }
}
