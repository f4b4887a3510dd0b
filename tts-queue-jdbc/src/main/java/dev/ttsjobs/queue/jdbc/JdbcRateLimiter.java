package dev.ttsjobs.queue.jdbc;

import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.limit.LimiterState;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.limit.RateLimiter;
import dev.ttsjobs.speech.ProviderHints;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * An account's limit as a row that all processes change: read, reckoned with in Java, and written if nobody else wrote in
 * between. A process asks for several slots at once, so that the row is never hot.
 */
final class JdbcRateLimiter implements RateLimiter {

    private static final Duration KNOWN_FOR = Duration.ofSeconds(1);

    private final Database database;
    private final Sql sql;
    private final String account;
    private final RateLimit limit;
    private final Wakes wakes;
    private final RandomGenerator versions;
    private volatile @Nullable Known known;

    /** What the row last said, and when: enough to see that most successes change nothing, and to change it unread. */
    private record Known(Row row, Instant at) {

        LimiterState state() {
            return row.state;
        }
    }

    /** @param pausedKind the word for the pause's kind, which this version may not know; null while there is no pause */
    private record Row(
            long version, LimiterState state, @Nullable String pausedKind) {

        /** The word for the kind of a pause that goes on or begins. */
        String kindOf(Pause pause) {
            Pause before = state.pause();
            return pausedKind != null && before != null && before.failure().equals(pause.failure())
                    ? pausedKind
                    : pause.failure().kind().name();
        }
    }

    JdbcRateLimiter(
            Database database, Sql sql, String account, RateLimit limit, Wakes wakes, RandomGenerator versions) {
        this.database = database;
        this.sql = sql;
        this.account = account;
        this.limit = limit;
        this.wakes = wakes;
        this.versions = versions;
    }

    @Override
    public Reservation reserve(List<Integer> costs) {
        Reservation[] reservation = new Reservation[1];
        change(state -> {
            LimiterState.Granted granted = state.reserve(database.now(), limit, costs);
            reservation[0] = granted.reservation();
            return granted.state();
        });
        return Objects.requireNonNull(reservation[0]);
    }

    @Override
    public void slowDown(@Nullable Duration retryAfter) {
        change(state -> state.slowedDown(database.now(), retryAfter));
    }

    @Override
    public void pause(Failure failure) {
        change(state -> state.paused(database.now(), limit, failure));
    }

    @Override
    public void succeeded(ProviderHints hints) {
        Instant now = database.now();
        Known last = known;
        if (last != null
                && last.at.plus(KNOWN_FOR).isAfter(now)
                && last.state().succeeded(now, limit, hints).equals(last.state())) {
            return;
        }
        change(state -> state.succeeded(now, limit, hints));
    }

    @Override
    public void resume() {
        end();
    }

    /** Ends a pause; says whether there was one. */
    boolean end() {
        return change(LimiterState::resumed);
    }

    @Override
    public Optional<Pause> pause() {
        return database.read(this::read).map(row -> row.state.pause());
    }

    private enum Changed {
        NOT_YET,
        DONE,
        PAUSE_ENDED
    }

    /** Changes the row; says whether that ended a pause. */
    private boolean change(UnaryOperator<LimiterState> change) {
        Changed changed = changedUnread(change) || leavesAsItIs(change) ? Changed.DONE : Changed.NOT_YET;
        while (changed == Changed.NOT_YET) {
            // Unless it is the first try, another process wrote first; what it wrote is what this change has to start
            // from.
            changed = database.write(handle -> tryChange(handle, change));
        }
        if (changed == Changed.PAUSE_ENDED) {
            wakes.forWork();
        }
        return changed == Changed.PAUSE_ENDED;
    }

    /** One statement will do where nobody else has written since. */
    private boolean changedUnread(UnaryOperator<LimiterState> change) {
        Known last = known;
        if (last == null || last.state().pause() != null) {
            return false;
        }
        LimiterState after = change.apply(last.state());
        if (after.pause() != null) {
            return false;
        }
        // That there is nothing to change can only be known of the row as it is now.
        return !after.equals(last.state()) && database.writeAtOnce(handle -> write(handle, last.row, after));
    }

