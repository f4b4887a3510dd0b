package dev.ttsjobs.queue;

import dev.ttsjobs.audio.AudioFacts;
import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.job.PhraseResult;
import dev.ttsjobs.job.Usage;
import dev.ttsjobs.queue.JobStore.Submission;
import dev.ttsjobs.storage.AudioName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A job's row, with its phrases, in the in-memory queue. */
final class MemoryJob {

    final Submission submission;
    final long number;
    final Instant createdAt;
    final List<Map<String, Side>> phrases = new ArrayList<>();

    JobStatus status = JobStatus.PENDING;
    Usage usage;

    /** What went wrong first, in time. */
    @Nullable
    Failure failure;

    @Nullable
    Instant startedAt;

    @Nullable
    Instant completedAt;

    long version = 1;

    /** How often it was tried again by itself. */
    int rounds;

    /** When it is to be tried again by itself. */
    @Nullable
    Instant retryAt;

    MemoryJob(Submission submission, long number, Instant createdAt, Usage usage) {
        this.submission = submission;
        this.number = number;
        this.createdAt = createdAt;
        this.usage = usage;
        for (Submission.Entry entry : submission.phrases()) {
            Map<String, Side> sides = new LinkedHashMap<>();
            entry.sides().forEach((language, key) -> sides.put(language, new Side(key)));
            phrases.add(sides);
        }
    }

    /** One text of a phrase. */
    static final class Side {
        /** What it was submitted with, or what was made in the place of that. */
        ClipKey key;

        SideState state = SideState.OPEN;

        @Nullable
        Failure failure;

        Side(ClipKey key) {
            this.key = key;
        }
    }

    /** What has become of a side in this job, whatever becomes of its clip later. */
    enum SideState {
        OPEN,
        MADE,
        CACHED,
        FAILED
    }

    JobId id() {
        return submission.id();
    }

    boolean isLiving() {
        return !status.hasEnded();
    }

    /** Whether a text of it is this clip, whatever became of that. */
    boolean refersTo(ClipKey key) {
        return phrases.stream().flatMap(sides -> sides.values().stream()).anyMatch(side -> side.key.equals(key));
    }

    /** Ends every open side that waits for the clip; says whether there was one. */
    boolean end(ClipKey key, SideState state, @Nullable Failure failure) {
        boolean changed = false;
        for (Map<String, Side> sides : phrases) {
            for (Side side : sides.values()) {
                if (side.state == SideState.OPEN && side.key.equals(key)) {
                    side.state = state;
                    side.failure = failure;
                    changed = true;
                }
            }
        }
        if (changed && this.failure == null) {
            this.failure = failure;
        }
        return changed;
    }

    /** Has every open side that waits for a clip wait for another one. */
    void redirect(ClipKey from, ClipKey to) {
        phrases.stream()
                .flatMap(sides -> sides.values().stream())
                .filter(side -> side.state == SideState.OPEN && side.key.equals(from))
                .forEach(side -> side.key = to);
    }

    /** Failed sides, in the order of the phrases. */
    List<Side> failedSides(Predicate<Failure> which) {
        return phrases.stream()
                .flatMap(sides -> sides.values().stream())
                .filter(side -> side.failure != null && which.test(side.failure))
                .toList();
    }

    boolean wants(ClipKey key) {
        return isLiving()
                && phrases.stream()
                        .anyMatch(sides -> sides.values().stream()
                                .anyMatch(side -> side.state == SideState.OPEN && side.key.equals(key)));
    }

    /** Moves the job on after its sides have changed; says whether it ended with it. */
    boolean progress(Instant now) {
        version++;
        if (startedAt == null) {
            startedAt = now;
        }
        if (processed() < phrases.size()) {
            status = JobStatus.PROCESSING;
            return false;
        }
        boolean anyAudio = phrases.stream()
                .anyMatch(sides -> sides.values().stream().anyMatch(side -> side.state != SideState.FAILED));
        status = anyAudio ? JobStatus.COMPLETED : JobStatus.FAILED;
        completedAt = now;
        return true;
    }

    int processed() {
        return (int) phrases.stream()
                .filter(sides -> sides.values().stream().noneMatch(side -> side.state == SideState.OPEN))
                .count();
    }

    int failed() {
        return (int) phrases.stream()
                .filter(sides -> sides.values().stream().noneMatch(side -> side.state == SideState.OPEN))
                .filter(sides -> sides.values().stream().anyMatch(side -> side.state == SideState.FAILED))
                .count();
    }

    Job snapshot(Job.@Nullable WaitingFor waitingFor) {
        String error = Job.Progress.errorMessage(status, failed(), phrases.size(), failure);
        return new Job(
                id(),
                submission.details(),
                status,
                new Job.Progress(phrases.size(), processed(), failed(), error, isLiving() ? waitingFor : null),
                usage,
                new Job.Timeline(createdAt, startedAt, completedAt, version));
    }

    List<PhraseResult> results(int from, int limit, Function<ClipKey, MemoryClip> clips) {
        List<PhraseResult> results = new ArrayList<>();
        for (int i = Math.max(0, from); i < phrases.size() && results.size() < limit; i++) {
            Map<String, PhraseResult.Side> sides = new LinkedHashMap<>();
            phrases.get(i).forEach((language, side) -> sides.put(language, result(side, clips.apply(side.key))));
            results.add(new PhraseResult(i, submission.phrases().get(i).itemId(), sides));
        }
        return results;
    }

    private static PhraseResult.Side result(Side side, MemoryClip clip) {
        AudioFacts facts = clip.facts;
        if (side.state == SideState.FAILED) {
            return new PhraseResult.Side(null, side.failure);
        }
        if (side.state == SideState.OPEN || facts == null) {
            return PhraseResult.Side.OPEN;
        }
        AudioName name = AudioName.of(side.key.hex(), facts.format());
        boolean cached = side.state == SideState.CACHED;
        return new PhraseResult.Side(new PhraseResult.Audio(name, facts.duration(), facts.bytes(), cached), null);
    }
}
