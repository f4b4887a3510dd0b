package dev.ttsjobs.queue;

import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.job.JobId;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** What the in-memory queue keeps of clips and jobs. Guarded by the queue's lock, as is all that works on it. */
final class MemoryTables {

    final InstantSource clock;
    final MemoryOutbox outbox;
    final Map<ClipKey, MemoryClip> clips = new LinkedHashMap<>();
    final Map<JobId, MemoryJob> jobs = new LinkedHashMap<>();
    long numbers;

    MemoryTables(InstantSource clock) {
        this.clock = Objects.requireNonNull(clock, "clock");
        this.outbox = new MemoryOutbox(clock);
    }

    MemoryClip clip(ClipKey key) {
        return Objects.requireNonNull(clips.get(key), "every side has its clip");
    }

    boolean partsMissing(MemoryClip row) {
        return row.clip.parts().stream().anyMatch(part -> clip(part.key()).state != ClipState.DONE);
    }

    long count(ClipState state) {
        return clips.values().stream().filter(clip -> clip.state == state).count();
    }

    /** Moves a job on, and writes its end into the outbox; says whether it ended. */
    boolean progress(MemoryJob job, Instant now) {
        boolean ended = job.progress(now);
        if (ended) {
            boolean mayPass =
                    !job.failedSides(failure -> failure.kind().retryable()).isEmpty();
            job.retryAt = !mayPass
                    ? null
                    : job.submission
                            .terms()
                            .rounds()
                            .pauseAfter(job.rounds)
                            .map(now::plus)
                            .orElse(null);
            outbox.ended(job.snapshot(null), now);
        }
        return ended;
    }
}
