package dev.ttsjobs.queue;

import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.Priority;
import dev.ttsjobs.queue.JobStore.Submission;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** Which clips somebody wants in the in-memory queue: they are queued, revived, moved to a better place, or let go of. */
final class MemoryWanting {

    private final MemoryTables tables;

    MemoryWanting(MemoryTables tables) {
        this.tables = tables;
    }

    /**
     * Where a job's clips stand in the queue: start-time fair queueing. A job begins level with the head of the queue and
     * then advances by one for each clip, or by more when its owner has other jobs, so that owners share alike.
     */
    static final class Place {
        final Priority priority;
        final long step;
        long next;

        Place(Priority priority, long next, long step) {
            this.priority = priority;
            this.next = next;
            this.step = step;
        }
    }

    Place placeOf(Submission submission) {
        Instant now = tables.clock.instant();
        Priority priority = submission.details().priority();
        String owner = submission.details().owner();
        long head = tables.clips.values().stream()
                .filter(clip -> clip.state == ClipState.QUEUED && clip.priority == priority)
                .filter(clip -> !clip.due.isAfter(now))
                .mapToLong(clip -> clip.position)
                .min()
                .orElse(0);
        long living = tables.jobs.values().stream()
                .filter(job ->
                        job.isLiving() && job.submission.details().owner().equals(owner))
                .count();
        return new Place(priority, head, Math.max(1, living));
    }

    /** Numbers new clips, which decides between equal places: parts before wholes, and each in the order of their keys. */
    void enter(Collection<Clip> wanted) {
        wanted.stream()
                .flatMap(clip -> Stream.concat(clip.parts().stream(), Stream.of(clip)))
                .sorted(Comparator.comparing((Clip clip) -> !clip.parts().isEmpty())
                        .thenComparing(Clip::key))
                .forEach(clip ->
                        tables.clips.computeIfAbsent(clip.key(), key -> new MemoryClip(clip, ++tables.numbers)));
    }

    /** Sees to it that a clip will be made: new, revived, or merely moved to the better place. */
    MemoryClip want(Clip clip, Place place, JobId payer, Instant now) {
        MemoryClip row = tables.clip(clip.key());
        if (row.state == ClipState.DONE) {
            return row;
        }
        boolean asleep = !row.isLiving();
        boolean isUnwanted = !row.wanted;
        row.wanted = true;
        if (asleep) {
            row.state = ClipState.QUEUED;
            row.priority = place.priority;
            row.position = place.next;
            row.due = now;
            row.attempts = 0;
            row.failure = null;
            row.payer = payer;
        } else if (isUnwanted) {
            // It is in the hands of a worker that was about to drop it; whoever had ordered it is gone.
            row.payer = payer;
        }
        if (!asleep && isBetter(place, row)) {
            row.priority = place.priority;
            row.position = place.next;
        }
        if (clip.parts().isEmpty()) {
            place.next += place.step;
        } else if (row.state != ClipState.LEASED) {
            for (Clip part : clip.parts()) {
                want(part, place, payer, now).parents.add(row);
            }
            row.state = tables.partsMissing(row) ? ClipState.WAITING : ClipState.QUEUED;
        }
        return row;
    }

    private static boolean isBetter(Place place, MemoryClip row) {
        int compared = place.priority.compareTo(row.priority);
        return compared > 0 || (compared == 0 && place.next < row.position);
    }

    /** Lets go of a clip that no living job waits for, and hands the bill of one that some job does to that job. */
    void dropIfUnwanted(MemoryClip row) {
        if (!row.isLiving()) {
            return;
        }
        Optional<JobId> heir = heirOf(row);
        row.wanted = heir.isPresent();
        if (heir.isPresent()) {
            MemoryJob payer = row.payer == null ? null : tables.jobs.get(row.payer);
            if (payer == null || !payer.isLiving()) {
                row.payer = heir.get();
            }
        } else if (row.state != ClipState.LEASED) {
            row.state = ClipState.WITHDRAWN;
        }
        row.clip.parts().forEach(part -> dropIfUnwanted(tables.clip(part.key())));
    }

    private Optional<JobId> heirOf(MemoryClip row) {
        return tables.jobs.values().stream()
                .filter(job -> job.wants(row.clip.key())
                        || row.parents.stream().anyMatch(parent -> parent.isLiving() && job.wants(parent.clip.key())))
                .map(MemoryJob::id)
                .findFirst();
    }
}
