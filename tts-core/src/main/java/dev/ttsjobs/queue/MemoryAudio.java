package dev.ttsjobs.queue;

import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.queue.JobStore.AudioRecord;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The audio on record in the in-memory queue. */
final class MemoryAudio {

    private final MemoryTables tables;

    MemoryAudio(MemoryTables tables) {
        this.tables = tables;
    }

    Set<ClipKey> made(Collection<ClipKey> keys) {
        return keys.stream()
                .filter(key -> tables.clips.containsKey(key) && tables.clip(key).state == ClipState.DONE)
                .collect(Collectors.toSet());
    }

    List<AudioRecord> after(@Nullable ClipKey after, int limit) {
        return tables.clips.values().stream()
                .filter(clip -> clip.state == ClipState.DONE)
                .filter(clip -> after == null || clip.clip.key().compareTo(after) > 0)
                .sorted(Comparator.comparing((MemoryClip clip) -> clip.clip.key()))
                .limit(limit)
                .map(clip -> new AudioRecord(clip.clip.key(), Objects.requireNonNull(clip.facts), clip.madeAt))
                .toList();
    }

    boolean lost(AudioRecord record, Runnable remove) {
        MemoryClip clip = tables.clips.get(record.key());
        if (clip == null || !isOnRecord(clip, record)) {
            return false;
        }
        remove.run();
        clip.state = tables.partsMissing(clip) ? ClipState.WAITING : ClipState.QUEUED;
        clip.wanted = true;
        clip.payer = null;
        clip.attempts = 0;
        clip.due = tables.clock.instant();
        return true;
    }

    Set<ClipKey> unused(Collection<ClipKey> keys) {
        Set<ClipKey> unused = new LinkedHashSet<>(keys);
        unused.removeIf(this::isInUse);
        return unused;
    }

    private boolean isInUse(ClipKey key) {
        MemoryClip row = tables.clips.get(key);
        return tables.jobs.values().stream().anyMatch(job -> job.refersTo(key))
                || (row != null
                        && row.parents.stream()
                                .anyMatch(parent -> parent.isLiving()
                                        || tables.jobs.values().stream()
                                                .anyMatch(job -> job.refersTo(parent.clip.key()))));
    }

    Set<ClipKey> forget(Collection<AudioRecord> records, Instant madeBefore) {
        Set<ClipKey> forgotten = new LinkedHashSet<>();
        for (AudioRecord record : records) {
            MemoryClip row = tables.clips.get(record.key());
            if (row != null && isOnRecord(row, record) && row.madeAt.isBefore(madeBefore) && !isInUse(record.key())) {
                row.state = ClipState.WITHDRAWN;
                row.wanted = false;
                forgotten.add(record.key());
            }
        }
        return forgotten;
    }

    boolean whileForgotten(ClipKey key, Runnable action) {
        MemoryClip row = tables.clips.get(key);
        if (row == null || row.state != ClipState.WITHDRAWN) {
            return false;
        }
        action.run();
        return true;
    }

    /** Some voices say the same twice, to the byte: only the time tells what was made anew. */
    private static boolean isOnRecord(MemoryClip row, AudioRecord record) {
        return row.state == ClipState.DONE
                && row.facts != null
                && row.madeAt.equals(record.madeAt())
                && row.facts.sha256().equals(record.facts().sha256());
    }
}
