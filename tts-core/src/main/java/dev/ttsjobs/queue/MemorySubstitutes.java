package dev.ttsjobs.queue;

import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.queue.ClipQueue.Outcome;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Clips of the in-memory queue that are made in the place of others. */
final class MemorySubstitutes {

    private final MemoryTables tables;
    private final MemoryWanting wanting;

    MemorySubstitutes(MemoryTables tables, MemoryWanting wanting) {
        this.tables = tables;
        this.wanting = wanting;
    }

    Set<Lease> take(Map<Lease, Clip> others) {
        Set<Lease> taken = new LinkedHashSet<>();
        others.forEach((lease, other) -> {
            MemoryClip own = tables.clip(lease.clip().key());
            MemoryClip row = tables.clips.get(other.key());
            if (own.isHeldUnder(lease) && mayBeReplaced(own) && isFree(row)) {
                wanting.enter(List.of(other));
                hold(tables.clip(other.key()), lease.worker());
                taken.add(lease.instead(other));
            }
        });
        return taken;
    }

    private static boolean mayBeReplaced(MemoryClip own) {
        return own.wanted && own.clip.parts().isEmpty() && own.parents.stream().noneMatch(MemoryClip::isLiving);
    }

    private static boolean isFree(@Nullable MemoryClip row) {
        return row == null || (row.state != ClipState.LEASED && row.state != ClipState.WAITING);
    }

    private static void hold(MemoryClip row, WorkerId worker) {
        if (row.state == ClipState.DONE) {
            return;
        }
        row.wanted = row.state == ClipState.QUEUED;
        row.state = ClipState.LEASED;
        row.worker = worker;
        row.epoch++;
    }

    /** The outcomes, where clips were made in the place of others, as outcomes of those; others are let go of. */
    List<Outcome> resolve(Collection<Outcome> outcomes) {
        Map<Clip, Outcome> made = new LinkedHashMap<>();
        List<Outcome> resolved = new ArrayList<>();
        for (Outcome outcome : outcomes) {
            Lease lease = outcome.lease();
            Clip instead = lease.instead();
            MemoryClip own = tables.clip(lease.clip().key());
            if (instead == null || !own.isHeldUnder(lease)) {
                resolved.add(outcome);
                continue;
            }
            MemoryClip other = tables.clip(instead.key());
            // Several may share one that is there already: what one of them has taken is not another's to let go of.
            boolean known = other.state == ClipState.DONE || made.containsKey(instead);
            boolean held =
                    !known && other.state == ClipState.LEASED && lease.worker().equals(other.worker);
            if (outcome instanceof Outcome.Made each && (held || known)) {
                replace(own, other, lease);
                Lease others = new Lease(other.clip, lease.worker(), other.epoch, lease.attempts());
                made.putIfAbsent(instead, new Outcome.Made(others, each.facts(), each.paid() && !known));
                continue;
            }
            if (held) {
                other.putBack(tables.clock.instant());
            }
            // What was made is no longer held, and may be forgotten by now: it is looked for anew.
            resolved.add(outcome instanceof Outcome.Made ? new Outcome.Released(lease) : outcome);
        }
        resolved.addAll(made.values());
        return resolved;
    }

    /** What waits for the leased clip waits for the other one, which is to be settled as made. */
    private void replace(MemoryClip own, MemoryClip other, Lease lease) {
        tables.jobs.values().stream()
                .filter(MemoryJob::isLiving)
                .forEach(job -> job.redirect(own.clip.key(), other.clip.key()));
        other.state = ClipState.LEASED;
        other.worker = lease.worker();
        other.payer = own.payer;
        other.attempts = own.attempts;
        own.attempts = lease.attempts();
        own.payer = null;
        own.putBack(tables.clock.instant());
        wanting.dropIfUnwanted(own);
    }
}
