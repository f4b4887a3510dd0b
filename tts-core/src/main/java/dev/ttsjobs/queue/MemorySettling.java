package dev.ttsjobs.queue;

import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.Usage;
import dev.ttsjobs.queue.ClipQueue.Outcome;
import dev.ttsjobs.queue.ClipQueue.Settlement;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;

/** Records outcomes as a group in the in-memory queue. */
final class MemorySettling {

    private final MemoryTables tables;
    private final MemoryWanting wanting;

    MemorySettling(MemoryTables tables, MemoryWanting wanting) {
        this.tables = tables;
        this.wanting = wanting;
    }

    Settlement settle(Collection<Outcome> outcomes, boolean[] queued) {
        Instant now = tables.clock.instant();
        Set<Lease> lost = new LinkedHashSet<>();
        Set<MemoryJob> touched = new LinkedHashSet<>();
        Set<MemoryJob> billed = new LinkedHashSet<>();
        Set<MemoryClip> failedWholes = new LinkedHashSet<>();
        for (Outcome outcome : outcomes) {
            MemoryClip clip = tables.clip(outcome.lease().clip().key());
            if (!clip.isHeldUnder(outcome.lease())) {
                lost.add(outcome.lease());
            } else if (outcome instanceof Outcome.Made made) {
                queued[0] |= made(clip, made, touched, billed, now);
            } else if (outcome instanceof Outcome.GivenUp givenUp) {
                giveUp(clip, givenUp.failure(), touched, failedWholes);
            } else if (outcome instanceof Outcome.Again again) {
                boolean costs = again.failure().kind().costsAttempt();
                clip.attempts = costs ? clip.attempts : again.lease().attempts();
                clip.failure = again.failure();
                clip.putBack(now.plus(again.delay()));
            } else if (outcome instanceof Outcome.Released released) {
                clip.attempts = released.lease().attempts();
                clip.putBack(now.plus(released.rest()));
            }
        }
        Set<JobId> changed = new LinkedHashSet<>();
        Set<JobId> ended = new LinkedHashSet<>();
        for (MemoryJob job : touched) {
            changed.add(job.id());
            if (tables.progress(job, now)) {
                ended.add(job.id());
            }
        }
        billed.stream().filter(job -> !touched.contains(job)).forEach(job -> job.version++);
        failedWholes.forEach(
                whole -> whole.clip.parts().forEach(part -> wanting.dropIfUnwanted(tables.clip(part.key()))));
        return new Settlement(lost, changed, ended);
    }

    private boolean made(
            MemoryClip clip, Outcome.Made outcome, Set<MemoryJob> touched, Set<MemoryJob> billed, Instant now) {
        clip.state = ClipState.DONE;
        clip.worker = null;
        clip.facts = outcome.facts();
        clip.madeAt = now;
        clip.failure = null;
        MemoryJob payer = clip.payer == null ? null : tables.jobs.get(clip.payer);
        boolean isPaid = outcome.paid() && clip.clip.parts().isEmpty();
        if (isPaid && payer != null) {
            payer.usage = payer.usage.plus(Usage.bought(
                    clip.clip.characters(), clip.attempts, outcome.facts().duration()));
            billed.add(payer);
        }
        for (MemoryJob job : tables.jobs.values()) {
            boolean pays = job == payer && (isPaid || !clip.clip.parts().isEmpty());
            MemoryJob.SideState state = pays ? MemoryJob.SideState.MADE : MemoryJob.SideState.CACHED;
            if (job.isLiving() && job.end(clip.clip.key(), state, null)) {
                touched.add(job);
            }
        }
        boolean queued = false;
        for (MemoryClip parent : clip.parents) {
            if (parent.state == ClipState.WAITING && !tables.partsMissing(parent)) {
                parent.state = ClipState.QUEUED;
                parent.due = now;
                queued = true;
            }
        }
        return queued;
    }

    private void giveUp(MemoryClip clip, Failure failure, Set<MemoryJob> touched, Set<MemoryClip> failedWholes) {
        clip.state = ClipState.FAILED;
        clip.worker = null;
        clip.failure = failure;
        for (MemoryJob job : tables.jobs.values()) {
            if (job.isLiving() && job.end(clip.clip.key(), MemoryJob.SideState.FAILED, failure)) {
                touched.add(job);
            }
        }
        for (MemoryClip parent : clip.parents) {
            if (parent.state == ClipState.WAITING) {
                giveUp(parent, failure, touched, failedWholes);
                failedWholes.add(parent);
            }
        }
    }
}
