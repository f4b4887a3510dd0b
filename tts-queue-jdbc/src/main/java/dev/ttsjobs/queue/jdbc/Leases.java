package dev.ttsjobs.queue.jdbc;

import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.queue.ClipQueue;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import dev.ttsjobs.queue.Lease;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.result.ResultBearing;
import org.jdbi.v3.core.result.ResultSetException;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/** Who has which clip, and until when. */
final class Leases {

    /** How many times the clips that are wanted are looked at where some may be locked by others. */
    private static final int SLACK = 4;

    /** As far as the statement reads that claims at once. */
    private static final int MOST_AT_ONCE = 1000;

    /** Stands for the worker of a leased clip of which somebody has struck it out by hand. */
    private static final String NOBODY = "";

    private final Sql sql;
    private final ClipRows clips;

    Leases(Sql sql, ClipRows clips) {
        this.sql = sql;
        this.clips = clips;
    }

    List<ClipRows.Claimed> claim(Handle handle, WorkerId worker, int max, Instant now) {
        List<ClipRows.Claimed> claimed =
                sql.has("claim") ? claimAtOnce(handle, worker, max, now) : claimInSteps(handle, worker, max, now);
        if (!claimed.isEmpty() && !sql.has("claim")) {
            startJobs(handle, claimed.stream().map(ClipRows.Claimed::number).toList(), now);
        }
        return claimed;
    }

    private List<ClipRows.Claimed> claimAtOnce(Handle handle, WorkerId worker, int max, Instant now) {
        Query claim = sql.query(handle, "claim")
                .bind("worker", worker.toString())
                .bind("max", Math.min(max, MOST_AT_ONCE))
                .bind("now", Micros.of(now));
        List<ClipRows.Claimed> claimed = clips.claimed(
                handle,
                claim.execute((statement, context) -> ResultBearing.of(() -> secondResult(statement.get()), context)));
        if (claimed.size() < MOST_AT_ONCE || max == MOST_AT_ONCE) {
            return claimed;
        }
        List<ClipRows.Claimed> all = new ArrayList<>(claimed);
        all.addAll(claimAtOnce(handle, worker, max - MOST_AT_ONCE, now));
        return all;
    }

    private static ResultSet secondResult(PreparedStatement statement) {
        try {
            statement.getMoreResults();
            return statement.getResultSet();
        } catch (SQLException e) {
            throw new ResultSetException("the second of two statements brought nothing", e, null);
        }
    }

    private List<ClipRows.Claimed> claimInSteps(Handle handle, WorkerId worker, int max, Instant now) {
        List<Long> next = next(handle, max, now);
        if (next.isEmpty()) {
            return List.of();
        }
        sql.update(handle, "lease", "clips", next)
                .bind("worker", worker.toString())
                .execute();
        return clips.claimed(handle, sql.query(handle, "leased", "clips", next));
    }

    private List<Long> next(Handle handle, int max, Instant now) {
        boolean locks = sql.has("lockNext");
        List<Long> next = sql.query(handle, "nextClips")
                .bind("max", locks ? (long) SLACK * max : max)
                .bind("now", Micros.of(now))
                .mapTo(Long.class)
                .list();
        if (!locks || next.isEmpty()) {
            return next;
        }
        Set<Long> free = new HashSet<>(sql.query(handle, "lockNext", "clips", next)
                .bind("now", Micros.of(now))
                .mapTo(Long.class)
                .list());
        return next.stream().filter(free::contains).limit(max).toList();
    }

    private void startJobs(Handle handle, List<Long> claimed, Instant now) {
        List<Long> pending = sql.query(handle, "pendingJobsOf", "clips", claimed)
                .mapTo(Long.class)
                .list();
        if (!pending.isEmpty()) {
            sql.query(handle, "lockJobs", "jobs", new TreeSet<>(pending))
                    .mapTo(Long.class)
                    .list();
            sql.update(handle, "startJobs", "jobs", pending)
                    .bind("now", Micros.of(now))
                    .execute();
        }
    }

    Set<Lease> begin(Handle handle, Collection<Lease> leases, Map<ClipKey, Long> numbers) {
        return sql.has("beginAtOnce") ? beginAtOnce(handle, leases, numbers) : beginInSteps(handle, leases, numbers);
    }

    private Set<Lease> beginAtOnce(Handle handle, Collection<Lease> leases, Map<ClipKey, Long> numbers) {
        Map<Long, Lease> byNumber = new HashMap<>();
        for (Lease lease : leases) {
            Long number = numbers.get(lease.clip().key());
            if (number != null) {
                byNumber.put(number, lease);
            }
        }
        List<Long> asked = List.copyOf(byNumber.keySet());
        List<Lease> held = asked.stream().map(byNumber::get).toList();
        Set<Long> begun = new HashSet<>(sql.query(handle, "beginAtOnce", "clips", asked)
                .bindArray("epochs", Long.class, held.stream().map(Lease::epoch).toArray())
                .bindArray(
                        "workers",
                        String.class,
                        held.stream().map(lease -> lease.worker().toString()).toArray())
                .mapTo(Long.class)
                .list());
        return byNumber.entrySet().stream()
                .filter(each -> begun.contains(each.getKey()))
                .map(Map.Entry::getValue)
                .collect(Collectors.toSet());
    }

