package dev.ttsjobs.queue.jdbc;

import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.speech.AudioFormat;
import dev.ttsjobs.speech.Voice;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.result.ResultBearing;
import org.jspecify.annotations.Nullable;

/** What clips are, written once and read at each claim. */
final class ClipRows {

    private final Sql sql;

    ClipRows(Sql sql) {
        this.sql = sql;
    }

    /** A clip as it was claimed. */
    record Claimed(long number, Clip clip, long epoch, int attempts) {}

    /** Reads the rows of a claim, with the parts of those that have some. */
    List<Claimed> claimed(Handle handle, ResultBearing query) {
        record Row(long number, Clip clip, int parts, long epoch, int attempts) {}
        List<Row> rows = query.map((row, context) -> {
                    sql.seen(row.getLong("newest"));
                    return new Row(
                            row.getLong("number"),
                            clip(row, List.of()),
                            row.getInt("parts"),
                            row.getLong("epoch"),
                            row.getInt("attempts"));
                })
                .list();
        Map<Long, List<Clip>> parts = partsOf(
                handle,
                rows.stream().filter(row -> row.parts > 0).map(Row::number).toList());
        return rows.stream()
                .map(row ->
                        new Claimed(row.number, withParts(row.clip, parts.get(row.number)), row.epoch, row.attempts))
                .toList();
    }

    private static Clip withParts(Clip clip, @Nullable List<Clip> parts) {
        return parts == null ? clip : new Clip(clip.key(), clip.text(), clip.voice(), clip.tokens(), parts);
    }

    private Map<Long, List<Clip>> partsOf(Handle handle, List<Long> parents) {
        Map<Long, List<Clip>> parts = new HashMap<>();
        if (!parents.isEmpty()) {
            sql.query(handle, "partsOf", "clips", parents)
                    .map((row, context) -> Map.entry(row.getLong("parent"), clip(row, List.of())))
                    .forEach(part -> parts.computeIfAbsent(part.getKey(), parent -> new ArrayList<>())
                            .add(part.getValue()));
        }
        return parts;
    }

    private static Clip clip(ResultSet row, List<Clip> parts) throws SQLException {
        Voice voice = new Voice(
                row.getString("model"),
                row.getString("voice"),
                row.getString("instructions"),
                row.getDouble("speed"),
                AudioFormat.of(row.getString("format")));
        return new Clip(
                new ClipKey(row.getString("clip_key").trim()),
                row.getString("body"),
                voice,
                row.getInt("tokens"),
                parts);
    }

    /** The clips of those numbers. */
    Map<Long, Clip> byNumber(Handle handle, Collection<Long> numbers) {
        return claimed(handle, sql.query(handle, "leased", "clips", numbers)).stream()
                .collect(Collectors.toMap(Claimed::number, Claimed::clip));
    }

    /** The numbers of those clips that are known. */
    Map<ClipKey, Long> numbers(Handle handle, Collection<ClipKey> keys) {
        if (keys.isEmpty()) {
            return Map.of();
        }
        Map<ClipKey, Long> numbers = new HashMap<>();
        sql.words(
                        sql.query(handle, "clipNumbers"),
                        "keys",
                        keys.stream().map(ClipKey::hex).toList())
                .map((row, context) -> Map.entry(new ClipKey(row.getString(2).trim()), row.getLong(1)))
                .forEach(row -> numbers.put(row.getKey(), row.getValue()));
        return numbers;
    }

    /**
     * Writes the clips that are not known yet: those that are spoken in the order of their keys, then those that are joined
     * from them, so that two who write the same ones never wait for each other in a circle, and so that a whole has a
     * higher number than its parts.
     *
     * @return every clip's number, top-level ones and parts
     */
    Numbers add(Handle handle, Collection<Clip> clips) {
        Map<ClipKey, Clip> sorted = new LinkedHashMap<>();
        clips.stream()
                .flatMap(clip -> Stream.concat(clip.parts().stream(), Stream.of(clip)))
                .sorted(Comparator.comparing((Clip clip) -> !clip.parts().isEmpty())
                        .thenComparing(Clip::key))
                .forEach(clip -> sorted.putIfAbsent(clip.key(), clip));
        Set<ClipKey> unknown = new HashSet<>(sorted.keySet());
        if (sql.dialect().isInnoDb()) {
            // To insert what is there locks the gap beside it against everybody.
            sorted.keySet().removeAll(numbers(handle, unknown).keySet());
        }
        Map<ClipKey, Long> numbers = write(handle, sorted.values());
        unknown.removeAll(numbers.keySet());
        Set<Long> added = Set.copyOf(numbers.values());
        numbers.putAll(numbers(handle, unknown));
        numbers.values().forEach(sql::seen);
        return new Numbers(numbers, added);
    }

    /**
     * The numbers of clips.
     *
     * @param byKey of all of them
     * @param added those that certainly nobody knew before; others may be new, too, where drivers that merge inserts say
     *     nothing
     */
    record Numbers(Map<ClipKey, Long> byKey, Set<Long> added) {}

    /** Says which were added, where the database tells. */
    private Map<ClipKey, Long> write(Handle handle, Collection<Clip> clips) {
        Map<ClipKey, Long> added = new HashMap<>();
        Rows rows = new Rows(sql, handle, "addClip")
                .answered(
                        (row, context) ->
                                added.put(new ClipKey(row.getString("clip_key").trim()), row.getLong("number")),
                        "number",
                        "clip_key");
        for (Clip clip : clips) {
            Voice voice = clip.voice();
            rows.word("key", clip.key().hex())
                    .word("body", clip.text())
                    .word("model", voice.model())
                    .word("voice", voice.name())
                    .word("instructions", voice.instructions())
                    .real("speed", voice.speed())
                    .word("format", voice.format().wireName())
                    .number("characters", clip.characters())
                    .number("tokens", clip.tokens())
                    .number("parts", clip.parts().size())
                    .add();
        }
        rows.write();
        return added;
    }

    /** Writes what wholes that nobody has wanted before are joined from. */
    void addParts(Handle handle, Collection<Clip> wholes, Map<ClipKey, Long> numbers) {
        Rows rows = new Rows(sql, handle, "addPart");
        for (Clip whole : wholes) {
            for (int i = 0; i < whole.parts().size(); i++) {
                rows.number("parent", numbers.get(whole.key()))
                        .number("ordinal", i)
                        .number("part", numbers.get(whole.parts().get(i).key()))
                        .add();
            }
        }
        rows.write();
    }
}
