package dev.ttsjobs.queue.jdbc;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.Update;
import org.jspecify.annotations.Nullable;

/**
 * Many rows for one statement: as one statement over arrays, a column each, where the database has them, else as a batch.
 * Sends what it has each time it holds {@value #MOST} rows, so that its size does not grow with what is written. For one
 * thread and one transaction.
 */
final class Rows {

    private static final int MOST = 4_096;

    private final Sql sql;
    private final Handle handle;
    private final String statement;
    private final Map<String, Column> columns = new LinkedHashMap<>();
    private int size;

    private record Column(Class<?> type, List<@Nullable Object> values) {}

    Rows(Sql sql, Handle handle, String statement) {
        this.sql = sql;
        this.handle = handle;
        this.statement = statement;
    }

    Rows number(String column, @Nullable Number value) {
        return put(column, Long.class, value == null ? null : value.longValue());
    }

    Rows real(String column, double value) {
        return put(column, Double.class, value);
    }

    Rows word(String column, @Nullable String value) {
        return put(column, String.class, value);
    }

    private Rows put(String column, Class<?> type, @Nullable Object value) {
        columns.computeIfAbsent(column, name -> new Column(type, new ArrayList<>()))
                .values
                .add(value);
        return this;
    }

    /** Ends a row; every row has the same columns. */
    void add() {
        if (++size == MOST) {
            write();
        }
    }

    /** Writes what has not been written yet. */
    void write() {
        if (size == 0) {
            return;
        }
        if (sql.dialect().hasArrays()) {
            Update update = sql.update(handle, statement);
            columns.forEach((name, column) -> update.bindArray(name, column.type, column.values.toArray()));
            update.execute();
        } else {
            batch();
        }
        columns.clear();
        size = 0;
    }

    private void batch() {
        try (PreparedBatch batch = sql.batch(handle, statement)) {
            for (int i = 0; i < size; i++) {
                int row = i;
                columns.forEach((name, column) -> batch.bindByType(name, column.values.get(row), column.type));
                batch.add();
            }
            batch.execute();
        }
    }
}
