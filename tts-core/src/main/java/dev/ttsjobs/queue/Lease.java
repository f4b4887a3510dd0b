package dev.ttsjobs.queue;

import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A worker's right to make a clip. It holds as long as the queue's epoch for the clip is the same; the epoch is raised at
 * every claim and every rescue and never goes back, so a worker that was away too long can change nothing any more.
 * Immutable and thread-safe.
 *
 * @param clip what is to be made
 * @param worker whose right it is
 * @param epoch the clip's epoch at the claim
 * @param attempts how many attempts were on record at the claim
 * @param verdict why it was given up in an earlier turn, which could not be completed then: it is only to be settled so,
 *     and not to be tried again; null for nearly all
 * @param instead what is to be made in its place, held along with it; null for nearly all; see {@link ClipQueue#substitute}
 */
public record Lease(
        Clip clip,
        WorkerId worker,
        long epoch,
        int attempts,
        @Nullable Failure verdict,
        @Nullable Clip instead) {

    public Lease {
        Objects.requireNonNull(clip, "clip");
        Objects.requireNonNull(worker, "worker");
    }

    public Lease(Clip clip, WorkerId worker, long epoch, int attempts) {
        this(clip, worker, epoch, attempts, null, null);
    }

    /** This lease, with another clip to be made in the place of its own. */
    public Lease instead(Clip other) {
        return new Lease(clip, worker, epoch, attempts, verdict, other);
    }

    /** The clip that is to be made: its own, or the one in its place. */
    public Clip target() {
        return instead == null ? clip : instead;
    }
}
