package dev.ttsjobs.queue.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jdbi.v3.core.statement.Update;

/** The named statements of {@code queue.sql} and its like, in the words of one database. Thread-safe. */
final class Sql {

    /** A queue is that much longer when the plans that were made for it are made anew. */
    private static final int GROWTH = 4;

    /** Up to so many clips it makes no difference how they are looked for. */
    private static final long FEW = 1_024;

    private static final String MARK = "-- name: ";

    private final Dialect dialect;
    private final Map<String, String> statements = new HashMap<>();
    private volatile long most = FEW;
    private volatile String size = "";

    private static final List<String> FILES =
            List.of("queue.sql", "events.sql", "accounts.sql", "prune.sql", "hook.sql", "rounds.sql");

    Sql(Dialect dialect, String prefix) {
        this(dialect, prefix, FILES.stream().map(Sql::resource).collect(Collectors.joining("\n")));
    }

    /** @throws IllegalStateException when two statements have one name: one of them would be used in the other's place */
    Sql(Dialect dialect, String prefix, String all) {
        this.dialect = dialect;
        Map<String, String> own = new HashMap<>();
        for (String block : all.split("(?m)^(?=" + MARK + ")")) {
            if (block.startsWith(MARK)) {
                int end = block.indexOf('\n');
                String[] name = block.substring(MARK.length(), end).trim().split(" @");
                String sql = dialect.resolve(block.substring(end + 1).trim(), prefix);
                boolean common = name.length == 1;
                if (common || name[1].equals(dialect.statementsOf())) {
                    String other = (common ? statements : own).put(name[0], sql);
                    if (other != null) {
                        throw new IllegalStateException("two statements of one name: " + String.join(" @", name));
                    }
                }
            }
        }
        statements.putAll(own);
    }

    static String resource(String name) {
        try (InputStream in = Sql.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("missing from the jar: " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Dialect dialect() {
        return dialect;
    }

    /** The names of all statements that this database has. */
    Set<String> names() {
        return Set.copyOf(statements.keySet());
    }

    boolean has(String name) {
        return statements.containsKey(name);
    }

    /** The statement as it is sent now, but for what is bound. */
    String text(String name) {
        String sql = statements.get(name);
        if (sql == null) {
            throw new IllegalArgumentException("no statement of that name: " + name);
        }
        return sql + size;
    }

    /**
     * A clip of this number has been seen. PostgreSQL keeps the plan of a statement that comes often, and a plan that was made
     * for a short queue reads the whole of a long one; so a statement that is sent to a longer queue is another one.
     */
    void seen(long clip) {
        if (clip <= most || dialect != Dialect.POSTGRESQL) {
            return;
        }
        synchronized (this) {
            while (clip > most) {
                most *= GROWTH;
            }
            size = " /* up to " + most + " clips */";
        }
    }

    Query query(Handle handle, String name) {
        return handle.createQuery(text(name));
    }

    Query query(Handle handle, String name, String list, Collection<Long> numbers) {
        return dialect.bindNumbers(query(handle, name), list, numbers);
    }

    Update update(Handle handle, String name) {
        return handle.createUpdate(text(name));
    }

    Update update(Handle handle, String name, String list, Collection<Long> numbers) {
        return dialect.bindNumbers(update(handle, name), list, numbers);
    }

    PreparedBatch batch(Handle handle, String name) {
        return handle.prepareBatch(text(name));
    }

    <S extends SqlStatement<S>> S words(S statement, String list, Collection<String> words) {
        return dialect.bindWords(statement, list, words);
    }
}
