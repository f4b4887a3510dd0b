package dev.ttsjobs.queue.jdbc;

import dev.ttsjobs.cost.Quotas;
import dev.ttsjobs.job.Usage;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * Lets go of what is old, a short transaction at a time. A job's row goes first, with its events, so that a job is there as
 * a whole or not at all; what it leaves behind goes later, however much it is.
 */
final class Pruning {

    /** The most rows of one table that a transaction deletes. */
    private static final int ROWS = 1_000;

    /** Jobs have a few deliveries each. */
    private static final int JOBS = 100;

    private final Database database;
    private final Sql sql;

    Pruning(Database database, Sql sql) {
        this.database = database;
        this.sql = sql;
    }

    /** Prunes one batch; says whether there may be more. Each look is a read of its own: when idle, nothing is locked. */
    boolean prune(Duration retention) {
        Instant now = database.now();
        Instant before = now.minus(retention);
        return dropRemains()
                || dropJobs(Micros.of(before))
                || dropKeys(now)
                || dropDays(before)
                || dropUses(before)
                || dropRefusals();
    }

    private boolean dropJobs(long before) {
        List<Long> old = database.read(handle -> sql.query(handle, "oldJobs")
                .bind("before", before)
                .bind("limit", JOBS)
                .mapTo(Long.class)
                .list());
        return !old.isEmpty() && database.write(handle -> dropJobs(handle, old, before));
    }

    private record Old(long number, String owner, Usage usage) {}

    private boolean dropJobs(Handle handle, List<Long> old, long before) {
        // What somebody else prunes or retries at this moment is stepped around.
        List<Old> jobs = sql.query(handle, "lockOldJobs", "jobs", old)
                .bind("before", before)
                .map((row, context) -> new Old(row.getLong("number"), row.getString("owner"), JobRow.usage(row)))
                .list();
        List<Long> locked = jobs.stream().map(Old::number).toList();
        if (locked.isEmpty()) {
            return false;
        }
        sql.update(handle, "dropEndedDeliveries", "jobs", locked).execute();
        // A delivery may have been replayed after the first look.
        Set<Long> awaited = new HashSet<>(sql.query(handle, "awaitedJobs", "jobs", locked)
                .mapTo(Long.class)
                .list());
        List<Old> going =
                jobs.stream().filter(job -> !awaited.contains(job.number)).toList();
        List<Long> numbers = going.stream().map(Old::number).toList();
        if (!numbers.isEmpty()) {
            sql.update(handle, "dropEvents", "jobs", numbers).execute();
            sql.update(handle, "addPruned", "jobs", numbers).execute();
            sql.update(handle, "dropJobs", "jobs", numbers).execute();
            sql.update(handle, "dropRounds", "jobs", numbers).execute();
            keepUsage(handle, going);
        }
        return true;
    }

    /** In the order of the owners, so that no two wait for each other in a circle. */
    private void keepUsage(Handle handle, List<Old> jobs) {
        Map<String, Usage> totals = new TreeMap<>();
        jobs.forEach(job -> totals.merge(job.owner, job.usage, Usage::plus));
        totals.forEach((owner, usage) -> {
            if (writeUsage(handle, "raisePrunedUsage", owner, usage) == 0) {
                writeUsage(handle, "addPrunedUsage", owner, usage);
            }
        });
    }

    private int writeUsage(Handle handle, String statement, String owner, Usage usage) {
        return sql.update(handle, statement)
                .bind("owner", owner)
                .bind("characters", usage.characters())
                .bind("billedCharacters", usage.billedCharacters())
                .bind("clips", usage.clips())
                .bind("billedClips", usage.billedClips())
                .bind("billedAttempts", usage.attempts())
                .bind("billedAudioMs", usage.billedAudio().toMillis())
                .execute();
    }

    private boolean dropRemains() {
        Optional<Long> next = database.read(
                handle -> sql.query(handle, "nextPruned").mapTo(Long.class).findOne());
        return next.isPresent() && database.write(handle -> dropRemains(handle, next.get()));
    }

