package dev.ttsjobs.upkeep;

import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.queue.JobStore;
import dev.ttsjobs.queue.JobStore.AudioRecord;
import dev.ttsjobs.storage.AudioName;
import dev.ttsjobs.storage.AudioStorage;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Removes stored audio that no job and no public name refers to, once it is older than a grace period. Nothing does so by
 * itself: audio is what keeps a sentence from being bought twice. While workers run and jobs come; a job that wants audio at
 * the moment when it is removed finds it, or has it made again. Jobs refer to their audio until they are pruned.
 *
 * <p>Public names are read once, at the beginning; audio that is published afterwards may be removed, but what the name
 * shows is a copy of its own. A run that was killed may leave files that are no longer on record; a job that wants one
 * finds it. Thread-safe, and two runs at once do no harm.
 */
public final class AudioSweep {

    private static final Duration SHORTEST_GRACE = Duration.ofHours(1);

    private final JobStore records;
    private final AudioStorage storage;
    private final Duration grace;

    /**
     * @param records the queue that says what there is, and what time it is
     * @param storage where audio is; not closed
     * @param grace how old audio must be, by when it was made; an hour or more
     * @throws IllegalArgumentException when the grace period is shorter than that
     */
    public AudioSweep(JobStore records, AudioStorage storage, Duration grace) {
        if (grace.compareTo(SHORTEST_GRACE) < 0) {
            throw new IllegalArgumentException("audio is kept for an hour at least after it was made");
        }
        this.records = Objects.requireNonNull(records, "records");
        this.storage = Objects.requireNonNull(storage, "storage");
        this.grace = grace;
    }

    /**
     * How far a run has come. Immutable and thread-safe.
     *
     * @param last the clip that was looked at last; a run may go on after it
     * @param looked how many clips were looked at
     * @param removed how many were removed, or would be
     * @param bytes the size of those
     */
    public record Progress(@Nullable ClipKey last, long looked, long removed, long bytes) {}

    /**
     * Says what {@link #remove} would remove, and changes nothing.
     *
     * @param after the clip to go on after, see {@link Progress#last}; null to begin at the beginning
     * @param now the time that the grace period ends at, which is the queue's
     * @param progress told after each page of clips, in the calling thread; what it throws ends the run
     * @return how it ended
     * @throws dev.ttsjobs.storage.StorageException when the public names cannot be read
     */
    public Progress look(@Nullable ClipKey after, Instant now, Consumer<Progress> progress) {
        return run(after, now, progress, false);
    }

    /**
     * Like {@link #look}, and removes it.
     *
     * @throws dev.ttsjobs.storage.StorageException when the public names cannot be read, or a file cannot be removed; what
     *     was taken off the record by then is made again when it is wanted
     */
    public Progress remove(@Nullable ClipKey after, Instant now, Consumer<Progress> progress) {
        return run(after, now, progress, true);
    }

    private Progress run(@Nullable ClipKey after, Instant now, Consumer<Progress> told, boolean remove) {
        Set<AudioName> published = new HashSet<>();
        storage.published((name, audio) -> published.add(audio));
        Instant madeBefore = now.minus(grace);
        Progress[] progress = {new Progress(after, 0, 0, 0)};
        Records.forEachPage(records, after, page -> {
            List<AudioRecord> old = page.stream()
                    .filter(record -> record.madeAt().isBefore(madeBefore) && !published.contains(record.name()))
                    .toList();
            List<AudioRecord> gone = remove ? removed(old, madeBefore) : unused(old);
            Progress p = progress[0];
            progress[0] = new Progress(
                    page.get(page.size() - 1).key(),
                    p.looked + page.size(),
                    p.removed + gone.size(),
                    p.bytes
                            + gone.stream()
                                    .mapToLong(record -> record.facts().bytes())
                                    .sum());
            told.accept(progress[0]);
        });
        return progress[0];
    }

    private List<AudioRecord> unused(List<AudioRecord> old) {
        Set<ClipKey> unused = records.unused(old.stream().map(AudioRecord::key).toList());
        return old.stream().filter(record -> unused.contains(record.key())).toList();
    }

    /** First off the record, so that nobody is told of audio that is not there; then the file, unless it is wanted again. */
    private List<AudioRecord> removed(List<AudioRecord> old, Instant madeBefore) {
        Set<ClipKey> forgotten = records.forget(unused(old), madeBefore);
        return old.stream()
                .filter(record -> forgotten.contains(record.key()))
                .filter(record -> records.whileForgotten(record.key(), () -> storage.delete(record.name())))
                .toList();
    }
}
