package dev.ttsjobs.simulation;

import dev.ttsjobs.audio.AudioFacts;
import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.queue.ClipQueue.Outcome;
import dev.ttsjobs.queue.ClipQueue.Settlement;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import dev.ttsjobs.queue.Lease;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Who may do what with which clip, kept beside the queue and compared with every answer of it. */
final class LeaseWatch {

    private final World world;
    private final Map<WorkerId, Life> workers = new LinkedHashMap<>();
    private final Map<ClipKey, Lease> held = new LinkedHashMap<>();
    private final Map<ClipKey, Long> epochs = new HashMap<>();
    private final Map<ClipKey, Integer> attempts = new HashMap<>();
    /** Clips that somebody asked for anew, so that their attempts may have begun again. */
    private final Set<ClipKey> renewed = new HashSet<>();

    private final Map<Lease, Instant> claimedAt = new HashMap<>();
    private final Set<ClipKey> done = new HashSet<>();
    /** Clips that are held along with the leases in whose clips' place they are made. */
    private final Map<ClipKey, Lease> heldAlong = new LinkedHashMap<>();

    private int substitutes;
    private int paid;
    private int takenOver;

    LeaseWatch(World world) {
        this.world = world;
    }

    private static final class Life {
        final Instant until;
        Instant foundDeadAt;

        Life(Instant until) {
            this.until = until;
        }
    }

    boolean isDone(ClipKey key) {
        return done.contains(key);
    }

    boolean isHeldUnder(Lease lease) {
        return lease.equals(held.get(lease.clip().key()));
    }

    Set<ClipKey> held() {
        return held.keySet();
    }

    /** How many clips were settled as paid for. */
    int paid() {
        return paid;
    }

    /** How many clips were made in the place of others. */
    int substitutes() {
        return substitutes;
    }

    /** How many leases were taken from workers. */
    int takenOver() {
        return takenOver;
    }

    void renewed(Collection<ClipKey> keys) {
        renewed.addAll(keys);
        world.calls.renewed(keys);
    }

    void beaten(WorkerId worker, Duration lease) {
        workers.put(worker, new Life(world.now().plus(lease)));
    }

    void left(WorkerId worker) {
        heldAlong.values().removeIf(lease -> lease.worker().equals(worker));
        for (Lease lease : heldBy(worker)) {
            held.remove(lease.clip().key());
            world.calls.givenBack(lease);
        }
        workers.remove(worker);
    }

    /** A worker's clips are taken from it when two looks, so far apart, have found its lease run out; never else. */
    void rescued(Duration apart, int count) {
        Instant now = world.now();
        int expected = 0;
        // A worker that was taken off, and claimed after it, is entered as one that is late.
        held.values().forEach(lease -> workers.computeIfAbsent(lease.worker(), unknown -> new Life(now)));
        for (WorkerId worker : List.copyOf(workers.keySet())) {
            Life life = workers.get(worker);
            if (life.until.isAfter(now)) {
                continue;
            }
            if (life.foundDeadAt == null) {
                life.foundDeadAt = now;
            } else if (!life.foundDeadAt.plus(apart).isAfter(now)) {
                List<Lease> lost = heldBy(worker);
                lost.forEach(lease -> held.remove(lease.clip().key()));
                lost.forEach(world.calls::takenOver);
                workers.remove(worker);
                int before = heldAlong.size();
                heldAlong.values().removeIf(lease -> lease.worker().equals(worker));
                expected += lost.size() + before - heldAlong.size();
            }
        }
        takenOver += expected;
        int rightly = expected;
        Violation.unless(count == rightly, () -> "rescued " + count + " clips instead of " + rightly);
    }

    private List<Lease> heldBy(WorkerId worker) {
        return held.values().stream()
                .filter(lease -> lease.worker().equals(worker))
                .toList();
    }

