package dev.ttsjobs.job;

import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * The name of a job: a UUID of version 7 (RFC 9562, section 5.7), so that newer jobs sort behind older ones. Immutable and
 * thread-safe.
 *
 * @param value the UUID
 */
public record JobId(UUID value) implements Comparable<JobId> {

    public JobId {
        Objects.requireNonNull(value, "value");
    }

    /** A new id. Hosts that retry a submit make the id first and send the same one again. */
    public static JobId create(Instant now, RandomGenerator random) {
        long high = (now.toEpochMilli() << 16) | 0x7000L | (random.nextLong() & 0x0fffL);
        long low = (random.nextLong() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L;
        return new JobId(new UUID(high, low));
    }

    /**
     * Reads the form that {@link #toString} writes.
     *
     * @throws IllegalArgumentException when the text is not a UUID
     */
    public static JobId parse(String text) {
        if (Objects.requireNonNull(text, "id").length() != 36) {
            throw new IllegalArgumentException("a job id is a UUID of 36 characters");
        }
        return new JobId(UUID.fromString(text));
    }

    @Override
    public int compareTo(JobId other) {
        return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
