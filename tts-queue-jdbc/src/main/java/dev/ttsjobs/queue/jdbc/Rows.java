package dev.ttsjobs.queue.jdbc;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.argument.Argument;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.SqlStatement;
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

    private @Nullable Answers answers;
    private @Nullable List<Long> heard;

    private record Column(Class<?> type, String sqlType, List<@Nullable Object> values) {

        /** Of the type itself: the driver then sends them as they are, not as one long text to be taken apart again. */
        Argument array() {
            Object[] typed = values.toArray((Object[]) Array.newInstance(type, 0));
            return (position, statement, context) ->
                    statement.setArray(position, statement.getConnection().createArrayOf(sqlType, typed));
        }
    }

    /** Hears of rows that were inserted, where the database says which. */
    private record Answers(String[] columns, RowMapper<?> mapper) {}

    Rows(Sql sql, Handle handle, String statement) {
        this.sql = sql;
        this.handle = handle;
        this.statement = statement;
    }

    /** Has rows read back that are inserted, and not found there already; only where the database takes arrays. */
    Rows answered(RowMapper<?> mapper, String... columns) {
        answers = new Answers(columns, mapper);
        return this;
    }

    /** Has a statement that answers with numbers add them to a list; only where the database takes arrays. */
    Rows hearing(List<Long> numbers) {
        heard = numbers;
        return this;
    }

    Rows number(String column, @Nullable Number value) {
        return put(column, Long.class, "bigint", value == null ? null : value.longValue());
    }

    Rows real(String column, double value) {
        return put(column, Double.class, "float8", value);
    }

    Rows word(String column, @Nullable String value) {
        return put(column, String.class, "varchar", value);
    }

    private Rows put(String column, Class<?> type, String sqlType, @Nullable Object value) {
        Column known = columns.get(column);
        if (known == null) {
            known = new Column(type, sqlType, new ArrayList<>());
            columns.put(column, known);
        }
        known.values.add(value);
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
        if (heard != null) {
            heard.addAll(bound(sql.query(handle, statement)).mapTo(Long.class).list());
        } else if (sql.dialect().hasArrays()) {
            Update update = bound(sql.update(handle, statement));
            if (answers == null) {
                update.execute();
            } else {
                update.executeAndReturnGeneratedKeys(answers.columns)
                        .map(answers.mapper)
                        .list();
            }
        } else {
            batch();
        }
        columns.values().forEach(column -> column.values.clear());
        size = 0;
    }

    private <S extends SqlStatement<S>> S bound(S over) {
        columns.forEach((name, column) -> over.bind(name, column.array()));
        return over;
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
