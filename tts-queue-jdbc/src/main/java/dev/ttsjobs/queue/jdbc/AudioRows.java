package dev.ttsjobs.queue.jdbc;

import dev.ttsjobs.audio.AudioFacts;
import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.queue.JobStore.AudioRecord;
import dev.ttsjobs.speech.AudioFormat;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The audio on record. */
final class AudioRows {

    private static final Logger log = LoggerFactory.getLogger(AudioRows.class);

    private final Sql sql;
    private final ClipRows clips;

    AudioRows(Sql sql, ClipRows clips) {
        this.sql = sql;
        this.clips = clips;
    }

    List<AudioRecord> after(Handle handle, @Nullable ClipKey key, int limit) {
        return Listed.page(
                key == null ? "" : key.hex(),
                limit,
                (last, most) -> sql.query(handle, "audioAfter")
                        .bind("after", last)
                        .bind("limit", most)
                        .map((row, context) ->
                                new Listed<>(row.getString("clip_key").trim(), record(row)))
                        .list());
    }

    /** The record in a row; null where this version cannot read it, and so must leave the file alone. */
    private static @Nullable AudioRecord record(ResultSet row) throws SQLException {
        Columns columns = new Columns(
                row,
                "the audio of clip",
                String.valueOf(row.getString("clip_key")).trim());
        try {
            ClipKey key = columns.word("clip_key", hex -> new ClipKey(hex.trim()));
            AudioFormat format = columns.word("format", AudioFormat::of);
            Duration duration = Duration.ofMillis(row.getLong("duration_ms"));
            String sha256 = String.valueOf(row.getString("sha256")).trim();
            AudioFacts facts =
                    columns.word("bytes", bytes -> new AudioFacts(format, Long.parseLong(bytes), duration, sha256));
            return new AudioRecord(key, facts, Micros.toInstant(row.getLong("made_at")));
        } catch (Unreadable e) {
            e.tellOnce(log, "left out of the list of audio");
            return null;
        }
    }

    /** Queues a clip again whose record is still this one. */
    boolean lost(Handle handle, AudioRecord record, Runnable remove, Instant now) {
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
        remove.run();
        boolean partsMissing = rows.values().stream().anyMatch(part -> part.state != StateRow.DONE);
        row.state = partsMissing ? StateRow.WAITING : StateRow.QUEUED;
        row.wanted = true;
        row.payer = null;
        row.attempts = 0;
        row.due = Micros.of(now);
        StateRow.write(handle, sql, List.of(row));
        return true;
    }

    Map<ClipKey, Long> numbers(Handle handle, Collection<AudioRecord> records) {
        return clips.numbers(handle, records.stream().map(AudioRecord::key).toList());
    }

    Set<ClipKey> unused(Handle handle, Collection<ClipKey> keys) {
        Map<ClipKey, Long> numbers = clips.numbers(handle, keys);
        Set<Long> used = used(handle, numbers.values());
        Set<ClipKey> unused = new LinkedHashSet<>(keys);
        unused.removeIf(key -> numbers.containsKey(key) && used.contains(numbers.get(key)));
        return unused;
    }

    /**
     * Withdraws clips that no job refers to.
     *
     * @param numbers read beforehand: some databases see in a transaction what was there at its first read, and that must
     *     come after the locks. Whoever submits locks the clips, too, before it refers to them
     */
    Set<ClipKey> forget(
            Handle handle, Collection<AudioRecord> records, Map<ClipKey, Long> numbers, Instant madeBefore) {
        Map<Long, StateRow> rows = StateRow.lock(handle, sql, numbers.values());
        Set<Long> used = used(handle, numbers.values());
        Set<ClipKey> forgotten = new LinkedHashSet<>();
        List<StateRow> changed = new ArrayList<>();
        for (AudioRecord record : records) {
            Long number = numbers.get(record.key());
            StateRow row = number == null ? null : rows.get(number);
            if (row != null
                    && row.state == StateRow.DONE
                    && !used.contains(row.clip)
                    && record.madeAt().isBefore(madeBefore)
                    && isOnRecord(handle, row.clip, record)) {
                row.state = StateRow.WITHDRAWN;
                row.wanted = false;
                changed.add(row);
                forgotten.add(record.key());
            }
        }
        StateRow.write(handle, sql, changed);
        return forgotten;
    }

    boolean whileForgotten(Handle handle, ClipKey key, Runnable action) {
        Map<Long, StateRow> rows =
                StateRow.lock(handle, sql, clips.numbers(handle, List.of(key)).values());
        if (rows.values().stream().noneMatch(row -> row.state == StateRow.WITHDRAWN)) {
            return false;
        }
        action.run();
        return true;
    }

    /** Which clips some text of a job is, or is joined from, or which somebody is about to join. */
    private Set<Long> used(Handle handle, Collection<Long> numbers) {
        if (numbers.isEmpty()) {
            return Set.of();
        }
        Map<Long, Set<Long>> wholes = new HashMap<>();
        sql.query(handle, "wholesOf", "clips", numbers)
                .map((row, context) -> new long[] {row.getLong("part"), row.getLong("parent")})
                .forEach(pair ->
                        wholes.computeIfAbsent(pair[0], part -> new HashSet<>()).add(pair[1]));
        Set<Long> asked = new HashSet<>(numbers);
        wholes.values().forEach(asked::addAll);
        Set<Long> direct = new HashSet<>(sql.query(handle, "clipsOfJobs", "clips", asked)
                .mapTo(Long.class)
                .list());
        Set<Long> used = new HashSet<>(direct);
        wholes.forEach((part, all) -> {
            if (!Collections.disjoint(all, direct)) {
                used.add(part);
            }
        });
        sql.query(handle, "parentNumbers", "clips", numbers)
                .map((row, context) -> row.getLong("part"))
                .forEach(used::add);
        return used;
    }

    private Collection<Long> partsOf(Handle handle, long number) {
        return sql.query(handle, "partNumbers", "clips", List.of(number))
                .map((row, context) -> row.getLong("part"))
                .list();
    }

    /** Some voices say the same twice, to the byte: only the time tells what was made anew. */
    private boolean isOnRecord(Handle handle, long number, AudioRecord record) {
        return sql.query(handle, "audioIdentity")
                .bind("clip", number)
                .map((row, context) ->
                        row.getString("sha256").trim().equals(record.facts().sha256())
                                && Micros.toInstant(row.getLong("made_at")).equals(record.madeAt()))
                .findOne()
                .orElse(false);
    }
}
