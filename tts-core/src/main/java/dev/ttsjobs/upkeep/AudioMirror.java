package dev.ttsjobs.upkeep;

import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.queue.JobStore;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.storage.StorageException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Copies all audio on record from one storage to another, or moves it, file by file in the order of keys, while workers
 * run. A file counts as arrived only when the target was read and gave the digest that is on record; a file of other
 * content that the target shows is replaced. A run that ended early is repeated: what has arrived is not sent again.
 *
 * <p>Audio that a worker stores in the source behind the place that a run has reached is left for the next run. So a
 * change of storage is: mirror; restart servers and workers on the target; mirror once more. Only then move, if the source
 * is to be emptied. Thread-safe; two runs at once do no harm.
 */
public final class AudioMirror {

    private final JobStore records;
    private final AudioStorage source;
    private final AudioStorage target;

    /**
     * @param records the queue that says what there is
     * @param source where audio is; not closed
     * @param target where it is to be; not closed
     */
    public AudioMirror(JobStore records, AudioStorage source, AudioStorage target) {
        this.records = Objects.requireNonNull(records, "records");
        this.source = Objects.requireNonNull(source, "source");
        this.target = Objects.requireNonNull(target, "target");
    }

    /**
     * How far a run has come. Immutable and thread-safe.
     *
     * @param last the clip that was done last; a run may go on after it
     * @param copied files that were sent
     * @param bytes the size of those
     * @param present files that were there already
     * @param missing files that neither storage has: see {@link AudioCheck}
     * @param damaged files of which the source shows other bytes than those on record, and the target shows none: not sent
     */
    public record Progress(@Nullable ClipKey last, long copied, long bytes, long present, long missing, long damaged) {

        /** How many clips were looked at. */
        public long looked() {
            return copied + present + missing + damaged;
        }
    }

    /**
     * Copies what the target does not have.
     *
     * @param after the clip to go on after, see {@link Progress#last}; null to begin at the beginning, which also looks again
     *     at what has arrived
     * @param progress told after each clip, in the calling thread; what it throws ends the run
     * @return how it ended
     * @throws StorageException when either storage cannot be used; the run may be repeated
     */
    public Progress mirror(@Nullable ClipKey after, Consumer<Progress> progress) {
        return run(after, progress, false);
    }

    /**
     * Like {@link #mirror}, and removes each file from the source once the target was found to have it. Nobody may read from
     * the source or write to it any longer.
     */
    public Progress move(@Nullable ClipKey after, Consumer<Progress> progress) {
        return run(after, progress, true);
    }

    private Progress run(@Nullable ClipKey after, Consumer<Progress> progress, boolean remove) {
        Run run = new Run(remove, new Progress(after, 0, 0, 0, 0, 0));
        Records.forEach(records, after, record -> progress.accept(run.next(record)));
        return run.progress;
    }

    private final class Run {

        private final boolean remove;
        private Progress progress;

        Run(boolean remove, Progress progress) {
            this.remove = remove;
            this.progress = progress;
        }

        Progress next(JobStore.AudioRecord record) {
            Progress p = progress;
            StoredBytes.Look there = StoredBytes.look(target, record);
            if (there == StoredBytes.Look.SOUND) {
                progress = new Progress(record.key(), p.copied, p.bytes, p.present + 1, p.missing, p.damaged);
            } else if (source.find(record.name()).isEmpty()) {
                progress = new Progress(record.key(), p.copied, p.bytes, p.present, p.missing + 1, p.damaged);
                return progress;
            } else if (send(record, there)) {
                long bytes = p.bytes + record.facts().bytes();
                progress = new Progress(record.key(), p.copied + 1, bytes, p.present, p.missing, p.damaged);
            } else {
                progress = new Progress(record.key(), p.copied, p.bytes, p.present, p.missing, p.damaged + 1);
                return progress;
            }
            if (remove) {
                source.delete(record.name());
            }
            return progress;
        }
    }

    private boolean send(JobStore.AudioRecord record, StoredBytes.Look there) {
        Path file = target.spoolDirectory().resolve("mirror-" + UUID.randomUUID() + ".part");
        try {
            boolean sound;
            try (OutputStream out = Files.newOutputStream(file)) {
                sound = StoredBytes.copy(source, record, out);
            }
            if (!sound) {
                return false;
            }
            if (there == StoredBytes.Look.DAMAGED) {
                target.delete(record.name());
            }
            target.put(record.name(), file);
            if (StoredBytes.look(target, record) != StoredBytes.Look.SOUND) {
                throw new StorageException("the target shows other bytes for " + record.name()
                        + " than it was sent: check its disk or network, and run this again");
            }
            return true;
        } catch (IOException e) {
            throw new StorageException("the spool of the target cannot be written: check its disk", e);
        } finally {
            discard(file);
        }
    }

    private static void discard(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // Swept by the storage at a later start.
        }
    }
}
