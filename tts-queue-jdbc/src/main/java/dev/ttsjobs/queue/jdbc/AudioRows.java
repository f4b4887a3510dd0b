package dev.ttsjobs.queue.jdbc;

import dev.ttsjobs.audio.AudioFacts;
import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.queue.JobStore.AudioRecord;
import dev.ttsjobs.speech.AudioFormat;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The audio on record. */
final class AudioRows {

    private final Sql sql;
    private final ClipRows clips;

    AudioRows(Sql sql, ClipRows clips) {
        this.sql = sql;
        this.clips = clips;
    }

    List<AudioRecord> after(Handle handle, @Nullable ClipKey key, int limit) {
        return sql.query(handle, "audioAfter")
                .bind("after", key == null ? "" : key.hex())
                .bind("limit", limit)
                .map((row, context) -> new AudioRecord(
                        new ClipKey(row.getString("clip_key").trim()),
                        new AudioFacts(
                                AudioFormat.of(row.getString("format")),
                                row.getLong("bytes"),
                                Duration.ofMillis(row.getLong("duration_ms")),
                                row.getString("sha256").trim()),
                        Micros.toInstant(row.getLong("made_at"))))
                .list();
    }

    /** Queues a clip again whose record is still this one. */
    boolean lost(Handle handle, AudioRecord record, Instant now) {
        Long number = clips.numbers(handle, List.of(record.key())).get(record.key());
        if (number == null) {
            return false;
        }
        Set<Long> family = new HashSet<>(partsOf(handle, number));
        family.add(number);
        Map<Long, StateRow> rows = StateRow.lock(handle, sql, family);
        StateRow row = rows.remove(number);
        // Locked first: a settle that makes it anew is seen whole or not at all.
        if (row == null || row.state != StateRow.DONE || !isOnRecord(handle, number, record)) {
            return false;
        }
        boolean partsMissing = rows.values().stream().anyMatch(part -> part.state != StateRow.DONE);
        row.state = partsMissing ? StateRow.WAITING : StateRow.QUEUED;
        row.wanted = true;
        row.payer = null;
        row.attempts = 0;
        row.due = Micros.of(now);
        StateRow.write(handle, sql, List.of(row));
        return true;
    }

    private Collection<Long> partsOf(Handle handle, long number) {
        return sql.query(handle, "partNumbers", "clips", List.of(number))
                .map((row, context) -> row.getLong("part"))
                .list();
    }

    private boolean isOnRecord(Handle handle, long number, AudioRecord record) {
        return sql.query(handle, "audioDigest")
                .bind("clip", number)
                .mapTo(String.class)
                .findOne()
                .map(digest -> digest.trim().equals(record.facts().sha256()))
                .orElse(false);
    }
}
