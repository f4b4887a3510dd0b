package dev.ttsjobs.queue.jdbc;

import dev.ttsjobs.queue.Lease;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Where a clip stands, as a locked row that is changed in Java and written back with others. */
final class StateRow {

    static final int QUEUED = 0;
    static final int LEASED = 1;
    static final int WAITING = 2;
    static final int DONE = 3;
    static final int FAILED = 4;
    static final int WITHDRAWN = 5;

    final long clip;
    final boolean isNew;
    int state;
    int priority;
    long place;
    long due;
    long epoch;
    int attempts;

    @Nullable
    String worker;

    boolean wanted;

    @Nullable
    Long payer;

    private StateRow(long clip, boolean isNew) {
        this.clip = clip;
        this.isNew = isNew;
    }

    /** A clip that nobody has wanted yet. */
    static StateRow fresh(long clip) {
        StateRow row = new StateRow(clip, true);
        row.state = WITHDRAWN;
        return row;
    }

    /** Locks clips in the order of their numbers, which is the order in which everybody locks them. */
    static Map<Long, StateRow> lock(Handle handle, Sql sql, Collection<Long> clips) {
        return lock(handle, sql, "lockStates", clips);
    }

    /** Locks those of some clips that nobody else has locked, without waiting for the others. */
    static Map<Long, StateRow> lockFree(Handle handle, Sql sql, Collection<Long> clips) {
        return lock(handle, sql, "lockFree", clips);
    }

    /** Locks clips and those that are joined from them, in one go, so that the order holds for all. */
    static Map<Long, StateRow> lockWithWholes(Handle handle, Sql sql, Collection<Long> clips) {
        return lockRelated(handle, sql, "lockWithWholes", "wholeNumbers", clips);
    }

    /** Locks clips, those that are joined from them, and what else those are joined from. */
    static Map<Long, StateRow> lockFamilies(Handle handle, Sql sql, Collection<Long> clips) {
        return lockRelated(handle, sql, "lockFamilies", "familyNumbers", clips);
    }

    private static Map<Long, StateRow> lockRelated(
            Handle handle, Sql sql, String atOnce, String related, Collection<Long> clips) {
        if (!sql.has(related)) {
            return lock(handle, sql, atOnce, clips);
        }
        Set<Long> all = new TreeSet<>(clips);
        if (!clips.isEmpty()) {
            all.addAll(
                    sql.query(handle, related, "clips", clips).mapTo(Long.class).list());
        }
        return lock(handle, sql, all);
    }

    private static Map<Long, StateRow> lock(Handle handle, Sql sql, String statement, Collection<Long> clips) {
        Map<Long, StateRow> rows = new LinkedHashMap<>();
        if (!clips.isEmpty()) {
            sql.query(handle, statement, "clips", new TreeSet<>(clips))
                    .map((row, context) -> read(row))
                    .forEach(row -> rows.put(row.clip, row));
        }
        return rows;
    }

    private static StateRow read(ResultSet row) throws SQLException {
        StateRow state = new StateRow(row.getLong("clip"), false);
        state.state = row.getInt("state");
        state.priority = row.getInt("priority");
        state.place = row.getLong("place");
        state.due = row.getLong("due");
        state.epoch = row.getLong("epoch");
        state.attempts = row.getInt("attempts");
        state.worker = row.getString("worker");
        state.wanted = row.getInt("wanted") == 1;
        long payer = row.getLong("payer");
        state.payer = row.wasNull() ? null : payer;
        return state;
    }

    boolean isLiving() {
        return state == QUEUED || state == LEASED || state == WAITING;
    }

    boolean isHeldUnder(Lease lease) {
        return state == LEASED
                && epoch == lease.epoch()
                && lease.worker().toString().equals(worker);
    }

    void putBack(long dueAt) {
        worker = null;
        due = dueAt;
        state = wanted ? QUEUED : WITHDRAWN;
    }

    /** Writes rows: new ones are inserted, the others replaced. */
    static void write(Handle handle, Sql sql, Collection<StateRow> rows) {
        List<StateRow> added = rows.stream().filter(row -> row.isNew).toList();
        List<StateRow> changed = rows.stream().filter(row -> !row.isNew).toList();
        write(sql, handle, "addState", added);
        write(sql, handle, "setState", changed);
    }

    private static void write(Sql sql, Handle handle, String statement, List<StateRow> rows) {
        Rows written = new Rows(sql, handle, statement);
        for (StateRow row : rows) {
            written.number("clip", row.clip)
                    .number("state", row.state)
                    .number("priority", row.priority)
                    .number("place", row.place)
                    .number("due", row.due)
                    .number("epoch", row.epoch)
                    .number("attempts", row.attempts)
                    .word("worker", row.worker)
                    .number("wanted", row.wanted ? 1 : 0)
                    .number("payer", row.payer)
                    .add();
        }
        written.write();
    }
}
