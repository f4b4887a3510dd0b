package dev.ttsjobs.job;

import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.storage.AudioName;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What has become of one phrase of a job. Immutable and thread-safe.
 *
 * @param index its place in the request, from 0
 * @param itemId the host's name for it, as it was given
 * @param sides one for each language of the phrase, in the request's order
 */
public record PhraseResult(int index, @Nullable String itemId, Map<String, Side> sides) {

    public PhraseResult {
        sides = Collections.unmodifiableMap(new LinkedHashMap<>(sides));
    }

    /** Whether every side has its audio or has failed. */
    public boolean hasEnded() {
        return sides.values().stream().allMatch(side -> side.audio() != null || side.failure() != null);
    }

    /** Whether some side has failed. */
    public boolean hasFailed() {
        return sides.values().stream().anyMatch(side -> side.failure() != null);
    }

    /**
     * One text of a phrase: it has its audio, or a failure, or neither while it waits.
     *
     * @param audio where its audio is, once there
     * @param failure why there is none, once that is final
     */
    public record Side(@Nullable Audio audio, @Nullable Failure failure) {

        /** Neither made nor failed yet. */
        public static final Side OPEN = new Side(null, null);

        public Side {
            if (audio != null && failure != null) {
                throw new IllegalArgumentException("a side has its audio or a failure, not both");
            }
        }
    }

    /**
     * Audio that is ready.
     *
     * @param name its name in the storage; ask the storage for the address
     * @param duration how long it plays
     * @param bytes its size
     * @param cached whether this job found it ready, or another job paid for it
     */
    public record Audio(AudioName name, Duration duration, long bytes, boolean cached) {

        public Audio {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(duration, "duration");
        }
    }
}
