package dev.ttsjobs.queue.jdbc;

import dev.ttsjobs.queue.ClipQueue.Depth;
import dev.ttsjobs.queue.ClipQueue.Outlook;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What the queue holds, and when something in it is due next. Thread-safe. */
final class Outlooks {

    private static final Duration CLOCK_WAS_SET = Duration.ofSeconds(1);

    private final Database database;
    private final Sql sql;

    Outlooks(Database database, Sql sql) {
        this.database = database;
        this.sql = sql;
    }

    Outlook outlook() {
        Instant before = database.now();
        Outlook outlook = outlook(before);
        // Who idles asks nothing else; a machine that slept, or was set, would go on looking at another time's queue.
        return Duration.between(before, database.now()).abs().compareTo(CLOCK_WAS_SET) > 0
                ? outlook(database.now())
                : outlook;
    }

    private Outlook outlook(Instant now) {
        record Seen(Outlook outlook, Instant serverNow) {}
        return database.read(handle -> database.hearing(
                        () -> sql.query(handle, "outlook")
                                .bind("now", Micros.of(now))
                                .map((row, context) -> new Seen(
                                        new Outlook(
                                                now,
                                                Optional.ofNullable(Micros.nullable(row, "next_due")),
                                                row.getInt("held") == 1),
                                        Micros.toInstant(row.getLong("server_now"))))
                                .one(),
                        Seen::serverNow))
                .outlook();
    }

    Depth depth() {
        return database.read(handle -> {
            long[] counts = new long[2];
            Instant[] oldest = new Instant[1];
            sql.query(handle, "depth")
                    .bind("now", Micros.of(database.now()))
                    .map((row, context) -> {
                        counts[row.getInt(1) == StateRow.LEASED ? 1 : 0] += row.getLong(2);
                        long due = row.getLong(3);
                        if (!row.wasNull()) {
                            oldest[0] = Micros.toInstant(due);
                        }
                        return true;
                    })
                    .list();
            return new Depth(counts[0], counts[1], Optional.ofNullable(oldest[0]));
        });
    }
}
