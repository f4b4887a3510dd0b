package dev.ttsjobs.queue.jdbc;

import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.PhraseResult;
import dev.ttsjobs.job.Usage;
import dev.ttsjobs.limit.RateLimiter;
import dev.ttsjobs.queue.JobStore.JobQuery;
import dev.ttsjobs.speech.AudioFormat;
import dev.ttsjobs.storage.AudioName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What hosts read of jobs. */
final class JobReads {

    private static final Logger log = LoggerFactory.getLogger(JobReads.class);

    private final Sql sql;

    /**
     * A paused account that nobody has tried for this long holds nothing up: its key was changed, perhaps. Nor does a worker
     * that was not heard of for so long.
     */
    private static final Duration FORGOTTEN = Duration.ofMinutes(15);

    private final Supplier<Instant> clock;
    private final Refusals refusals;

    JobReads(Sql sql, Supplier<Instant> clock, Refusals refusals) {
        this.sql = sql;
        this.clock = clock;
        this.refusals = refusals;
    }

    Optional<Job> find(Handle handle, JobId id) {
        return row(handle, id)
                .map(JobRow::readable)
                .map(row -> snapshots(handle, List.of(row)).get(0));
    }

    /** Those that can be read: another of the same owner's is no reason to show none. */
    private static List<JobRow> readable(List<JobRow> rows) {
        return rows.stream().filter(JobReads::isShown).toList();
    }

    private static boolean isShown(JobRow row) {
        try {
            row.readable();
            return true;
        } catch (Unreadable e) {
            e.tellOnce(log, "left out of a list of jobs");
            return false;
        }
    }

    private List<Job> snapshots(Handle handle, List<JobRow> rows) {
        List<Long> living =
                rows.stream().filter(JobRow::isLiving).map(row -> row.number).toList();
        Job.WaitingFor waited = living.isEmpty() ? null : waitedFor(handle);
        Map<Long, Job.WaitingFor> host =
                living.isEmpty() || waited != null ? Map.of() : refusals.waitingFor(handle, living);
        return rows.stream()
                .map(row -> row.snapshot(waited != null ? waited : host.get(row.number)))
                .toList();
    }

    List<Job> find(Handle handle, Collection<JobId> ids) {
        if (ids.isEmpty()) {
            return List.of();
        }
        List<String> words = ids.stream().map(JobId::toString).toList();
        return snapshots(
                handle,
                readable(sql.words(sql.query(handle, "jobRows"), "ids", words)
                        .map((row, context) -> JobRow.read(row))
                        .list()));
    }

    Optional<JobRow> row(Handle handle, JobId id) {
        return sql.query(handle, "jobRow")
                .bind("id", id.toString())
                .map((row, context) -> JobRow.read(row))
                .findOne();
    }

    private Job.@Nullable WaitingFor waitedFor(Handle handle) {
        return sql.query(handle, "waitedFor")
                .bind("heard", Micros.of(clock.get().minus(FORGOTTEN)))
                .map((row, context) -> new Job.WaitingFor(
                        Failures.of(row.getString("kind"), row.getString("code"), row.getString("message")),
                        Micros.toInstant(row.getLong("since"))))
                .findOne()
                .orElse(null);
    }

    Map<String, RateLimiter.Pause> pauses(Handle handle) {
        Map<String, RateLimiter.Pause> pauses = new TreeMap<>();
        sql.query(handle, "pausedAccounts")
                .map((row, context) -> Map.entry(
                        row.getString("account"), Objects.requireNonNull(JdbcRateLimiter.pause(row), "paused")))
                .forEach(each -> pauses.put(each.getKey(), each.getValue()));
        return pauses;
    }

