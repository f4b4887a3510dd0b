package dev.ttsjobs.queue.jdbc;

import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.queue.ClipQueue.Beat;
import dev.ttsjobs.queue.ClipQueue.Outcome;
import dev.ttsjobs.queue.ClipQueue.Settlement;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import dev.ttsjobs.queue.Lease;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The transactions in which workers take clips in hand, keep them, settle them, and have them taken back. Thread-safe. */
final class Hands {

    /** How often clips are claimed in the place of those that cannot be read, before others have their turn. */
    private static final int LOOKS = 100;

    private final Database database;
    private final ClipRows clips;
    private final Leases leases;
    private final Settles settles;
    private final Substitutes substitutes;
    private final Refusals refusals;
    private final UnreadableClips unreadables;
    private final Wakes wakes;
    /** The numbers of clips in this process's hands, so that they need not be looked up again. */
    private final Map<ClipKey, Long> held = new ConcurrentHashMap<>();

    Hands(
            Database database,
            ClipRows clips,
            Leases leases,
            Settles settles,
            Substitutes substitutes,
            Refusals refusals,
            UnreadableClips unreadables,
            Wakes wakes) {
        this.database = database;
        this.clips = clips;
        this.leases = leases;
        this.settles = settles;
        this.substitutes = substitutes;
        this.refusals = refusals;
        this.unreadables = unreadables;
        this.wakes = wakes;
    }

    Beat beat(WorkerId worker, Duration lease) {
        return database.aside(() -> {
            Beat beat = database.write(handle -> leases.beat(handle, worker, lease, database.now()));
            database.sampleTime();
            return beat;
        });
    }

    void waits(WorkerId worker, @Nullable Failure what) {
        database.aside(() -> database.write(handle -> leases.waits(handle, worker, what, database.now())));
    }

    void leave(WorkerId worker) {
        int back = database.write(handle -> {
            int held = leases.leave(handle, worker, database.now());
            if (held > 0) {
                wakes.othersForWork(handle);
            }
            return held;
        });
        if (back > 0) {
            wakes.forWork();
        }
    }

    List<Lease> claim(WorkerId worker, int max) {
        List<Lease> leases = new ArrayList<>();
        for (int look = 0; look < LOOKS && leases.size() < max; look++) {
            Claim claim = claimNext(worker, max - leases.size());
            leases.addAll(claim.leases);
            if (claim.unreadable.isEmpty()) {
                break;
            }
            // Out of the way, they leave room for what is behind them.
            leases.addAll(setAside(worker, claim.unreadable));
        }
        return leases;
    }

    private record Claim(List<Lease> leases, List<ClipRows.Claimed> unreadable) {}

    private Claim claimNext(WorkerId worker, int max) {
        // What is read after the one statement that writes cannot undo it: a claim whose answer is lost is given back
        // later.
        return database.writeAtOnce(handle -> {
            List<ClipRows.Claimed> claimed = leases.claim(handle, worker, max, database.now());
            Map<Long, Failure> verdicts = refusals.verdicts(
                    handle, claimed.stream().map(ClipRows.Claimed::number).toList());
            List<Lease> readable = new ArrayList<>(claimed.size());
            List<ClipRows.Claimed> unreadable = new ArrayList<>();
            for (ClipRows.Claimed each : claimed) {
                if (each.trouble() == null) {
                    held.put(each.clip().key(), each.number());
                    Failure verdict = verdicts.get(each.number());
                    readable.add(new Lease(each.clip(), worker, each.epoch(), each.attempts(), verdict, null));
                } else {
                    unreadable.add(each);
                }
            }
            return new Claim(readable, unreadable);
        });
    }

    /** Gives leases for those that are to be given up. */
    private List<Lease> setAside(WorkerId worker, List<ClipRows.Claimed> claimed) {
        List<Lease> givenUp = database.write(handle -> unreadables.setAside(handle, worker, claimed, database.now()));
        Set<ClipKey> keys = givenUp.stream().map(lease -> lease.clip().key()).collect(Collectors.toSet());
        for (ClipRows.Claimed each : claimed) {
            if (keys.contains(each.clip().key())) {
                held.put(each.clip().key(), each.number());
                refusals.take(each.number());
            } else {
                refusals.letGo(each.number());
            }
        }
        return givenUp;
    }

