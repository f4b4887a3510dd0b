package dev.ttsjobs.cost;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.util.Map;
import java.util.Objects;

/**
 * What models cost, in US dollars for a million characters. Dated data, to be overridden where it no longer holds.
 * Immutable and thread-safe.
 *
 * @param perMillionCharacters the price by model
 * @param otherwise the price of models that are not listed
 * @param asOf when the prices were looked up
 */
public record PriceList(Map<String, BigDecimal> perMillionCharacters, BigDecimal otherwise, LocalDate asOf) {

    private static final BigDecimal MILLION = BigDecimal.valueOf(1_000_000);

    /**
     * The provider's prices of 2026-11: {@code tts-1} 15 and {@code tts-1-hd} 30 (its model pages); {@code
     * gpt-4o-mini-tts} is billed by tokens and comes to about 15 (measured through its cost report by users).
     */
    public static final PriceList OPENAI = new PriceList(
            Map.of(
                    "tts-1", BigDecimal.valueOf(15),
                    "tts-1-hd", BigDecimal.valueOf(30),
                    "gpt-4o-mini-tts", BigDecimal.valueOf(15)),
            BigDecimal.valueOf(15),
            LocalDate.of(2026, 11, 23));

    /** @throws IllegalArgumentException when a price is negative */
    public PriceList {
        perMillionCharacters = Map.copyOf(perMillionCharacters);
        Objects.requireNonNull(asOf, "asOf");
        if (otherwise.signum() < 0 || perMillionCharacters.values().stream().anyMatch(price -> price.signum() < 0)) {
            throw new IllegalArgumentException("a price is not negative");
        }
    }

    /** One price for everything. */
    public static PriceList flat(BigDecimal perMillionCharacters) {
        return new PriceList(Map.of(), perMillionCharacters, OPENAI.asOf());
    }

    /** What so many characters cost, in US dollars, to six decimals. */
    public BigDecimal cost(String model, long characters) {
        BigDecimal price = perMillionCharacters.getOrDefault(model, otherwise);
        return price.multiply(BigDecimal.valueOf(characters)).divide(MILLION, 6, RoundingMode.HALF_UP);
    }
}