    void claimed(WorkerId worker, int max, List<Lease> leases) {
        Violation.unless(leases.size() <= max, () -> "claimed more than was asked for");
        for (Lease lease : leases) {
            ClipKey key = lease.clip().key();
            Violation.unless(lease.worker().equals(worker), () -> "another worker's lease was given");
            Violation.unless(!done.contains(key), () -> "claimed though it is done: " + Trace.show(lease));
            Violation.unless(!held.containsKey(key), () -> "leased twice: " + Trace.show(lease));
            Violation.unless(
                    lease.epoch() > epochs.getOrDefault(key, 0L), () -> "the epoch went back: " + Trace.show(lease));
            Violation.unless(world.jobs.wants(key), () -> "claimed though nobody wants it: " + Trace.show(lease));
            int expected = attempts.getOrDefault(key, 0);
            Violation.unless(
                    lease.attempts() == expected || (lease.attempts() == 0 && renewed.contains(key)),
                    () -> expected + " attempts are on record, not as in: " + Trace.show(lease));
            renewed.remove(key);
            attempts.put(key, lease.attempts());
            epochs.put(key, lease.epoch());
            held.put(key, lease);
            claimedAt.put(lease, world.now());
        }
        if (!leases.isEmpty()) {
            world.jobs.check();
        }
    }

    void substituted(Collection<Lease> asked, Set<Lease> taken) {
        for (Lease lease : taken) {
            ClipKey key = lease.clip().key();
            Lease own = held.get(key);
            Violation.unless(
                    own != null
                            && asked.contains(own)
                            && own.instead(lease.target()).equals(lease),
                    () -> "in the place of a clip that is not held: " + Trace.show(lease));
            Violation.unless(
                    heldAlong.get(lease.target().key()) == null,
                    () -> "another makes it already: " + Trace.show(lease));
            if (!done.contains(lease.target().key())) {
                heldAlong.put(lease.target().key(), lease);
            }
            held.put(key, lease);
            claimedAt.put(lease, claimedAt.get(own));
        }
    }

    Instant claimedAt(Lease lease) {
        return claimedAt.get(lease);
    }

    void begun(Effects caller, Collection<Lease> asked, Set<Lease> granted) {
        Violation.unless(asked.containsAll(granted), () -> "more calls were let through than asked for");
        for (Lease lease : asked) {
            ClipKey key = lease.clip().key();
            boolean rightly = isHeldUnder(lease) && world.jobs.wants(key);
            Violation.unless(
                    granted.contains(lease) == rightly,
                    () -> "the call " + (rightly ? "should" : "should not") + " be let through: " + Trace.show(lease));
            if (rightly) {
                attempts.merge(key, 1, Integer::sum);
            }
        }
        world.calls.begun(caller, granted);
    }

    void settled(Collection<Outcome> outcomes, Settlement settlement) {
        Set<Lease> lost = new HashSet<>();
        List<Outcome> effective = new ArrayList<>();
        for (Outcome outcome : outcomes) {
            if (isHeldUnder(outcome.lease())) {
                effective.add(outcome);
                held.remove(outcome.lease().clip().key());
                heldAlong.values().remove(outcome.lease());
            } else {
                lost.add(outcome.lease());
            }
        }
        Violation.unless(
                settlement.lost().equals(lost),
                () -> "lost are " + Trace.show(lost) + ", not " + Trace.show(settlement.lost()));
        effective.forEach(this::settle);
        world.jobs.check();
    }

    private void settle(Outcome outcome) {
        Lease lease = outcome.lease();
        ClipKey key = lease.clip().key();
        if (outcome instanceof Outcome.Made made) {
            boolean isNew = done.add(lease.target().key());
            requireStored(made);
            if (made.paid() && lease.clip().parts().isEmpty() && isNew) {
                paid++;
            }
            if (lease.instead() != null) {
                substitutes++;
                attempts.put(key, lease.attempts());
            }
            world.calls.made(made);
        } else if (outcome instanceof Outcome.Again again) {
            if (!again.failure().kind().costsAttempt()) {
                attempts.put(key, lease.attempts());
            }
        } else if (outcome instanceof Outcome.Released) {
            attempts.put(key, lease.attempts());
        }
    }

    private void requireStored(Outcome.Made made) {
        AudioFacts stored = world.files.facts(made.lease().target());
        Violation.unless(
                made.facts().equals(stored),
                () -> "done as " + made.facts() + ", but stored is " + stored + ": " + Trace.show(made));
    }
}
