package dev.ttsjobs.examples.voice;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;

/** Sound as 16-bit mono samples at a rate in samples a second. The array is handed over, not copied. */
record Samples(int rate, short[] values) {

    /** What OpenAI serves: 24,000 samples a second. */
    static final int RATE = 24_000;

    static Samples silence(Duration length) {
        return new Samples(RATE, new short[(int) (length.toMillis() * RATE / 1000)]);
    }

    Duration length() {
        return Duration.ofNanos(values.length * 1_000_000_000L / rate);
    }

    /** The loudness as a share of the loudest possible, 0 to 1. */
    double rms() {
        double sum = 0;
        for (short value : values) {
            sum += (double) value * value;
        }
        return values.length == 0 ? 0 : Math.sqrt(sum / values.length) / 32768;
    }

    /** The same sound at 24,000 samples a second, through a Catmull-Rom curve between the samples. */
    Samples resampled() {
        if (rate == RATE || values.length == 0) {
            return new Samples(RATE, values);
        }
        short[] out = new short[(int) ((long) values.length * RATE / rate)];
        for (int i = 0; i < out.length; i++) {
            double position = (double) i * rate / RATE;
            int at = (int) position;
            double t = position - at;
            double before = at(at - 1);
            double here = at(at);
            double next = at(at + 1);
            double after = at(at + 2);
            double slope = next - before;
            double bend = 2 * before - 5 * here + 4 * next - after;
            double twist = 3 * (here - next) + after - before;
            double curve = here + 0.5 * t * (slope + t * (bend + t * twist));
            out[i] = clip(curve);
        }
        return new Samples(RATE, out);
    }

    /**
     * The same voice, slower: pieces of 30 ms overlapping by half are laid further apart, each moved to where it fits the
     * one before best, so that the pitch stays.
     *
     * @param factor how many times longer, at least 1
     */
    Samples slowed(double factor) {
        if (factor <= 1.001 || values.length == 0) {
            return this;
        }
        int half = rate * 15 / 1000;
        int reach = half / 2;
        short[] out = new short[(int) (values.length * factor)];
        int from = 0;
        for (int to = 0; to < out.length; to += half) {
            int wanted = (int) (to / factor);
            int start = to == 0 ? 0 : bestFit(from + half, wanted, reach, half);
            for (int i = 0; i < 2 * half && to + i < out.length; i++) {
                double weight = to == 0 && i < half ? 1 : 0.5 - 0.5 * Math.cos(Math.PI * (i + 0.5) / half);
                out[to + i] = clip(out[to + i] + weight * at(start + i));
            }
            from = start;
        }
        return new Samples(rate, out);
    }

    /** Where within reach of the wanted place the sound is most like what would have followed. */
    private int bestFit(int natural, int wanted, int reach, int length) {
        int best = wanted;
        double bestLikeness = Double.NEGATIVE_INFINITY;
        for (int candidate = wanted - reach; candidate <= wanted + reach; candidate += 2) {
            double likeness = 0;
            for (int i = 0; i < length; i += 4) {
                likeness += (double) at(natural + i) * at(candidate + i);
            }
            if (likeness > bestLikeness) {
                bestLikeness = likeness;
                best = candidate;
            }
        }
        return best;
    }

    /** The samples as bytes, least significant first. */
    byte[] littleEndian() {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * 2).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asShortBuffer().put(values);
        return bytes.array();
    }

    private short at(int index) {
        return index < 0 || index >= values.length ? 0 : values[index];
    }

    private static short clip(double value) {
        return (short) Math.max(Short.MIN_VALUE, Math.min(Short.MAX_VALUE, Math.round(value)));
    }
}
