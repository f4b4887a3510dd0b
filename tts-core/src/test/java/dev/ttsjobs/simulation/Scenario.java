package dev.ttsjobs.simulation;

import dev.ttsjobs.limit.RateLimit;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** What one seed stands for: the sizes, the rates of faults, and all chance of the run. Not thread-safe. */
final class Scenario {

    private static final double[] RATES = {0.005, 0.02, 0.08};
    private static final double[] REQUESTS_PER_MINUTE = {30, 120, 600};

    final long seed;
    final Random random;
    final int processes;
    final int jobs;
    final int vocabulary;
    final RateLimit limit;
    /** Until when things go wrong. */
    final Duration troubleEnds;

    private final Map<Fault, Double> rates = new EnumMap<>(Fault.class);
    private final Set<Fault> without;
    private boolean calm;

    /** @param without faults that are left out, to find those that matter */
    Scenario(long seed, Set<Fault> without) {
        this.seed = seed;
        this.without = without;
        random = new Random(seed * 0x9E3779B97F4A7C15L);
        processes = 2 + random.nextInt(3);
        jobs = 1 + random.nextInt(5);
        vocabulary = 4 + random.nextInt(12);
        double share = random.nextDouble() * 0.6;
        for (Fault fault : Fault.values()) {
            double rate = RATES[random.nextInt(RATES.length)];
            if (random.nextDouble() < share) {
                rates.put(fault, rate);
            }
        }
        RateLimit perMinute = RateLimit.perMinute(REQUESTS_PER_MINUTE[random.nextInt(REQUESTS_PER_MINUTE.length)])
                .withProbeInterval(Duration.ofSeconds(60));
        Double tokens = random.nextInt(3) == 0 ? Double.valueOf(200 + random.nextInt(1000)) : null;
        limit = perMinute.withBurst(1 + random.nextInt(3)).withTokensPerMinute(tokens);
        troubleEnds = Duration.ofSeconds(60 + random.nextInt(400));
    }

    /** Whether this happens now. */
    boolean happens(Fault fault) {
        Double rate = rates.get(fault);
        // The number is drawn in any case, so that leaving a fault out changes nothing before it would have happened.
        return rate != null && !calm && random.nextDouble() < rate && !without.contains(fault);
    }

    /** Whether this can happen in the run at all. */
    boolean has(Fault fault) {
        return rates.containsKey(fault) && !without.contains(fault);
    }

    /** From now on nothing goes wrong. */
    void calm() {
        calm = true;
    }

    boolean isCalm() {
        return calm;
    }

    boolean oneIn(int n) {
        return random.nextInt(n) == 0;
    }

    Duration millis(int least, int most) {
        return Duration.ofNanos((long) ((least + random.nextDouble() * (most - least)) * 1e6));
    }

    @Override
    public String toString() {
        Map<Fault, Double> left = new EnumMap<>(rates);
        left.keySet().removeAll(without);
        return "seed " + seed + ": " + processes + " processes, " + jobs + " jobs, " + limit + ", faults " + left;
    }
}
