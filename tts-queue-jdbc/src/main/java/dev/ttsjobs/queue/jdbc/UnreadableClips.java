package dev.ttsjobs.queue.jdbc;

import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import dev.ttsjobs.queue.Lease;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Clips that were claimed and whose rows this version cannot read. Each rests for a growing pause, so that a newer worker
 * may take it in between; after a day it is given up. Nothing is called for it, and it costs no attempt. Thread-safe.
 */
final class UnreadableClips {

    /** The code of the failure that tells of such a clip; in a row about what is refused, it tells those apart. */
    static final String CODE = "unreadable_row";

    private static final Logger log = LoggerFactory.getLogger(UnreadableClips.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(5);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(30);
    private static final Duration PATIENCE = Duration.ofDays(1);

    /** However long the queue stood still meanwhile. */
    private static final int FEWEST_TIMES = 10;

    private final Sql sql;

    UnreadableClips(Sql sql) {
        this.sql = sql;
    }

    static Failure failure(String message) {
        return Failure.of(FailureKind.UNAVAILABLE, CODE, message);
    }

    private record Before(Instant since, int times) {

        boolean isEnough(Instant now) {
            return times >= FEWEST_TIMES && !now.isBefore(since.plus(PATIENCE));
        }

        Duration pause() {
            Duration growing = FIRST_PAUSE.multipliedBy(1L << Math.min(times, 16));
            return growing.compareTo(LONGEST_PAUSE) < 0 ? growing : LONGEST_PAUSE;
        }
    }

    /** Puts clips back into the queue, to rest; gives leases for those that are to be given up instead. */
    List<Lease> setAside(Handle handle, WorkerId worker, List<ClipRows.Claimed> claimed, Instant now) {
        List<Long> numbers = claimed.stream().map(ClipRows.Claimed::number).toList();
        Map<Long, StateRow> rows = StateRow.lock(handle, sql, numbers);
        Map<Long, Before> known = before(handle, numbers);
        Rows first = new Rows(sql, handle, "addUnreadable");
        Rows again = new Rows(sql, handle, "raiseUnreadable");
        List<StateRow> resting = new ArrayList<>();
        List<Lease> givenUp = new ArrayList<>();
        for (ClipRows.Claimed each : claimed) {
            Unreadable trouble = Objects.requireNonNull(each.trouble());
            Failure failure = failure(String.valueOf(trouble.getMessage()));
            Lease lease = new Lease(each.clip(), worker, each.epoch(), each.attempts(), failure, null);
            StateRow row = rows.get(each.number());
            if (row == null || !row.isHeldUnder(lease)) {
                continue;
            }
            Before before = known.getOrDefault(row.clip, new Before(now, 0));
            if (before.isEnough(now)) {
                givenUp.add(lease);
                continue;
            }
            row.putBack(Micros.of(now.plus(before.pause())));
            resting.add(row);
            Rows written =
                    before.times == 0 ? first.number("now", Micros.of(now)).word("code", CODE) : again;
            written.number("clip", row.clip).word("reason", failure.message()).add();
            trouble.tellOnceForAllAlike(
                    log,
                    "set aside for a worker that can read it, and given up after a day; others like it are not told of");
        }
        first.write();
        again.write();
        StateRow.write(handle, sql, resting);
        return givenUp;
    }

    private Map<Long, Before> before(Handle handle, List<Long> clips) {
        Map<Long, Before> before = new HashMap<>();
        sql.query(handle, "refusedSince", "clips", clips)
                .map((row, context) -> Map.entry(
                        row.getLong("clip"),
                        new Before(Micros.toInstant(row.getLong("since")), Math.max(1, row.getInt("times")))))
                .forEach(row -> before.put(row.getKey(), row.getValue()));
        return before;
    }
}
