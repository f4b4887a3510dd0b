package dev.ttsjobs.queue.jdbc;

import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.queue.ClipQueue.Outcome;
import dev.ttsjobs.queue.Lease;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/** Clips that are made in the place of others. Clips are written first, then locked in order, and jobs after them, as everywhere. */
final class Substitutes {

    private final Sql sql;
    private final ClipRows clips;
    private final Wanting wanting;
    private final Refusals refusals;

    Substitutes(Sql sql, ClipRows clips, Wanting wanting, Refusals refusals) {
        this.sql = sql;
        this.clips = clips;
        this.wanting = wanting;
        this.refusals = refusals;
    }

    /** @param own the numbers of the leased clips */
    Set<Lease> take(Handle handle, Map<Lease, Clip> others, Map<ClipKey, Long> own) {
        Map<ClipKey, Long> numbers =
                new HashMap<>(clips.add(handle, others.values()).byKey());
        numbers.putAll(own);
        Map<Long, StateRow> rows = StateRow.lock(handle, sql, numbers.values());
        Set<Long> parts = new HashSet<>(sql.query(handle, "parentNumbers", "clips", own.values())
                .map((row, context) -> row.getLong(1))
                .list());
        Set<Lease> taken = new LinkedHashSet<>();
        others.forEach((lease, other) -> {
            Long number = numbers.get(lease.clip().key());
            StateRow row = number == null ? null : rows.get(number);
            if (row != null
                    && row.isHeldUnder(lease)
                    && row.wanted
                    && lease.clip().parts().isEmpty()
                    && !parts.contains(row.clip)
                    && hold(handle, rows, Objects.requireNonNull(numbers.get(other.key())), lease)) {
                taken.add(lease.instead(other));
            }
        });
        return taken;
    }

    private boolean hold(Handle handle, Map<Long, StateRow> rows, long number, Lease lease) {
        if (!rows.containsKey(number)) {
            StateRow.write(handle, sql, List.of(StateRow.fresh(number)));
            rows.putAll(StateRow.lock(handle, sql, List.of(number)));
        }
        StateRow row = Objects.requireNonNull(rows.get(number));
        if (row.state == StateRow.LEASED || row.state == StateRow.WAITING) {
            return false;
        }
        if (row.state != StateRow.DONE) {
            row.wanted = row.state == StateRow.QUEUED;
            row.state = StateRow.LEASED;
            row.worker = lease.worker().toString();
            row.epoch++;
            StateRow.write(handle, sql, List.of(row));
        }
        return true;
    }

    /** The keys of all clips that outcomes are about. */
    static Set<ClipKey> keys(Collection<Outcome> outcomes) {
        Set<ClipKey> keys = new HashSet<>();
        for (Outcome outcome : outcomes) {
            keys.add(outcome.lease().clip().key());
            keys.add(outcome.lease().target().key());
        }
        return keys;
    }

    /**
     * The outcomes, where clips were made in the place of others, as outcomes of those; others are let go of.
     *
     * @param rows the locked clips, which it changes
     */
    Collection<Outcome> resolve(
            Handle handle,
            Collection<Outcome> outcomes,
            Map<ClipKey, Long> numbers,
            Map<Long, StateRow> rows,
            Instant now) {
        if (outcomes.stream().allMatch(outcome -> outcome.lease().instead() == null)) {
            return outcomes;
        }
        Map<Clip, Outcome> made = new LinkedHashMap<>();
        Map<Long, Long> replaced = new LinkedHashMap<>();
        Set<StateRow> changed = new LinkedHashSet<>();
        List<Outcome> resolved = new ArrayList<>();
        for (Outcome outcome : outcomes) {
            Lease lease = outcome.lease();
            Clip instead = lease.instead();
            Long number = numbers.get(lease.clip().key());
            StateRow own = number == null ? null : rows.get(number);
            if (instead == null || own == null || !own.isHeldUnder(lease)) {
                resolved.add(outcome);
                continue;
            }
            StateRow other =
                    Objects.requireNonNull(rows.get(numbers.get(instead.key())), "it was taken with the lease");
            // Several may share one that is there already: what one of them has taken is not another's to let go of.
            boolean known = other.state == StateRow.DONE || replaced.containsValue(other.clip);
            boolean held = !known
                    && other.state == StateRow.LEASED
                    && lease.worker().toString().equals(other.worker);
            if (outcome instanceof Outcome.Made each && (held || known)) {
                replaced.put(own.clip, other.clip);
                replace(own, other, lease, now);
                changed.addAll(known ? List.of(own) : List.of(own, other));
                Lease others = new Lease(instead, lease.worker(), other.epoch, lease.attempts());
                made.putIfAbsent(instead, new Outcome.Made(others, each.facts(), each.paid() && !known));
                continue;
            }
            if (held) {
                other.putBack(Micros.of(now));
                changed.add(other);
            }
            // What was made is no longer held, and may be forgotten by now: it is looked for anew.
            resolved.add(outcome instanceof Outcome.Made ? new Outcome.Released(lease) : outcome);
        }
        StateRow.write(handle, sql, changed);
        redirect(handle, replaced);
        resolved.addAll(made.values());
        return resolved;
    }

    private static void replace(StateRow own, StateRow other, Lease lease, Instant now) {
        other.state = StateRow.LEASED;
        other.worker = lease.worker().toString();
        other.payer = own.payer;
        other.attempts = own.attempts;
        own.attempts = lease.attempts();
        own.payer = null;
        own.putBack(Micros.of(now));
    }

    /** What waits for some clips waits for others, which are to be settled as made. */
    private void redirect(Handle handle, Map<Long, Long> replaced) {
        if (replaced.isEmpty()) {
            return;
        }
        Rows moved = new Rows(sql, handle, "moveSide");
        sql.query(handle, "openSides", "clips", replaced.keySet())
                .map((row, context) -> new long[] {row.getLong(1), row.getLong(2), row.getLong(4)})
                .list()
                .forEach(side -> moved.number("phrase", side[0])
                        .number("ordinal", side[1])
                        .number("clip", replaced.get(side[2]))
                        .add());
        moved.write();
        refusals.ended(handle, replaced.keySet());
        wanting.dropUnwanted(handle, replaced.keySet());
    }
}