    /** Nor does it take a transaction to see that there is nothing to change, as where nothing limits the account. */
    private boolean leavesAsItIs(UnaryOperator<LimiterState> change) {
        Known last = known;
        if (last == null || !change.apply(last.state()).equals(last.state())) {
            return false;
        }
        Row found = database.read(this::read).orElse(null);
        if (found == null || !change.apply(found.state).equals(found.state)) {
            return false;
        }
        known = new Known(found, database.now());
        return true;
    }

    private Changed tryChange(Handle handle, UnaryOperator<LimiterState> change) {
        Optional<Row> found = read(handle);
        if (found.isEmpty()) {
            sql.update(handle, "addLimiter").bind("account", account).execute();
            return Changed.NOT_YET;
        }
        LimiterState before = found.get().state;
        LimiterState after = change.apply(before);
        if (after.equals(before)) {
            known = new Known(found.get(), database.now());
        } else if (!write(handle, found.get(), after)) {
            return Changed.NOT_YET;
        }
        if (!Objects.equals(before.pause(), after.pause()) && sql.has("forceToDisk")) {
            // Somebody was told that the account is paused, or that it is so no longer.
            sql.query(handle, "forceToDisk").mapTo(String.class).one();
        }
        if (before.pause() == null || after.pause() != null) {
            return Changed.DONE;
        }
        wakes.othersForWork(handle);
        return Changed.PAUSE_ENDED;
    }

    private Optional<Row> read(Handle handle) {
        return sql.query(handle, "limiter")
                .bind("account", account)
                .map((row, context) -> new Row(row.getLong("version"), state(row), row.getString("paused_kind")))
                .findOne();
    }

    /** The pause in a row, if there is one. */
    static @Nullable Pause pause(ResultSet row) throws SQLException {
        String kind = row.getString("paused_kind");
        return kind == null
                ? null
                : new Pause(
                        Failures.read(row, "paused"),
                        Micros.toInstant(row.getLong("paused_since")),
                        Micros.toInstant(row.getLong("probe_at")),
                        row.getInt("probes"));
    }

    private static LimiterState state(ResultSet row) throws SQLException {
        double factor = row.getDouble("factor");
        try {
            return state(row, factor);
        } catch (IllegalArgumentException e) {
            // It cannot be, whoever wrote it; the pace that was asked for is where everybody begins.
            return state(row, 1);
        }
    }

    private static LimiterState state(ResultSet row, double factor) throws SQLException {
        return new LimiterState(
                Micros.toInstant(row.getLong("next_request")),
                Micros.toInstant(row.getLong("next_token")),
                Micros.toInstant(row.getLong("blocked_until")),
                factor,
                Micros.toInstant(row.getLong("factor_at")),
                pause(row));
    }

    private boolean write(Handle handle, Row before, LimiterState state) {
        Pause pause = state.pause();
        String kind = pause == null ? null : before.kindOf(pause);
        long next = versions.nextLong(1, Long.MAX_VALUE);
        boolean written = sql.update(handle, "setLimiter")
                        .bind("account", account)
                        .bind("version", before.version)
                        .bind("next", next)
                        .bind("nextRequest", Micros.of(state.nextRequest()))
                        .bind("nextToken", Micros.of(state.nextToken()))
                        .bind("blockedUntil", Micros.of(state.blockedUntil()))
                        .bind("factor", state.factor())
                        .bind("factorAt", Micros.of(state.factorAt()))
                        .bind("kind", kind)
                        .bind("code", pause == null ? null : pause.failure().code())
                        .bind("message", pause == null ? null : pause.failure().message())
                        .bind("since", pause == null ? null : Micros.of(pause.since()))
                        .bind("probeAt", pause == null ? null : Micros.of(pause.probeAt()))
                        .bind("probes", pause == null ? null : pause.probes())
                        .execute()
                == 1;
        if (written) {
            known = new Known(new Row(next, state, kind), database.now());
        }
        return written;
    }
}