    Set<Lease> substitute(Map<Lease, Clip> others) {
        if (others.isEmpty()) {
            return Set.of();
        }
        List<ClipKey> keys =
                others.keySet().stream().map(lease -> lease.clip().key()).toList();
        return database.write(handle -> substitutes.take(handle, others, numbers(handle, keys)));
    }

    Set<Lease> begin(Collection<Lease> some) {
        if (some.isEmpty()) {
            return Set.of();
        }
        return database.writeAtOnce(handle -> leases.begin(
                handle,
                some,
                numbers(handle, some.stream().map(lease -> lease.clip().key()).toList())));
    }

    Settlement settle(Collection<Outcome> outcomes) {
        if (outcomes.isEmpty()) {
            return new Settlement(Set.of(), Set.of(), Set.of());
        }
        Settles.Settled settled = settle(List.copyOf(outcomes));
        if (settled.queued()) {
            wakes.forWork();
        }
        return settled.settlement();
    }

    /** Settles a group, and where the host's hook keeps it from ending, its halves, until the one that it is about is alone. */
    private Settles.Settled settle(List<Outcome> outcomes) {
        Settles.Settled settled;
        try {
            settled = database.write(handle ->
                    settles.settle(handle, outcomes, numbers(handle, Substitutes.keys(outcomes)), database.now()));
        } catch (QueueException e) {
            if (!Database.isRefused(e)) {
                throw e;
            }
            int half = outcomes.size() / 2;
            if (half > 0) {
                return settle(outcomes.subList(0, half)).plus(settle(outcomes.subList(half, outcomes.size())));
            }
            settled = database.write(handle -> settles.refuse(
                    handle, outcomes.get(0), numbers(handle, Substitutes.keys(outcomes)), e, database.now()));
        }
        outcomes.stream()
                .map(outcome -> held.remove(outcome.lease().clip().key()))
                .filter(Objects::nonNull)
                .forEach(refusals::letGo);
        return settled;
    }

    private Map<ClipKey, Long> numbers(Handle handle, Collection<ClipKey> keys) {
        Map<ClipKey, Long> numbers = new HashMap<>();
        for (ClipKey key : keys) {
            Long number = held.get(key);
            if (number != null) {
                numbers.put(key, number);
            }
        }
        Set<ClipKey> unknown =
                keys.stream().filter(key -> !numbers.containsKey(key)).collect(Collectors.toSet());
        numbers.putAll(clips.numbers(handle, unknown));
        return numbers;
    }

    /** Makes everything due that rests. */
    void rouse(Handle handle) {
        leases.rouse(handle, database.now());
    }

    int rescue(Duration apart) {
        return database.aside(() -> rescueAll(apart));
    }

    private int rescueAll(Duration apart) {
        Map<String, Leases.Lateness> late = database.read(handle -> leases.late(handle, database.now()));
        if (!late.isEmpty()) {
            // Before anybody is called dead: this machine's clock may have been put right since it was last compared.
            database.sampleTime();
        }
        int rescued = 0;
        QueueException trouble = null;
        // Worker by worker, so that one that cannot be buried keeps nobody else from it.
        for (Map.Entry<String, Leases.Lateness> worker : late.entrySet()) {
            try {
                rescued += database.write(handle -> {
                    int back = leases.rescue(handle, worker.getKey(), worker.getValue(), apart, database.now());
                    if (back > 0) {
                        wakes.othersForWork(handle);
                    }
                    return back;
                });
            } catch (QueueException e) {
                trouble = e;
            }
        }
        if (rescued > 0) {
            wakes.forWork();
        }
        if (trouble != null) {
            throw trouble;
        }
        return rescued;
    }
}