    private Set<Lease> beginInSteps(Handle handle, Collection<Lease> leases, Map<ClipKey, Long> numbers) {
        Map<Long, StateRow> rows = StateRow.lock(handle, sql, numbers.values());
        Set<Lease> granted = new LinkedHashSet<>();
        List<Long> begun = new ArrayList<>();
        for (Lease lease : leases) {
            Long number = numbers.get(lease.clip().key());
            StateRow row = number == null ? null : rows.get(number);
            if (row != null && row.isHeldUnder(lease) && row.wanted) {
                granted.add(lease);
                begun.add(row.clip);
            }
        }
        if (!begun.isEmpty()) {
            sql.update(handle, "begin", "clips", begun).execute();
        }
        return granted;
    }

    ClipQueue.Beat beat(Handle handle, WorkerId worker, Duration lease, Instant now) {
        String id = worker.toString();
        long until = Micros.of(now.plus(lease));
        if (sql.update(handle, "beat").bind("id", id).bind("until", until).execute() == 0) {
            sql.update(handle, "addWorker").bind("id", id).bind("until", until).execute();
        }
        return new ClipQueue.Beat(new HashSet<>(
                sql.query(handle, "unwanted").bind("id", id).map((row, context) -> ClipRows.key(row)).stream()
                        .flatMap(Optional::stream)
                        .toList()));
    }

    int waits(Handle handle, WorkerId worker, @Nullable Failure what, Instant now) {
        return what == null
                ? sql.update(handle, "workerWaitsNoLonger")
                        .bind("id", worker.toString())
                        .execute()
                : sql.update(handle, "workerWaits")
                        .bind("id", worker.toString())
                        .bind("kind", what.kind().name())
                        .bind("code", what.code())
                        .bind("message", what.message())
                        .bind("now", Micros.of(now))
                        .execute();
    }

    int leave(Handle handle, WorkerId worker, Instant now) {
        // The worker's row before its clips, in the order in which a rescue locks them.
        sql.update(handle, "dropWorker").bind("id", worker.toString()).execute();
        return takeBack(handle, worker.toString(), now);
    }

    private int takeBack(Handle handle, String worker, Instant now) {
        List<Long> held = sql.query(handle, "heldBy")
                .bind("worker", worker)
                .mapTo(Long.class)
                .list();
        return held.isEmpty()
                ? 0
                : sql.update(handle, "takeBack", "clips", held)
                        .bind("worker", worker)
                        .bind("now", Micros.of(now))
                        .execute();
    }

    /** Makes everything due that rests, but for what somebody else is about to change. */
    void rouse(Handle handle, Instant now) {
        List<Long> resting = sql.query(handle, "resting")
                .bind("now", Micros.of(now))
                .mapTo(Long.class)
                .list();
        if (!resting.isEmpty()) {
            sql.update(handle, "rouse", "clips", resting)
                    .bind("now", Micros.of(now))
                    .execute();
        }
    }

    /** What is to be done about a worker whose lease has run out. */
    enum Lateness {
        /** Holds clips without being entered: it was buried, claimed once more, and died before it beat. */
        UNKNOWN,
        NEW,
        SEEN_BEFORE
    }

    /** Workers whose lease has run out, or that have none. */
    Map<String, Lateness> late(Handle handle, Instant now) {
        Map<String, Lateness> late = new HashMap<>();
        sql.query(handle, "lateWorkers")
                .bind("now", Micros.of(now))
                .map((row, context) -> Map.entry(
                        Optional.ofNullable(row.getString("id"))
                                .map(String::trim)
                                .orElse(NOBODY),
                        Lateness.values()[row.getInt("lateness")]))
                .forEach(worker -> late.put(worker.getKey(), worker.getValue()));
        return late;
    }

    /** Takes one step towards the grave; at the last one, gives how many clips were taken back. */
    int rescue(Handle handle, String worker, Lateness lateness, Duration apart, Instant now) {
        if (lateness == Lateness.SEEN_BEFORE) {
            return bury(handle, worker, apart, now);
        }
        if (lateness == Lateness.UNKNOWN) {
            if (worker.equals(NOBODY)) {
                sql.update(handle, "adoptOrphans").bind("worker", NOBODY).execute();
            }
            sql.update(handle, "addWorker")
                    .bind("id", worker)
                    .bind("until", Micros.of(now))
                    .execute();
        }
        sql.update(handle, "findDead")
                .bind("id", worker)
                .bind("now", Micros.of(now))
                .execute();
        return 0;
    }

    /** Takes back what a worker held that was found dead long enough ago, unless it has come back meanwhile. */
    private int bury(Handle handle, String worker, Duration apart, Instant now) {
        int buried = sql.update(handle, "buryWorker")
                .bind("id", worker)
                .bind("now", Micros.of(now))
                .bind("before", Micros.of(now.minus(apart)))
                .execute();
        return buried == 0 ? 0 : takeBack(handle, worker, now);
    }
}
