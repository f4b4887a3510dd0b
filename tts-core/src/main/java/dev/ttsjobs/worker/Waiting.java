package dev.ttsjobs.worker;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Turns that wait for the desk, in the order in which they came: for a slot, or for their attempt to be put on record.
 * Belongs to the hand and its lock.
 */
final class Waiting {

    private final WorkerSettings settings;
    private final List<Turn> turns = new ArrayList<>();

    Waiting(WorkerSettings settings) {
        this.settings = settings;
    }

    void add(Turn turn) {
        turns.add(turn);
    }

    void remove(Turn turn) {
        turns.remove(turn);
    }

    void removeAll(Collection<Turn> some) {
        turns.removeAll(some);
    }

    boolean isEmpty() {
        return turns.isEmpty();
    }

    List<Turn> that(Predicate<Turn> which) {
        return turns.stream().filter(which).toList();
    }

    /** Forgets the slots of some: they ask anew. */
    void dropSlots(Predicate<Instant> which) {
        for (Turn turn : turns) {
            Instant slot = turn.slot;
            if (slot != null && which.test(slot)) {
                turn.slot = null;
            }
        }
    }

    /**
     * What is to be put on record.
     *
     * @param now whose attempts
     * @param next when others follow; null when something else has to happen first
     */
    record Due(List<Turn> now, @Nullable Instant next) {}

    /**
     * Those whose attempts are to be put on record now, shortly before their slots. Whoever dies in between leaves a call on
     * record that was not made: so that a clip is not given up for such ones, what was tried before waits for its slot, and
     * for one of the calls at once, before it is put on record.
     *
     * @param begun how many attempts are on record whose outcome is not in
     */
    Due due(Instant now, int begun) {
        List<Turn> some = new ArrayList<>();
        Instant next = null;
        for (Turn turn : turns) {
            Instant at = beginAt(turn);
            if (at == null) {
                continue;
            }
            boolean room = begun + some.size() < mostBegun(turn);
            if (at.isAfter(now)) {
                next = room && (next == null || at.isBefore(next)) ? at : next;
            } else if (room) {
                some.add(turn);
            } else {
                // Nobody overtakes: otherwise those that are tried for the first time would leave it no room.
                break;
            }
        }
        return new Due(some, next);
    }

    private int mostBegun(Turn turn) {
        return turn.isFirstTry() ? settings.begun() : settings.concurrency();
    }

    /** When a turn's attempt is to be put on record; null while it has no slot. */
    private @Nullable Instant beginAt(Turn turn) {
        Instant slot = turn.slot;
        return slot == null || !turn.isFirstTry() ? slot : slot.minus(settings.recordedAhead());
    }
}
