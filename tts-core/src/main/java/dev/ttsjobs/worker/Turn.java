package dev.ttsjobs.worker;

import dev.ttsjobs.queue.Lease;
import dev.ttsjobs.speech.SpeechSynthesizer.CallHandle;
import java.time.Instant;
import java.util.concurrent.locks.Condition;
import org.jspecify.annotations.Nullable;

/** A clip in the worker's hands. Fields other than the first two belong to the hand and its lock. */
final class Turn {

    final Lease lease;
    final CallHandle handle = new CallHandle();

    /** Where its thread waits to be let through. */
    final Condition told;

    /** When to send, once reserved. */
    @Nullable
    Instant slot;
    /** Whether its slot is for finding out whether a paused account works again. */
    boolean probe;
    /** Whether the attempt is on record. */
    boolean begun;
    /** Whether the call was let through. */
    boolean calling;
    /** Whether the call must not be made. */
    boolean refused;
    /** Whether its outcome is in. */
    boolean reported;

    Turn(Lease lease, Condition told) {
        this.lease = lease;
        this.told = told;
    }

    /** Whether no attempt of an earlier turn is on record. */
    boolean isFirstTry() {
        return lease.attempts() == 0;
    }

    /** Whether its call is yet to be made. */
    boolean isUncalled() {
        return !calling && !reported;
    }

    /** Whether its call is yet to be made, in the slot that it has. */
    boolean isAhead() {
        return slot != null && isUncalled();
    }

    /** Whether its attempt is on record, and what came of it is not in. */
    boolean isUnderWay() {
        return begun && !reported;
    }
}
