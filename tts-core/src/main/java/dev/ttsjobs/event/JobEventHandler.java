package dev.ttsjobs.event;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * Is told of the end of every job, at least once, however often processes die: from the outbox that was written with the
 * end itself. Events of one job come in order; one that fails is delivered again after growing pauses, for a day, and
 * then kept as a dead letter that can be replayed. Handlers must bear the same event twice ({@link JobEvent#id} tells) and
 * be thread-safe.
 */
public interface JobEventHandler {

    /**
     * The name under which the queue remembers what was delivered to this handler: the same for ever and in every
     * process, 1 to 40 of {@code a-z 0-9 -}.
     */
    String name();

    /**
     * Takes an event; it counts as delivered once this returns.
     *
     * @throws Undelivered when it was not taken, to say when or whether it is to be tried again
     * @throws Exception whatever else happens: it is tried again after the usual pause
     */
    void handle(JobEvent event) throws Exception;

    /** Says that an event was not taken, and what is to become of it. */
    final class Undelivered extends Exception {

        private static final long serialVersionUID = 1L;

        private final transient Duration pause;
        private final boolean forGood;

        private Undelivered(String message, Duration pause, boolean forGood) {
            super(message);
            this.pause = Objects.requireNonNull(pause, "pause");
            this.forGood = forGood;
        }

        /** It is to be tried again after the usual pause. */
        public static Undelivered again(String message) {
            return new Undelivered(message, Duration.ZERO, false);
        }

        /** It is to be tried again after this pause, or the usual one if that is longer. */
        public static Undelivered againAfter(String message, Duration pause) {
            return new Undelivered(message, pause, false);
        }

        /** It is not to be tried again: a dead letter at once. */
        public static Undelivered forGood(String message) {
            return new Undelivered(message, Duration.ZERO, true);
        }

        /** The pause that was asked for; empty for the usual one. */
        public Optional<Duration> pause() {
            return pause.isZero() ? Optional.empty() : Optional.of(pause);
        }

        public boolean isForGood() {
            return forGood;
        }
    }
}
