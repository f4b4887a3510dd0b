package dev.ttsjobs.queue.jdbc;

import dev.ttsjobs.event.JobEvent;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.queue.ClipQueue;
import dev.ttsjobs.queue.EventQueue;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The outbox in the queue's database. */
final class JdbcOutbox implements EventQueue {

    private static final Logger log = LoggerFactory.getLogger(JdbcOutbox.class);

    /** How often events are taken in the place of those that cannot be read, before others have their turn. */
    private static final int LOOKS = 100;

    /** Of an event that cannot be read; with these pauses somewhat more than a day. */
    private static final int MOST_ATTEMPTS = 8;

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(5);
    private static final Duration LONGEST_PAUSE = Duration.ofHours(10);

    private final Database database;
    private final Sql sql;
    private final Wakes wakes;

    JdbcOutbox(Database database, Sql sql, Wakes wakes) {
        this.database = database;
        this.sql = sql;
        this.wakes = wakes;
    }

    /** Writes the ends of jobs, whose rows are written already, in the transaction that ends them. */
    void ended(Handle handle, Collection<Long> jobs) {
        if (jobs.isEmpty() || sql.update(handle, "addDeliveries", "jobs", jobs).execute() == 0) {
            return;
        }
        sql.update(handle, "addEvents", "jobs", jobs).execute();
        wakes.othersForEvents(handle);
        handle.afterCommit(wakes::forEvents);
    }

    @Override
    public void subscribe(String handler) {
        Delivery.requireName(handler);
        database.aside(() -> database.write(handle -> sql.update(handle, "addHandler")
                .bind("handler", handler)
                .bind("now", Micros.of(database.now()))
                .execute()));
    }

    @Override
    public boolean unsubscribe(String handler) {
        return database.write(handle -> {
            int known =
                    sql.update(handle, "dropHandler").bind("handler", handler).execute();
            sql.update(handle, "dropDeliveries").bind("handler", handler).execute();
            return known > 0;
        });
    }

    private record Due(long job, long version, long epoch, long due) {}

    @Override
    public Batch take(String handler, int max, Duration lease) {
        Taken taken = database.aside(() -> takeNext(handler, max, lease));
        // Those that cannot be read are out of the way then, and what is behind them comes in their place. Between two
        // looks the heart may beat.
        for (int look = 1; look < LOOKS && taken.isInVain(); look++) {
            taken = database.aside(() -> takeNext(handler, max, lease));
        }
        return taken.batch;
    }

    private record Taken(Batch batch, int due) {

        boolean isInVain() {
            return due > 0 && batch.deliveries().isEmpty();
        }
    }

