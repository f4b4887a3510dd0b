package dev.ttsjobs.queue.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.function.DoubleFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads a row column by column, and names the one that cannot be read. SQLite keeps what it is given, whatever a column's type. */
final class Columns {

    private final ResultSet row;
    private final String what;
    private final Object which;

    /**
     * @param what what sort of row it is, as it is to be told
     * @param which its number or name
     */
    Columns(ResultSet row, String what, Object which) {
        this.row = row;
        this.what = what;
        this.which = which;
    }

    /** @param reading throws when it knows nothing of the kind */
    <T> T word(String column, Function<String, T> reading) throws SQLException {
        String word = row.getString(column);
        if (word != null) {
            try {
                return reading.apply(word);
            } catch (IllegalArgumentException e) {
                // Named below, with the value.
            }
        }
        throw unreadable(column);
    }

    <T> T real(String column, DoubleFunction<T> reading) throws SQLException {
        double number = row.getDouble(column);
        if (!row.wasNull()) {
            try {
                return reading.apply(number);
            } catch (IllegalArgumentException e) {
                // Named below, with the value.
            }
        }
        throw unreadable(column);
    }

    int number(String column, int least) throws SQLException {
        return number(column, least, Integer.MAX_VALUE);
    }

    int number(String column, int least, int most) throws SQLException {
        long number = row.getLong(column);
        if (row.wasNull() || number < least || number > most) {
            throw unreadable(column);
        }
        return (int) number;
    }

    /** The value whose number stands there. */
    <E extends Enum<E>> E oneOf(String column, E[] values) throws SQLException {
        long number = row.getLong(column);
        if (row.wasNull() || number < 0 || number >= values.length) {
            throw unreadable(column);
        }
        return values[(int) number];
    }

    /** A text of somebody's, or null: it is never shown. */
    <T> T text(String column, Function<@Nullable String, T> reading) throws SQLException {
        String text = row.getString(column);
        try {
            return reading.apply(text);
        } catch (IllegalArgumentException e) {
            throw Unreadable.hidden(
                    what + " " + which, column, text == null || text.isBlank() ? "is empty" : "cannot be one");
        }
    }

    private Unreadable unreadable(String column) throws SQLException {
        return Unreadable.of(what + " " + which, column, row.getString(column));
    }
}