    List<Job> list(Handle handle, JobQuery query) {
        long before = -1;
        if (query.before() != null) {
            Optional<JobRow> last = row(handle, query.before());
            if (last.isEmpty()) {
                return List.of();
            }
            before = last.get().number;
        }
        List<JobRow> rows = Listed.page(
                before,
                query.limit(),
                (last, most) -> handle.createQuery(listing(query, last >= 0))
                        .bind("owner", query.owner())
                        .bind(
                                "status",
                                query.status() == null ? -1 : query.status().ordinal())
                        .bind("reference", query.reference())
                        .bind("before", last)
                        .bind("limit", most)
                        .map((row, context) -> JobRow.read(row))
                        .map(row -> new Listed<>(row.number, isShown(row) ? row : null))
                        .list());
        return snapshots(handle, rows);
    }

    /** The statement that asks for what is given and nothing else, so that an index serves it. */
    String listing(JobQuery query, boolean goesOn) {
        List<String> conditions = new ArrayList<>();
        if (query.owner() != null) {
            conditions.add("owner = :owner");
        }
        if (query.status() != null) {
            conditions.add("status = :status");
        }
        if (query.reference() != null) {
            conditions.add("reference = :reference");
        }
        if (goesOn) {
            conditions.add("number < :before");
        }
        String where = conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions);
        return sql.text("jobs") + where + " ORDER BY number DESC LIMIT :limit";
    }

    List<PhraseResult> results(Handle handle, long job, int from, int limit) {
        long to = Math.min((long) from + limit, Integer.MAX_VALUE);
        Map<Integer, Map<String, PhraseResult.Side>> sides = new LinkedHashMap<>();
        Map<Integer, String> items = new LinkedHashMap<>();
        sql.query(handle, "results")
                .bind("job", job)
                .bind("from", from)
                .bind("to", to)
                .map((row, context) -> {
                    int index = row.getInt("idx");
                    items.put(index, row.getString("item_id"));
                    sides.computeIfAbsent(index, i -> new LinkedHashMap<>()).put(row.getString("language"), side(row));
                    return index;
                })
                .list();
        List<PhraseResult> results = new ArrayList<>();
        sides.forEach((index, each) -> results.add(new PhraseResult(index, items.get(index), each)));
        return results;
    }

    private static PhraseResult.Side side(ResultSet row) throws SQLException {
        int state = row.getInt("state");
        if (state == SideState.FAILED) {
            return new PhraseResult.Side(null, Failures.read(row, "failure"));
        }
        if (state != SideState.MADE && state != SideState.CACHED) {
            return PhraseResult.Side.OPEN;
        }
        Columns columns = new Columns(
                row,
                "the audio of clip",
                String.valueOf(row.getString("clip_key")).trim());
        AudioName name;
        try {
            AudioFormat format = columns.word("format", AudioFormat::of);
            name = columns.word("clip_key", key -> AudioName.of(key.trim(), format));
        } catch (Unreadable e) {
            // It is there, but not for this version; the phrases beside it are.
            return new PhraseResult.Side(null, UnreadableClips.failure(String.valueOf(e.getMessage())));
        }
        Duration duration = Duration.ofMillis(row.getLong("duration_ms"));
        return new PhraseResult.Side(
                new PhraseResult.Audio(name, duration, row.getLong("bytes"), state == SideState.CACHED), null);
    }

    Set<ClipKey> made(Handle handle, Collection<ClipKey> keys) {
        if (keys.isEmpty()) {
            return Set.of();
        }
        return new HashSet<>(sql.words(
                        sql.query(handle, "madeKeys"),
                        "keys",
                        keys.stream().map(ClipKey::hex).toList())
                .map((row, context) -> new ClipKey(row.getString(1).trim()))
                .list());
    }

    Usage usage(Handle handle, String owner) {
        return sql.query(handle, "usage")
                .bind("owner", owner)
                .map((row, context) -> JobRow.usage(row))
                .one();
    }

    int jobsOn(Handle handle, LocalDate day, String owner) {
        return sql.query(handle, "jobsOn")
                .bind("owner", owner)
                .bind("day", (int) day.toEpochDay())
                .mapTo(Integer.class)
                .findOne()
                .orElse(0);
    }
}
