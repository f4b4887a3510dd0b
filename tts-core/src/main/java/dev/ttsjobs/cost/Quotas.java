package dev.ttsjobs.cost;

import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.job.JobRefusedException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What may be spent: checked and counted in the transaction that accepts a job, so that many submits at once do not pass a
 * limit, and one that is refused or rolled back counts for nothing. What a job was counted for is not given back when it is
 * cancelled or fails. Immutable and thread-safe.
 *
 * @param eachOwner what each owner may use
 * @param all what all owners together may use
 * @param maxCost the most one job may cost, in US dollars; null for any sum
 * @param prices what costs are reckoned by
 */
public record Quotas(Limits eachOwner, Limits all, @Nullable BigDecimal maxCost, PriceList prices) {

    /** Nothing is limited. */
    public static final Quotas NONE = new Quotas(Limits.NONE, Limits.NONE, null, PriceList.OPENAI);

    private static final String EVERYBODY = "";

    public Quotas {
        Objects.requireNonNull(eachOwner, "eachOwner");
        Objects.requireNonNull(all, "all");
        Objects.requireNonNull(prices, "prices");
        if (maxCost != null && maxCost.signum() < 0) {
            throw new IllegalArgumentException("maxCost is not negative");
        }
    }

    /**
     * Limits, each counted from when it is first set.
     *
     * @param jobsPerDay accepted jobs on one day (UTC); null for any number
     * @param charactersPerDay the code points of accepted jobs' distinct texts, cached ones included, on one day (UTC); null
     *     for any number
     * @param usdPerMonth what accepted jobs would cost in one month (UTC), in US dollars, at the prices of the submit and
     *     without what was made already then; null for any sum
     */
    public record Limits(
            @Nullable Integer jobsPerDay,
            @Nullable Long charactersPerDay,
            @Nullable BigDecimal usdPerMonth) {

        /** No limit. */
        public static final Limits NONE = new Limits(null, null, null);

        /** @throws IllegalArgumentException when a limit is negative */
        public Limits {
            if ((jobsPerDay != null && jobsPerDay < 0)
                    || (charactersPerDay != null && charactersPerDay < 0)
                    || (usdPerMonth != null && usdPerMonth.signum() < 0)) {
                throw new IllegalArgumentException("a limit is not negative");
            }
        }
    }

    /** Whether it has to be known what a job costs. */
    public boolean needCost() {
        return maxCost != null || eachOwner.usdPerMonth != null || all.usdPerMonth != null;
    }

    /**
     * What clips cost, most likely.
     *
     * @throws JobRefusedException when it is more than one job may cost
     */
    public BigDecimal cost(Collection<Clip> missing) {
        BigDecimal usd = missing.stream()
                .map(clip -> prices.cost(clip.voice(), clip.text()).likely())
                .reduce(BigDecimal.ZERO, BigDecimal::add);
        if (maxCost != null && usd.compareTo(maxCost) > 0) {
            throw new JobRefusedException(
                    JobRefusedException.Reason.MAX_COST,
                    "the job would cost "
                            + usd.setScale(6, RoundingMode.HALF_UP).toPlainString() + " USD, and at most "
                            + maxCost.toPlainString() + " USD are allowed for it",
                    null);
        }
        return usd;
    }

    /** What a job is counted for, in the order in which it is to be counted: the same for every job, so that none deadlock. */
    public List<Use> uses(String owner, long characters, BigDecimal usd, Instant now) {
        List<Use> uses = new ArrayList<>();
        add(uses, EVERYBODY, all, characters, usd, now);
        add(uses, owner, eachOwner, characters, usd, now);
        return uses;
    }

    private static void add(List<Use> uses, String owner, Limits limits, long characters, BigDecimal usd, Instant now) {
        LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
        if (limits.jobsPerDay != null) {
            uses.add(use(Measure.JOBS_A_DAY, owner, today, 1, limits.jobsPerDay));
        }
        if (limits.charactersPerDay != null) {
            uses.add(use(Measure.CHARACTERS_A_DAY, owner, today, characters, limits.charactersPerDay));
        }
        if (limits.usdPerMonth != null) {
            uses.add(use(Measure.USD_A_MONTH, owner, today, micros(usd), micros(limits.usdPerMonth)));
        }
    }

    private static Use use(Measure measure, String owner, LocalDate day, long amount, long limit) {
        return new Use(measure, owner, measure.periodOf(day), amount, limit);
    }

    private static long micros(BigDecimal usd) {
        BigDecimal micros = usd.movePointRight(6).setScale(0, RoundingMode.DOWN);
        return micros.min(BigDecimal.valueOf(Long.MAX_VALUE / 2)).longValueExact();
    }

    /** What is counted. */
    public enum Measure {
        /** By the day since 1970. */
        CHARACTERS_A_DAY,
        /** In millionths, by the month since the year 0. */
        USD_A_MONTH,
        /** By the day since 1970. */
        JOBS_A_DAY;

        /** In which period a day lies. */
        public int periodOf(LocalDate day) {
            return this == USD_A_MONTH ? day.getYear() * 12 + day.getMonthValue() - 1 : (int) day.toEpochDay();
        }
    }

    /**
     * What one job is counted for under one limit.
     *
     * @param measure of what
     * @param owner whose; empty for everybody's
     * @param period in which day or month
     * @param amount how much
     * @param limit how much there may be, this included
     */
    public record Use(Measure measure, String owner, int period, long amount, long limit) {

        /**
         * Says that it would be too much: which limit, the figures, and when it begins anew.
         *
         * @param used what is counted already
         */
        public JobRefusedException refusal(long used, Instant now) {
            boolean day = measure != Measure.USD_A_MONTH;
            LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
            LocalDate next = day ? today.plusDays(1) : today.withDayOfMonth(1).plusMonths(1);
            Instant anew = next.atStartOfDay(ZoneOffset.UTC).toInstant();
            String whose = owner.equals(EVERYBODY) ? " for all owners together" : " for this owner";
            String message = "the limit of " + figure(limit) + (day ? " a day" : " a month") + whose + " leaves "
                    + figure(Math.max(0, limit - used)) + ", and the job takes " + figure(amount)
                    + (amount > limit ? "" : "; it begins anew at " + anew);
            JobRefusedException.Reason reason = switch (measure) {
                case CHARACTERS_A_DAY -> JobRefusedException.Reason.CHARACTER_LIMIT;
                case USD_A_MONTH -> JobRefusedException.Reason.SPEND_LIMIT;
                case JOBS_A_DAY -> JobRefusedException.Reason.DAILY_LIMIT;
            };
            return new JobRefusedException(reason, message, amount > limit ? null : Duration.between(now, anew));
        }

        private String figure(long value) {
            return switch (measure) {
                case CHARACTERS_A_DAY -> value + " characters";
                case USD_A_MONTH ->
                    BigDecimal.valueOf(value, 6).stripTrailingZeros().toPlainString() + " USD";
                case JOBS_A_DAY -> value + (value == 1 ? " job" : " jobs");
            };
        }
    }
}
