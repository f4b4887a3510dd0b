package dev.ttsjobs.examples.benchmark;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What several runs of one thing gave, in the order of the runs. */
record Figures(String name, List<Double> values) {

    Figures {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("no run, no figure");
        }
        values = List.copyOf(values);
    }

    /** The one in the middle, or the mean of the two there. */
    double median() {
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** The smallest value that at least this share of all values does not exceed. */
    double quantile(double share) {
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
    }

    /** Everything that was measured, so that a reader can judge the median. */
    String line() {
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return String.format(
                Locale.ROOT,
                "%-28s median %,.3f, from %,.3f to %,.3f; runs %s",
                name,
                median(),
                sorted[0],
                sorted[sorted.length - 1],
                Arrays.toString(values.stream()
                        .map(value -> String.format(Locale.ROOT, "%.3f", value))
                        .toArray()));
    }

    /** The machine is part of a figure: how busy it was is said beside each. */
    static String machine() {
        return String.format(
                Locale.ROOT,
                "machine: %d processors, load average %.2f, JDK %s",
                Runtime.getRuntime().availableProcessors(),
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
                Runtime.version());
    }
}
