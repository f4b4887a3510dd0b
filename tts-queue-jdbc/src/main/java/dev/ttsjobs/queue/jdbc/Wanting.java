package dev.ttsjobs.queue.jdbc;

import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.job.Job;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Which clips somebody wants: they are queued, revived, moved to a better place, or let go of. */
final class Wanting {

    private final Sql sql;
    private final ClipRows clips;

    Wanting(Sql sql, ClipRows clips) {
        this.sql = sql;
        this.clips = clips;
    }

    /**
     * Where a job's clips stand in the queue: start-time fair queueing. A job begins level with the head of the queue and
     * then advances by one for each clip, or by more when its owner has other jobs, so that owners share alike.
     */
    private static final class Places {
        final int priority;
        final long step;
        long next;

        Places(int priority, long next, long step) {
            this.priority = priority;
            this.next = next;
            this.step = step;
        }
    }

    private Places placesOf(Handle handle, Job.Details details, long job, long now) {
        int priority = details.priority().ordinal();
        long head = sql.query(handle, "headOfQueue")
                .bind("priority", priority)
                .bind("now", now)
                .mapTo(Long.class)
                .findOne()
                .orElse(0L);
        long others = sql.query(handle, "otherJobsOf")
                .bind("owner", details.owner())
                .bind("job", job)
                .mapTo(Long.class)
                .one();
        return new Places(priority, head, 1 + others);
    }

    /**
     * Sees to it that clips will be made, and locks them until the transaction ends, so that none is finished unseen.
     *
     * @param payer the number of the job that is to pay for what is new
     * @return every clip's row, top-level ones and parts
     */
    Map<ClipKey, StateRow> want(Handle handle, Collection<Clip> wanted, Job.Details details, long payer, long now) {
        ClipRows.Numbers known = clips.add(handle, wanted);
        Map<ClipKey, Long> numbers = known.byKey();
        // What was added has no state that could be locked. Of the others it is seen from their state whether they are
        // new.
        Map<Long, StateRow> locked = StateRow.lock(
                handle,
                sql,
                numbers.values().stream()
                        .filter(number -> !known.added().contains(number))
                        .toList());
        Map<ClipKey, StateRow> rows = new HashMap<>();
        numbers.forEach((key, number) -> rows.put(key, locked.getOrDefault(number, StateRow.fresh(number))));
        clips.addParts(
                handle,
                wanted.stream()
                        .filter(clip -> Objects.requireNonNull(rows.get(clip.key())).isNew)
                        .toList(),
                numbers);
        List<Long> revived = locked.values().stream()
                .filter(row -> row.state == StateRow.FAILED || row.state == StateRow.WITHDRAWN)
                .map(row -> row.clip)
                .toList();
        if (!revived.isEmpty()) {
            // What they had come to before counts no longer.
            sql.update(handle, "dropRefusals", "clips", revived).execute();
        }
        Places places = placesOf(handle, details, payer, now);
        Set<StateRow> changed = new LinkedHashSet<>();
        for (Clip clip : wanted) {
            want(clip, rows, places, payer, now, changed);
        }
        StateRow.write(handle, sql, changed);
        return rows;
    }

    private static StateRow want(
            Clip clip, Map<ClipKey, StateRow> rows, Places places, long payer, long now, Set<StateRow> changed) {
        StateRow row = Objects.requireNonNull(rows.get(clip.key()));
        if (row.state == StateRow.DONE) {
            return row;
        }
        if (!row.isLiving()) {
            row.state = StateRow.QUEUED;
            row.wanted = true;
            row.priority = places.priority;
            row.place = places.next;
            row.due = now;
            row.attempts = 0;
            row.payer = payer;
            changed.add(row);
        } else {
            join(row, places, payer, changed);
        }
        if (clip.parts().isEmpty()) {
            places.next += places.step;
        } else if (row.state != StateRow.LEASED) {
            boolean missing = false;
            for (Clip part : clip.parts()) {
                missing |= want(part, rows, places, payer, now, changed).state != StateRow.DONE;
            }
            row.state = missing ? StateRow.WAITING : StateRow.QUEUED;
        }
        return row;
    }

    /** Wants a clip that others want, too: the better place counts. */
    private static void join(StateRow row, Places places, long payer, Set<StateRow> changed) {
        if (!row.wanted) {
            // It is in the hands of a worker that was about to drop it; whoever had ordered it is gone.
            row.wanted = true;
            row.payer = payer;
            changed.add(row);
        }
        if (places.priority > row.priority || (places.priority == row.priority && places.next < row.place)) {
            row.priority = places.priority;
            row.place = places.next;
            changed.add(row);
        }
    }

    /**
     * Lets go of clips, and of the parts of long ones, that no living job waits for; what some job does wait for has its
     * bill handed to that job if the one that was to pay has ended.
     */
    void dropUnwanted(Handle handle, Collection<Long> wholes) {
        if (wholes.isEmpty()) {
            return;
        }
        Set<Long> all = new LinkedHashSet<>(wholes);
        all.addAll(pairs(handle, "partNumbers", wholes).stream()
                .map(pair -> pair[1])
                .toList());
        Map<Long, StateRow> rows = StateRow.lock(handle, sql, all);
        Map<Long, List<Long>> parents = new HashMap<>();
        pairs(handle, "parentNumbers", all)
                .forEach(pair -> parents.computeIfAbsent(pair[0], part -> new ArrayList<>())
                        .add(pair[1]));
        Set<Long> asked = new HashSet<>(all);
        parents.values().forEach(asked::addAll);
        Map<Long, Long> heirs = new HashMap<>();
        pairs(handle, "heirs", asked).forEach(pair -> heirs.put(pair[0], pair[1]));
        Set<Long> payers = new HashSet<>();
        rows.values().stream().filter(row -> row.payer != null).forEach(row -> payers.add(row.payer));
        Set<Long> livingPayers = payers.isEmpty()
                ? Set.of()
                : new HashSet<>(sql.query(handle, "livingJobs", "jobs", payers)
                        .mapTo(Long.class)
                        .list());
        List<StateRow> changed = new ArrayList<>();
        for (StateRow row : rows.values()) {
            if (row.isLiving()) {
                settleWish(row, heirOf(row.clip, heirs, parents), livingPayers);
                changed.add(row);
            }
        }
        StateRow.write(handle, sql, changed);
    }

    private static void settleWish(StateRow row, @Nullable Long heir, Set<Long> livingPayers) {
        row.wanted = heir != null;
        if (heir == null) {
            row.state = row.state == StateRow.LEASED ? row.state : StateRow.WITHDRAWN;
        } else if (row.payer == null || !livingPayers.contains(row.payer)) {
            row.payer = heir;
        }
    }

    private static @Nullable Long heirOf(long clip, Map<Long, Long> heirs, Map<Long, List<Long>> parents) {
        Long heir = heirs.get(clip);
        for (long parent : parents.getOrDefault(clip, List.of())) {
            Long through = heirs.get(parent);
            if (through != null && (heir == null || through < heir)) {
                heir = through;
            }
        }
        return heir;
    }

    private List<long[]> pairs(Handle handle, String statement, Collection<Long> numbers) {
        return sql.query(handle, statement, "clips", numbers)
                .map((row, context) -> new long[] {row.getLong(1), row.getLong(2)})
                .list();
    }
}
