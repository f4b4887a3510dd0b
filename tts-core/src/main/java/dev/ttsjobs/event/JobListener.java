package dev.ttsjobs.event;

import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.job.JobId;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Hears what a worker does, in its process, as it happens. Best effort: nothing is heard of other processes, and what
 * happens as a process dies may not be heard. Methods do nothing unless overridden, must be fast, and are called from the
 * worker's threads, several at once; what they throw is logged and goes no further.
 */
public interface JobListener {

    /** Some phrase of a job may have ended. */
    default void jobChanged(JobId id) {}

    /** A job has ended; called after {@link #jobChanged}. */
    default void jobEnded(JobId id) {}

    /** A clip's audio is stored. {@code paid} is false when it was found ready. */
    default void clipMade(ClipKey key, boolean paid) {}

    /** A turn with a clip failed. {@code givenUp} is false when it will be tried again. */
    default void clipFailed(ClipKey key, Failure failure, boolean givenUp) {}

    /**
     * What came of a turn with a clip no longer counts: its lease had run out, and another worker has the clip or has had
     * it. Its audio, if there was any, is kept in the storage.
     */
    default void leaseLost(ClipKey key) {}

    /** A call has its time slot, and waits this long for it; zero when it may go at once. */
    default void callWaits(Duration wait) {}

    /** The account was found unusable, or usable again ({@code failure} null). */
    default void accountChanged(String account, @Nullable Failure failure) {}

    /**
     * The storage was found to take no audio, or takes it again ({@code failure} null). Meanwhile nothing is called: what was
     * bought is kept, and stored when it can be.
     */
    default void storageChanged(@Nullable Failure failure) {}
}
