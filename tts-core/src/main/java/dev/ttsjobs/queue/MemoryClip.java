package dev.ttsjobs.queue;

import dev.ttsjobs.audio.AudioFacts;
import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.Priority;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A clip's row in the in-memory queue. */
final class MemoryClip {

    /** The order in which clips are claimed. */
    static final Comparator<MemoryClip> ORDER = Comparator.<MemoryClip, Priority>comparing(clip -> clip.priority)
            .reversed()
            .thenComparingLong(clip -> clip.position)
            .thenComparingLong(clip -> clip.number);

    final Clip clip;
    final long number;
    /** Longer texts that are joined from this one. */
    final Set<MemoryClip> parents = new LinkedHashSet<>();

    ClipState state = ClipState.WITHDRAWN;
    Priority priority = Priority.LOW;
    long position;
    Instant due = Instant.MAX;
    long epoch;
    int attempts;

    @Nullable
    WorkerId worker;

    boolean wanted;

    @Nullable
    JobId payer;

    @Nullable
    AudioFacts facts;

    Instant madeAt = Instant.MIN;

    @Nullable
    Failure failure;

    MemoryClip(Clip clip, long number) {
        this.clip = clip;
        this.number = number;
    }

    boolean isLiving() {
        return state == ClipState.QUEUED || state == ClipState.LEASED || state == ClipState.WAITING;
    }

    boolean isHeldUnder(Lease lease) {
        return state == ClipState.LEASED
                && epoch == lease.epoch()
                && lease.worker().equals(worker);
    }

    /** It goes back into the queue, or out of the way if nobody wants it any longer. */
    void putBack(Instant dueAt) {
        worker = null;
        due = dueAt;
        state = wanted ? ClipState.QUEUED : ClipState.WITHDRAWN;
    }
}