    private Taken takeNext(String handler, int max, Duration lease) {
        Instant now = database.now();
        // One more than wanted, and also what is not due yet: so that an idle look is one statement.
        List<Due> next = database.read(handle -> sql.query(handle, "nextDeliveries")
                .bind("handler", handler)
                .bind("limit", max + 1)
                .map((row, context) -> new Due(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4)))
                .list());
        List<Due> due = next.stream()
                .filter(each -> each.due <= Micros.of(now))
                .limit(max)
                .toList();
        Optional<Duration> wait = next.size() == due.size()
                ? Optional.empty()
                : Optional.of(Duration.between(now, Micros.toInstant(next.get(due.size()).due)))
                        .map(left -> left.isNegative() ? Duration.ZERO : left);
        List<Delivery> taken = due.isEmpty() ? List.of() : database.write(handle -> take(handle, handler, due, lease));
        return new Taken(new Batch(taken, wait), due.size());
    }

    private List<Delivery> take(Handle handle, String handler, List<Due> due, Duration lease) {
        List<Delivery> taken = new ArrayList<>();
        for (Due each : due) {
            int won = sql.update(handle, "takeDelivery")
                    .bind("handler", handler)
                    .bind("job", each.job)
                    .bind("version", each.version)
                    .bind("epoch", each.epoch)
                    .bind("until", Micros.of(database.now().plus(lease)))
                    .execute();
            if (won > 0) {
                taken.addAll(sql
                        .query(handle, "deliveryRow")
                        .bind("handler", handler)
                        .bind("job", each.job)
                        .bind("version", each.version)
                        .map((row, context) -> read(row))
                        .stream()
                        .flatMap(read -> deliverable(handle, each, read))
                        .toList());
            }
        }
        return taken;
    }

    /** A delivery, or why it cannot be read. */
    private record Read(
            @Nullable Delivery delivery,
            String handler,
            int attempts,
            @Nullable Unreadable trouble) {}

    private static Read read(ResultSet row) throws SQLException {
        String handler = row.getString("handler");
        int attempts = row.getInt("attempts");
        try {
            return new Read(delivery(row), handler, attempts, null);
        } catch (Unreadable e) {
            return new Read(null, handler, attempts, e);
        }
    }

    /** What cannot be read rests for who can, and becomes a dead letter like any other that nobody takes. */
    private Stream<Delivery> deliverable(Handle handle, Due taken, Read read) {
        Unreadable trouble = read.trouble;
        if (trouble == null) {
            return Stream.ofNullable(read.delivery);
        }
        boolean dead = read.attempts >= MOST_ATTEMPTS;
        String error = Delivery.errorLine(String.valueOf(trouble.getMessage()));
        sql.update(handle, "setDeliveryAside")
                .bind("job", taken.job)
                .bind("handler", read.handler)
                .bind("version", taken.version)
                .bind("state", dead ? DeliveryState.DEAD.ordinal() : DeliveryState.WAITING.ordinal())
                .bind("error", error)
                .bind("due", Micros.of(database.now().plus(pauseAfter(read.attempts))))
                .execute();
        if (dead || read.attempts == 1) {
            log.warn("{} for {}: {}", dead ? "a dead letter" : "an event is set aside", read.handler, error);
        }
        return Stream.empty();
    }

    private static Duration pauseAfter(int attempts) {
        Duration growing = FIRST_PAUSE.multipliedBy(1L << Math.min(3 * (attempts - 1), 30));
        return growing.compareTo(LONGEST_PAUSE) < 0 ? growing : LONGEST_PAUSE;
    }

    private static Delivery delivery(ResultSet row) throws SQLException {
        Job job = JobRow.read(row).snapshot(null);
        JobEvent event = new JobEvent(
                job.id() + "-" + job.timeline().version(),
                job,
                Objects.requireNonNull(job.timeline().completedAt()));
        DeliveryState state =
                new Columns(row, "the delivery of job", job.id()).oneOf("delivery_state", DeliveryState.values());
        return new Delivery(
                row.getString("handler"),
                event,
                state,
                row.getInt("attempts"),
                row.getLong("epoch"),
                row.getString("last_error"),
                state == DeliveryState.WAITING ? Micros.toInstant(row.getLong("due")) : null);
    }

    @Override
    public boolean delivered(Delivery delivery) {
        return end(delivery, DeliveryState.DELIVERED, null, Duration.ZERO);
    }

    @Override
    public boolean again(Delivery delivery, String error, Duration pause) {
        return end(delivery, DeliveryState.WAITING, error, pause);
    }

    @Override
    public boolean dead(Delivery delivery, String error) {
        return end(delivery, DeliveryState.DEAD, error, Duration.ZERO);
    }

    private boolean end(Delivery delivery, DeliveryState state, @Nullable String error, Duration pause) {
        boolean done = database.aside(() -> database.write(handle -> sql.update(handle, "endDelivery")
                        .bind("id", delivery.event().job().id().toString())
                        .bind("handler", delivery.handler())
                        .bind("version", delivery.event().job().timeline().version())
                        .bind("epoch", delivery.epoch())
                        .bind("state", state.ordinal())
                        .bind("error", error == null ? null : Delivery.errorLine(error))
                        .bind("due", Micros.of(database.now().plus(pause)))
                        .execute()
                > 0));
        if (done && state != DeliveryState.WAITING) {
            // Another event of the job may have waited for this one.
            wakes.forEvents();
        }
        return done;
    }

    @Override
    public List<Delivery> deliveries(JobId job) {
        return database.read(handle -> sql.query(handle, "deliveriesOfJob")
                .bind("id", job.toString())
                .map((row, context) -> delivery(row))
                .list());
    }

    @Override
    public List<Delivery> deadLetters(String handler, int limit) {
        return database.read(handle -> sql
                .query(handle, "deadLetters")
                .bind("handler", handler)
                .bind("limit", limit)
                .map((row, context) -> read(row))
                .stream()
                .flatMap(JdbcOutbox::shown)
                .toList());
    }

    /** One that cannot be read was told of in the log, and can be replayed by its name. */
    private static Stream<Delivery> shown(Read read) {
        if (read.trouble != null) {
            read.trouble.tellOnce(log, "left out of the dead letters of " + read.handler);
        }
        return Stream.ofNullable(read.delivery);
    }

    @Override
    public boolean replay(JobId job, String handler, String event) {
        OptionalLong version = version(job, event);
        if (version.isEmpty()) {
            return false;
        }
        return database.write(handle -> {
            int replayed = sql.update(handle, "replayDelivery")
                    .bind("id", job.toString())
                    .bind("handler", handler)
                    .bind("version", version.getAsLong())
                    .bind("now", Micros.of(database.now()))
                    .execute();
            if (replayed > 0) {
                wakes.othersForEvents(handle);
                handle.afterCommit(wakes::forEvents);
            }
            return replayed > 0;
        });
    }

    /** An event's id is its job's id, a dash, and the version of the job that ended. */
    private static OptionalLong version(JobId job, String event) {
        String start = job + "-";
        String number = event.startsWith(start) ? event.substring(start.length()) : "";
        return number.matches("[0-9]{1,18}") ? OptionalLong.of(Long.parseLong(number)) : OptionalLong.empty();
    }

    @Override
    public ClipQueue.Signal onEvent(Runnable wake) {
        return wakes.onEvent(wake);
    }
}
