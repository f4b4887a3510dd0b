package dev.ttsjobs.queue.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import javax.sql.DataSource;

/**
 * Has the database itself note every change of state that anybody writes, whichever statement does it, and compares them with
 * the changes that are legal. H2, whose triggers are classes, is left out.
 */
final class Transitions {

    /** From each state of a clip those into which it may go, audio that is forgotten aside. */
    private static final Map<Integer, Set<Integer>> CLIPS = Map.of(
            StateRow.QUEUED, Set.of(StateRow.LEASED, StateRow.DONE, StateRow.WITHDRAWN),
            StateRow.LEASED, Set.of(StateRow.QUEUED, StateRow.DONE, StateRow.FAILED, StateRow.WITHDRAWN),
            StateRow.WAITING, Set.of(StateRow.QUEUED, StateRow.FAILED, StateRow.WITHDRAWN),
            StateRow.DONE, Set.of(),
            // What is not wanted itself may be leased along with a clip in whose place it is made.
            StateRow.FAILED, Set.of(StateRow.QUEUED, StateRow.WAITING, StateRow.LEASED),
            StateRow.WITHDRAWN, Set.of(StateRow.QUEUED, StateRow.WAITING, StateRow.LEASED));

    /** The same of jobs, by the numbers of their status: a retry opens what has ended, but for what was called off. */
    private static final Map<Integer, Set<Integer>> JOBS = Map.of(
            0, Set.of(1, 2, 3, 4),
            1, Set.of(2, 3, 4),
            2, Set.of(1),
            3, Set.of(1),
            4, Set.of());

    private static final String CLIP = "SELECT 'clip', OLD.state, NEW.state%s WHERE OLD.state <> NEW.state";
    private static final String JOB = "SELECT 'job', OLD.status, NEW.status%s WHERE OLD.status <> NEW.status";
    /** Leases: the epoch rises with each claim and never falls, and whoever holds a clip is named. */
    private static final String LEASE = "SELECT 'lease', OLD.state, NEW.state%s WHERE NEW.epoch < OLD.epoch"
            + " OR (NEW.state = 1 AND OLD.state <> 1 AND NEW.epoch = OLD.epoch)"
            + " OR (NEW.state = 1 AND NEW.worker IS NULL) OR (NEW.state <> 1 AND NEW.worker IS NOT NULL)";

    private Transitions() {}

    static void watch(DataSource source, TestDatabase database) throws SQLException {
        if (database == TestDatabase.H2) {
            return;
        }
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE seen (what VARCHAR(5), before_it INTEGER, after_it INTEGER)");
            watch(statement, database, "clip", "tts_clip_state", CLIP);
            watch(statement, database, "lease", "tts_clip_state", LEASE);
            watch(statement, database, "job", "tts_job", JOB);
        }
    }

    private static void watch(Statement statement, TestDatabase database, String name, String table, String select)
            throws SQLException {
        String insert = "INSERT INTO seen " + select.formatted(database == TestDatabase.MARIADB ? " FROM DUAL" : "");
        String trigger = "CREATE TRIGGER see_" + name + " AFTER UPDATE ON " + table + " FOR EACH ROW ";
        switch (database) {
            case POSTGRESQL -> {
                statement.execute("CREATE FUNCTION see_" + name + "() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                        + insert + "; RETURN NULL; END $$");
                statement.execute(trigger + "EXECUTE FUNCTION see_" + name + "()");
            }
            case SQLITE -> statement.execute(trigger + "BEGIN " + insert + "; END");
            default -> statement.execute(trigger + insert);
        }
    }

    static void assertLegal(DataSource source, TestDatabase database) throws SQLException {
        if (database == TestDatabase.H2) {
            return;
        }
        Set<String> illegal = new TreeSet<>();
        int seen = 0;
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT DISTINCT what, before_it, after_it FROM seen")) {
            for (; row.next(); seen++) {
                String what = row.getString(1).trim();
                Set<Integer> legal = switch (what) {
                    case "clip" -> CLIPS.getOrDefault(row.getInt(2), Set.of());
                    case "job" -> JOBS.getOrDefault(row.getInt(2), Set.of());
                    default -> Set.of();
                };
                if (!legal.contains(row.getInt(3))) {
                    illegal.add(what + " " + row.getInt(2) + " to " + row.getInt(3));
                }
            }
        }
        assertEquals(Set.of(), illegal);
        assertTrue(seen > 5, "nothing was noted");
    }
}
