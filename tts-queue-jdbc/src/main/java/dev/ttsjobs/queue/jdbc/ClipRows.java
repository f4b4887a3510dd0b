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
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.result.ResultBearing;
import org.jspecify.annotations.Nullable;

/** What clips are, written once and read at each claim. */
final class ClipRows {

    private static final String CLIP = "the clip of number";

    private final Sql sql;

    ClipRows(Sql sql) {
        this.sql = sql;
    }

    /**
     * A clip as it was claimed.
     *
     * @param clip what it is; no more than a name where the row cannot be read
     * @param trouble why it cannot be read; null for nearly all
     */
    record Claimed(
            long number,
            Clip clip,
            long epoch,
            int attempts,
            @Nullable Unreadable trouble) {}

    /** A row as it was read; without a clip when that cannot be done. */
    private record Read(@Nullable Clip clip, @Nullable Unreadable trouble) {}

    /** Reads the rows of a claim, with the parts of those that have some. One that cannot be read keeps no other from it. */
    List<Claimed> claimed(Handle handle, ResultBearing query) {
        record Row(Claimed claimed, int parts) {}
        List<Row> rows = query.map((row, context) -> {
                    sql.seen(row.getLong("newest"));
                    return new Row(claimed(row), row.getInt("parts"));
                })
                .list();
        Map<Long, List<Read>> parts = partsOf(
                handle,
                rows.stream()
                        .filter(row -> row.parts > 0)
                        .map(row -> row.claimed.number)
                        .toList());
        return rows.stream()
                .map(row -> row.parts == 0
                        ? row.claimed
                        : withParts(row.claimed, row.parts, parts.getOrDefault(row.claimed.number, List.of())))
                .toList();
    }

    private static Claimed claimed(ResultSet row) throws SQLException {
        long number = row.getLong("number");
        Read read = read(row, number);
        return new Claimed(
                number,
                read.clip == null ? nameless(row, number) : read.clip,
                row.getLong("epoch"),
                row.getInt("attempts"),
                read.trouble);
    }

    private static Claimed withParts(Claimed whole, int count, List<Read> parts) {
        List<Clip> clips =
                parts.stream().map(Read::clip).filter(Objects::nonNull).toList();
        if (whole.trouble == null && clips.size() == count && count > 1) {
            Clip clip = whole.clip;
            return new Claimed(
                    whole.number,
                    new Clip(clip.key(), clip.text(), clip.voice(), clip.tokens(), clips),
                    whole.epoch,
                    whole.attempts,
                    null);
        }
        Unreadable trouble = Stream.concat(
                        Stream.ofNullable(whole.trouble), parts.stream().map(Read::trouble))
                .filter(Objects::nonNull)
                .findFirst()
                .orElseGet(() -> Unreadable.of(CLIP + " " + whole.number, "parts", String.valueOf(count)));
        return new Claimed(whole.number, whole.clip, whole.epoch, whole.attempts, trouble);
    }

    /** The parts of some wholes, in order. */
    private Map<Long, List<Read>> partsOf(Handle handle, List<Long> parents) {
        Map<Long, List<Read>> parts = new HashMap<>();
        if (!parents.isEmpty()) {
            sql.query(handle, "partsOf", "clips", parents)
                    .map((row, context) -> Map.entry(row.getLong("parent"), read(row, row.getLong("number"))))
                    .forEach(part -> parts.computeIfAbsent(part.getKey(), parent -> new ArrayList<>())
                            .add(part.getValue()));
        }
        return parts;
    }

    /**
     * The clips of those numbers that can be read, in their order.
     *
     * @throws Unreadable when none can
     */
    Map<Long, Clip> readable(Handle handle, List<Long> numbers) {
        Map<Long, Claimed> found = claimed(handle, sql.query(handle, "leased", "clips", numbers)).stream()
                .collect(Collectors.toMap(Claimed::number, claimed -> claimed));
        Map<Long, Clip> clips = new LinkedHashMap<>();
        Unreadable trouble = null;
        for (long number : numbers) {
            Claimed each = found.get(number);
            if (each != null && each.trouble == null) {
                clips.put(number, each.clip);
            } else if (each != null) {
                trouble = each.trouble;
            }
        }
        if (clips.isEmpty() && trouble != null) {
            throw trouble;
        }
        return clips;
    }

    private static Read read(ResultSet row, long number) throws SQLException {
        try {
            return new Read(clip(row, number), null);
        } catch (Unreadable e) {
            return new Read(null, e);
        }
    }

    private static Clip clip(ResultSet row, long number) throws SQLException {
        Columns columns = new Columns(row, CLIP, number);
        ClipKey key = columns.word("clip_key", hex -> new ClipKey(hex.trim()));
        Voice named = columns.word("voice", Voice::of);
        Voice spoken = columns.word("model", named::withModel);
        Voice encoded = columns.word("format", format -> spoken.withFormat(AudioFormat.of(format)));
        Voice paced = columns.real("speed", encoded::withSpeed);
        Voice voice = columns.text("instructions", paced::withInstructions);
        int tokens = columns.number("tokens", 1);
        return columns.text("body", text -> new Clip(key, requireText(text), voice, tokens, List.of()));
    }

    private static String requireText(@Nullable String text) {
        if (text == null || text.isBlank()) {
            throw new IllegalArgumentException("a clip says something");
        }
        return text;
    }

    /** What stands for a clip that cannot be read. */
    private static Clip nameless(ResultSet row, long number) throws SQLException {
        Voice none = Voice.of("unreadable");
        ClipKey key = key(row).orElseGet(() -> ClipKey.of("unreadable", none, String.valueOf(number)));
        return new Clip(key, "", none, 1, List.of());
    }

    /** The key in a row; empty where it is none. */
    static Optional<ClipKey> key(ResultSet row) throws SQLException {
        try {
            return Optional.of(new Columns(row, "a", "clip").word("clip_key", hex -> new ClipKey(hex.trim())));
        } catch (Unreadable e) {
            return Optional.empty();
        }
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
