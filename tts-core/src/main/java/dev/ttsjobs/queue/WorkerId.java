package dev.ttsjobs.queue;

import java.util.Objects;
import java.util.UUID;

/**
 * One start of one worker process. Random, never a host name: a process that comes back is another worker. Immutable and
 * thread-safe.
 *
 * @param value the UUID
 */
public record WorkerId(UUID value) {

    public WorkerId {
        Objects.requireNonNull(value, "value");
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
