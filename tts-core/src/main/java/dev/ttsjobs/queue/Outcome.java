package dev.ttsjobs.queue;

import dev.ttsjobs.audio.AudioFacts;
import dev.ttsjobs.failure.Failure;
import java.time.Duration;
import java.util.Objects;

/** How a worker's turn with a clip ended. */
public sealed interface Outcome {

    Lease lease();

    /**
     * The audio is stored, durably, under the clip's name.
     *
     * @param paid whether a provider was called for it in this turn, or an earlier turn left it unrecorded
     */
    record Made(Lease lease, AudioFacts facts, boolean paid) implements Outcome {

        public Made {
            Objects.requireNonNull(lease, "lease");
            Objects.requireNonNull(facts, "facts");
        }
    }

    /** It is given up: every job that wants it is told why. */
    record GivenUp(Lease lease, Failure failure) implements Outcome {

        public GivenUp {
            Objects.requireNonNull(lease, "lease");
            Objects.requireNonNull(failure, "failure");
        }
    }

    /**
     * It goes back into the queue after a failure.
     *
     * @param delay how long it rests first; zero or more
     */
    record Again(Lease lease, Failure failure, Duration delay) implements Outcome {

        public Again {
            Objects.requireNonNull(lease, "lease");
            Objects.requireNonNull(failure, "failure");
            Objects.requireNonNull(delay, "delay");
        }
    }

    /** It goes back into the queue untouched: nothing was sent for it, and any attempt on record is taken back. */
    record Released(Lease lease) implements Outcome {

        public Released {
            Objects.requireNonNull(lease, "lease");
        }
    }
}
