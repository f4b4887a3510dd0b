package dev.ttsjobs.queue.jdbc;

import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Failures as rows hold them: a kind, a code and a message, read in one place. */
final class Failures {

    private Failures() {}

    /**
     * The kind of that name. One that this version does not know is taken for the most cautious: nothing is tried again by
     * itself on its account, and an account that is paused for it stays so.
     */
    static FailureKind kind(@Nullable String name) {
        for (FailureKind kind : FailureKind.values()) {
            if (kind.name().equals(name)) {
                return kind;
            }
        }
        return FailureKind.UNAVAILABLE;
    }

    static Failure of(@Nullable String kind, @Nullable String code, @Nullable String message) {
        return Failure.of(kind(kind), code == null ? "" : code, message == null ? "" : message);
    }

    /** The failure in a row's three columns of that beginning. */
    static Failure read(ResultSet row, String start) throws SQLException {
        return of(row.getString(start + "_kind"), row.getString(start + "_code"), row.getString(start + "_message"));
    }
}
