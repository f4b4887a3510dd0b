package dev.ttsjobs.worker;

import dev.ttsjobs.queue.Lease;
import dev.ttsjobs.speech.CallHandle;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A clip in the worker's hands. Fields other than the final ones belong to the hand and its lock. */
final class Turn {

    final Lease lease;
    final CallHandle handle = new CallHandle();
    /** Whether the call may be made, once decided. */
    final CompletableFuture<Boolean> decision = new CompletableFuture<>();

    /** When to send, once reserved. */
    @Nullable
    Instant slot;
    /** Whether its slot is for finding out whether a paused account works again. */
    boolean probe;
    /** Whether the attempt is on record. */
    boolean begun;
    /** Whether the call was let through. */
    boolean calling;
    /** Whether its outcome is in. */
    boolean reported;

    Turn(Lease lease) {
        this.lease = lease;
    }
}
