package dev.ttsjobs.queue;

import dev.ttsjobs.event.JobEvent;
import dev.ttsjobs.job.JobId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The outbox: the ends of jobs, on their way to the handlers that are to be told. An end is written in the transaction
 * that ends the job, once for each handler that is known by then. Implementations are thread-safe.
 *
 * <p>Deliveries to one handler come in order within a job: a later end waits until the earlier one is delivered or dead.
 * Those of other jobs do not wait for it.
 */
public interface EventQueue {

    /**
     * Makes a handler known: it gets the events of all jobs that end from now on, in whatever process, whether it runs or
     * not. Does nothing when it is known already.
     *
     * @param handler 1 to 40 of {@code a-z 0-9 -}
     * @throws IllegalArgumentException when it is no such name
     */
    void subscribe(String handler);

    /**
     * Lets a handler go, with its deliveries: nothing more is kept for it.
     *
     * @return false when it was not known
     */
    boolean unsubscribe(String handler);

    /**
     * Takes the next due deliveries for a handler, which are then out of the way of everybody else for as long as the lease
     * lasts. Each taking counts as an attempt, so that an event that kills its process is seen to do so.
     *
     * @param max at most how many, 1 or more
     */
    Batch take(String handler, int max, Duration lease);

    /** The handler has it. @return false when the lease was lost, which is no error: it may be delivered once more */
    boolean delivered(Delivery delivery);

    /** It is due again after the pause. @return false when the lease was lost */
    boolean again(Delivery delivery, String error, Duration pause);

    /** It is not tried any more, until it is replayed. @return false when the lease was lost */
    boolean dead(Delivery delivery, String error);

    /** All deliveries of a job to all handlers, oldest event first; empty when there are none, or no such job. */
    List<Delivery> deliveries(JobId job);

    /** The dead letters of a handler, oldest first. */
    List<Delivery> deadLetters(String handler, int limit);

    /**
     * Delivers a dead letter, or an event that was delivered already, once more: it is due at once and has all its attempts
     * again.
     *
     * @param event the event's id
     * @return false when there is no such delivery, or it is on its way anyway
     */
    boolean replay(JobId job, String handler, String event);

    /** Has {@code wake} called, from any thread, when there may be something to take. Signals may be late, doubled or lost. */
    ClipQueue.Signal onEvent(Runnable wake);

    /** Where a delivery stands. */
    enum DeliveryState {
        WAITING,
        DELIVERED,
        DEAD
    }

    /**
     * One event on its way to one handler. Immutable and thread-safe.
     *
     * @param handler whom it is for
     * @param event what happened
     * @param state where it stands
     * @param attempts how often it was taken, this time included
     * @param epoch grows with each taking and replay: the right to say what became of it
     * @param lastError what went wrong last; null while nothing did
     * @param nextTry when it may be taken next; null when it is delivered or dead
     */
    record Delivery(
            String handler,
            JobEvent event,
            DeliveryState state,
            int attempts,
            long epoch,
            @Nullable String lastError,
            @Nullable Instant nextTry) {

        private static final Pattern NAME = Pattern.compile("[a-z0-9-]{1,40}");
        private static final int LONGEST_ERROR = 600;

        public Delivery {
            Objects.requireNonNull(handler, "handler");
            Objects.requireNonNull(event, "event");
            Objects.requireNonNull(state, "state");
        }

        /**
         * The name, if it can be a handler's.
         *
         * @throws IllegalArgumentException when it cannot
         */
        public static String requireName(String handler) {
            if (!NAME.matcher(handler).matches()) {
                throw new IllegalArgumentException("a handler's name is 1 to 40 of a-z, 0-9 and -");
            }
            return handler;
        }

        /** The error as it is kept: on one line, at most 600 characters. */
        public static String errorLine(String error) {
            String line = error.replaceAll("[\\p{Cntrl}\\p{Cs}]", " ");
            return line.length() <= LONGEST_ERROR ? line : line.substring(0, LONGEST_ERROR);
        }
    }

    /**
     * What was taken.
     *
     * @param deliveries in the order in which they fell due
     * @param next how long until the next one falls due that is not due now; empty when none waits
     */
    record Batch(List<Delivery> deliveries, Optional<Duration> next) {

        public Batch {
            deliveries = List.copyOf(deliveries);
        }
    }
}
