package dev.ttsjobs.queue;

import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.queue.ClipQueue.Beat;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Who has which clip of the in-memory queue, and until when. */
final class MemoryLeases {

    private final MemoryTables tables;
    private final Map<WorkerId, MemoryWorker> workers = new HashMap<>();

    MemoryLeases(MemoryTables tables) {
        this.tables = tables;
    }

    private static final class MemoryWorker {
        final Instant until;

        @Nullable
        Instant foundDeadAt;

        Job.@Nullable WaitingFor waits;

        MemoryWorker(Instant until) {
            this.until = until;
        }
    }

    Beat beat(WorkerId worker, Duration lease) {
        MemoryWorker entered = new MemoryWorker(tables.clock.instant().plus(lease));
        MemoryWorker before = workers.put(worker, entered);
        entered.waits = before == null ? null : before.waits;
        return new Beat(tables.clips.values().stream()
                .filter(clip -> clip.state == ClipState.LEASED && worker.equals(clip.worker) && !clip.wanted)
                .map(clip -> clip.clip.key())
                .collect(Collectors.toSet()));
    }

    void waits(WorkerId worker, @Nullable Failure what) {
        MemoryWorker entered = workers.get(worker);
        if (entered != null) {
            Instant since = entered.waits == null ? tables.clock.instant() : entered.waits.since();
            entered.waits = what == null ? null : new Job.WaitingFor(what, since);
        }
    }

    /** Whether somebody has a clip in hand who waits for nothing but the clip's turn. */
    boolean isAnyAtWork() {
        return tables.clips.values().stream()
                .filter(clip -> clip.state == ClipState.LEASED)
                .map(clip -> workers.get(clip.worker))
                .anyMatch(holder -> holder == null || holder.waits == null);
    }

    /** What workers wait for, but for those that have not been heard of for long. */
    Stream<Job.WaitingFor> waitedFor(Instant heardSince) {
        return workers.values().stream()
                .filter(worker -> worker.until.isAfter(heardSince))
                .flatMap(worker -> Stream.ofNullable(worker.waits));
    }

    void leave(WorkerId worker) {
        takeBack(worker);
        workers.remove(worker);
    }

    /** Makes everything due that rests. */
    void rouse() {
        Instant now = tables.clock.instant();
        tables.clips.values().stream()
                .filter(clip -> clip.state == ClipState.QUEUED && clip.due.isAfter(now))
                .forEach(clip -> clip.due = now);
    }

    private int takeBack(WorkerId worker) {
        List<MemoryClip> held = tables.clips.values().stream()
                .filter(clip -> clip.state == ClipState.LEASED && worker.equals(clip.worker))
                .toList();
        held.forEach(clip -> {
            clip.epoch++;
            clip.putBack(tables.clock.instant());
        });
        return held.size();
    }

    List<Lease> claim(WorkerId worker, int max) {
        Instant now = tables.clock.instant();
        List<MemoryClip> next = tables.clips.values().stream()
                .filter(clip -> clip.state == ClipState.QUEUED && !clip.due.isAfter(now))
                .sorted(MemoryClip.ORDER)
                .limit(max)
                .toList();
        List<Lease> leases = new ArrayList<>();
        for (MemoryClip clip : next) {
            clip.state = ClipState.LEASED;
            clip.worker = worker;
            clip.epoch++;
            leases.add(new Lease(clip.clip, worker, clip.epoch, clip.attempts));
            startJobsOf(clip, now);
        }
        return leases;
    }

    private void startJobsOf(MemoryClip clip, Instant now) {
        for (MemoryJob job : tables.jobs.values()) {
            boolean waits = job.wants(clip.clip.key())
                    || clip.parents.stream().anyMatch(parent -> job.wants(parent.clip.key()));
            if (waits && job.status == JobStatus.PENDING) {
                job.status = JobStatus.PROCESSING;
                job.startedAt = now;
                job.version++;
            }
        }
    }

    Set<Lease> begin(Collection<Lease> leases) {
        Set<Lease> granted = new LinkedHashSet<>();
        for (Lease lease : leases) {
            MemoryClip clip = tables.clip(lease.clip().key());
            if (clip.isHeldUnder(lease) && clip.wanted) {
                clip.attempts++;
                granted.add(lease);
            }
        }
        return granted;
    }

    int rescue(Duration apart) {
        Instant now = tables.clock.instant();
        enterUnknownHolders(now);
        int rescued = 0;
        for (Map.Entry<WorkerId, MemoryWorker> entry : List.copyOf(workers.entrySet())) {
            MemoryWorker worker = entry.getValue();
            if (worker.until.isAfter(now)) {
                continue;
            }
            if (worker.foundDeadAt == null) {
                worker.foundDeadAt = now;
            } else if (!worker.foundDeadAt.plus(apart).isAfter(now)) {
                rescued += takeBack(entry.getKey());
                workers.remove(entry.getKey());
            }
        }
        return rescued;
    }

    /** A worker that was buried may claim once more before it beats, and die in between: it gets a grave, too. */
    private void enterUnknownHolders(Instant now) {
        tables.clips.values().stream()
                .filter(clip -> clip.state == ClipState.LEASED)
                .map(clip -> Objects.requireNonNull(clip.worker))
                .forEach(holder -> workers.computeIfAbsent(holder, id -> new MemoryWorker(now)));
    }
}
