package dev.ttsjobs.queue.jdbc;

import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * What stands in a column is nothing that this version knows: a newer one wrote it, or it was changed by hand. Names the
 * row, the column, and the value unless that is somebody's text.
 */
final class Unreadable extends JdbiException {

    private static final long serialVersionUID = 1L;

    private static final int LONGEST_VALUE = 60;
    private static final int MOST_TOLD = 1_000;

    /** What was said in the log of this process already. */
    private static final Set<String> TOLD = ConcurrentHashMap.newKeySet();

    /** The column and what stands there. */
    private final String what;

    private Unreadable(String row, String what) {
        super(row + " cannot be read by this version: its " + what
                + ". Run a newer version if one wrote it, or put the row right");
        this.what = what;
    }

    /**
     * @param row which row, such as "the clip of number 17"
     * @param value what stands in the column; null for nothing
     */
    static Unreadable of(String row, String column, @Nullable String value) {
        return new Unreadable(row, column + " is " + (value == null ? "missing" : '"' + harmless(value) + '"'));
    }

    /** One whose value belongs to a user, and is not shown. */
    static Unreadable hidden(String row, String column, String how) {
        return new Unreadable(row, column + " " + how);
    }

    /** Says in the log what it keeps from being done: once for each row, and not of any number of them. */
    void tellOnce(Logger log, String consequence) {
        tell(log, consequence, String.valueOf(getMessage()));
    }

    /** Says so once for all rows in whose column the same stands. */
    void tellOnceForAllAlike(Logger log, String consequence) {
        tell(log, consequence, what);
    }

    private void tell(Logger log, String consequence, String once) {
        if (TOLD.size() < MOST_TOLD && TOLD.add(consequence + ": " + once)) {
            log.warn("{}: {}", consequence, getMessage());
        }
    }

    private static String harmless(String value) {
        StringBuilder shown = new StringBuilder();
        value.codePoints()
                .limit(LONGEST_VALUE)
                .forEach(c -> shown.append(
                        c > ' ' && c < 0x7f && c != '"' || c == ' '
                                ? Character.toString(c)
                                : String.format(Locale.ROOT, "\\u%04x", c)));
        return value.codePointCount(0, value.length()) > LONGEST_VALUE ? shown + "…" : shown.toString();
    }
}
