package dev.ttsjobs.upkeep;

import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.queue.JobStore;
import dev.ttsjobs.storage.AudioStorage;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads all stored audio and compares it with the digests on record, while workers run. What was lost or damaged can be
 * queued again, which buys it again. Thread-safe; of two repairs at once, one has each clip made anew.
 */
public final class AudioCheck {

    private final JobStore records;
    private final AudioStorage storage;

    /**
     * @param records the queue that says what there is
     * @param storage where audio is; not closed
     */
    public AudioCheck(JobStore records, AudioStorage storage) {
        this.records = Objects.requireNonNull(records, "records");
        this.storage = Objects.requireNonNull(storage, "storage");
    }

    /**
     * How far a run has come. Immutable and thread-safe.
     *
     * @param last the clip that was looked at last; a run may go on after it
     * @param sound files that are what is on record
     * @param missing files that are not there
     * @param damaged files of other bytes than those on record
     * @param queued how many of the last two were queued again
     */
    public record Progress(@Nullable ClipKey last, long sound, long missing, long damaged, long queued) {}

    /**
     * Looks, and changes nothing.
     *
     * @param after the clip to go on after, see {@link Progress#last}; null to begin at the beginning
     * @param progress told after each clip, in the calling thread; what it throws ends the run
     * @return how it ended
     * @throws dev.ttsjobs.storage.StorageException when the storage cannot be read, which is not taken for a loss
     */
    public Progress look(@Nullable ClipKey after, Consumer<Progress> progress) {
        return run(after, progress, false);
    }

    /** Like {@link #look}, removes what is damaged and queues it again, and what is missing, too. */
    public Progress repair(@Nullable ClipKey after, Consumer<Progress> progress) {
        return run(after, progress, true);
    }

    private Progress run(@Nullable ClipKey after, Consumer<Progress> told, boolean repair) {
        Progress[] now = {new Progress(after, 0, 0, 0, 0)};
        Records.forEach(records, after, record -> {
            Progress p = now[0];
            StoredBytes.Look look = StoredBytes.look(storage, record);
            boolean queued = repair && look != StoredBytes.Look.SOUND && queueAgain(record, look);
            now[0] = new Progress(
                    record.key(),
                    p.sound + (look == StoredBytes.Look.SOUND ? 1 : 0),
                    p.missing + (look == StoredBytes.Look.MISSING ? 1 : 0),
                    p.damaged + (look == StoredBytes.Look.DAMAGED ? 1 : 0),
                    p.queued + (queued ? 1 : 0));
            told.accept(now[0]);
        });
        return now[0];
    }

    private boolean queueAgain(JobStore.AudioRecord record, StoredBytes.Look look) {
        // Not before it is sure that this is what is on record still: others may have had it made anew since it was
        // listed.
        // And not later: a worker that finds a file under the name takes it for the audio.
        return records.lost(record, () -> {
            if (look == StoredBytes.Look.DAMAGED) {
                storage.delete(record.name());
            }
        });
    }
}
