package dev.ttsjobs.cost;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Objects;

/**
 * What a job would cost and how long it would take, before it is submitted. Immutable and thread-safe.
 *
 * @param characters the code points of all distinct clips, parts of long texts each one
 * @param clips the distinct clips
 * @param cachedClips those of them that are made already
 * @param billableCharacters the code points of the rest
 * @param cost what the rest would cost
 * @param duration how long the calls would take at the present limit, of requests and of tokens, if nothing else were in the
 *     queue
 */
public record CostEstimate(
        long characters, int clips, int cachedClips, long billableCharacters, Usd cost, Duration duration) {

    public CostEstimate {
        Objects.requireNonNull(duration, "duration");
        cost = cost.rounded();
    }

    /** What is most likely to be paid, in US dollars, to six decimals. */
    public BigDecimal usd() {
        return cost.likely();
    }

    /**
     * A price in US dollars that is known within bounds. All three are equal where characters are paid for; where the length
     * of the speech is, nobody knows it before.
     *
     * @param low hardly less than this
     * @param likely most likely this
     * @param high hardly more than this
     */
    public record Usd(BigDecimal low, BigDecimal likely, BigDecimal high) {

        /** Nothing. */
        public static final Usd NONE = new Usd(BigDecimal.ZERO, BigDecimal.ZERO, BigDecimal.ZERO);

        /** @throws IllegalArgumentException when they are not in this order, or negative */
        public Usd {
            if (low.signum() < 0 || low.compareTo(likely) > 0 || likely.compareTo(high) > 0) {
                throw new IllegalArgumentException("a price has its bounds around it, and none is negative");
            }
        }

        public Usd plus(Usd other) {
            return new Usd(low.add(other.low), likely.add(other.likely), high.add(other.high));
        }

        private Usd rounded() {
            return new Usd(
                    low.setScale(6, RoundingMode.HALF_UP),
                    likely.setScale(6, RoundingMode.HALF_UP),
                    high.setScale(6, RoundingMode.HALF_UP));
        }
    }
}