    /** Says nothing is left when another process is at it. */
    private boolean dropRemains(Handle handle, long job) {
        if (sql.query(handle, "lockPruned")
                .bind("job", job)
                .mapTo(Long.class)
                .findOne()
                .isEmpty()) {
            return false;
        }
        long first = job * Submits.PHRASES;
        long end = first + Submits.PHRASES;
        Optional<Long> sidesEnd = sql.query(handle, "sidesEnd")
                .bind("from", first)
                .bind("to", end)
                .bind("most", ROWS)
                .mapTo(Long.class)
                .findOne();
        Optional<Integer> phrasesEnd = sql.query(handle, "phrasesEnd")
                .bind("job", job)
                .bind("most", ROWS)
                .mapTo(Integer.class)
                .findOne();
        int dropped = dropSides(handle, first, sidesEnd.orElse(end));
        if (dropped == 0 && sidesEnd.isPresent()) {
            // A phrase in more languages than there are goes as a whole.
            dropSides(handle, first, sidesEnd.get() + 1);
        }
        sql.update(handle, "dropPhrases")
                .bind("job", job)
                .bind("to", phrasesEnd.orElse((int) Submits.PHRASES))
                .execute();
        if (sidesEnd.isEmpty() && phrasesEnd.isEmpty()) {
            sql.update(handle, "dropPruned").bind("job", job).execute();
        }
        return true;
    }

    private int dropSides(Handle handle, long from, long to) {
        return sql.update(handle, "dropSides").bind("from", from).bind("to", to).execute();
    }

    private record Key(String owner, String key) {}

    private boolean dropKeys(Instant now) {
        long before = Micros.of(now.minus(Submits.KEY_KEPT));
        List<Key> old = database.read(handle -> sql.query(handle, "oldKeys")
                .bind("before", before)
                .bind("limit", ROWS)
                .map((row, context) -> new Key(row.getString(1), row.getString(2)))
                .list());
        return !old.isEmpty()
                && database.write(handle -> {
                    try (PreparedBatch batch = sql.batch(handle, "dropKey")) {
                        old.forEach(key -> batch.bind("owner", key.owner)
                                .bind("key", key.key)
                                .bind("before", before)
                                .add());
                        batch.execute();
                    }
                    return true;
                });
    }

    private boolean dropUses(Instant before) {
        LocalDate first = LocalDate.ofInstant(before, ZoneOffset.UTC);
        for (Quotas.Measure measure : Quotas.Measure.values()) {
            int period = measure.periodOf(first);
            List<Day> old = database.read(handle -> sql.query(handle, "oldUses")
                    .bind("measure", measure.ordinal())
                    .bind("before", period)
                    .bind("limit", ROWS)
                    .map((row, context) -> new Day(row.getString(1), row.getInt(2)))
                    .list());
            if (!old.isEmpty()) {
                return database.write(handle -> {
                    try (PreparedBatch batch = sql.batch(handle, "dropUse")) {
                        old.forEach(use -> batch.bind("measure", measure.ordinal())
                                .bind("owner", use.owner)
                                .bind("period", use.number)
                                .add());
                        batch.execute();
                    }
                    return true;
                });
            }
        }
        return false;
    }

    /** Of clips that were called off; others go when they end. */
    private boolean dropRefusals() {
        List<Long> old = database.read(handle -> sql.query(handle, "oldRefusals")
                .bind("limit", ROWS)
                .mapTo(Long.class)
                .list());
        return !old.isEmpty()
                && database.write(handle -> {
                    // Somebody may want one again, for whom it was refused once more.
                    List<Long> ended = StateRow.lock(handle, sql, old).values().stream()
                            .filter(row -> !row.isLiving())
                            .map(row -> row.clip)
                            .toList();
                    return sql.update(handle, "dropRefusals", "clips", ended).execute() > 0;
                });
    }

    private record Day(String owner, int number) {}

    private boolean dropDays(Instant before) {
        long first = LocalDate.ofInstant(before, ZoneOffset.UTC).toEpochDay();
        List<Day> old = database.read(handle -> sql.query(handle, "oldDays")
                .bind("before", first)
                .bind("limit", ROWS)
                .map((row, context) -> new Day(row.getString(1), row.getInt(2)))
                .list());
        return !old.isEmpty()
                && database.write(handle -> {
                    try (PreparedBatch batch = sql.batch(handle, "dropDay")) {
                        old.forEach(day -> batch.bind("owner", day.owner)
                                .bind("day", day.number)
                                .add());
                        batch.execute();
                    }
                    return true;
                });
    }
}
