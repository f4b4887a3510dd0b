package dev.ttsjobs.queue.jdbc;

import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.queue.ClipQueue.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the host's hook has refused: clips that are made, or given up, and cannot be completed until it agrees. Each rests
 * for a growing pause in the queue meanwhile, and nothing is bought for it again. Thread-safe.
 */
final class Refusals {

    /** The hook threw, and the transaction is to be rolled back. */
    static final class Refused extends JdbiException {

        private static final long serialVersionUID = 1L;

        Refused(Throwable cause) {
            super("the host's part in the transaction failed: " + cause, cause);
        }
    }

    private static final Logger log = LoggerFactory.getLogger(Refusals.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(2);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);

    private final Sql sql;
    private final boolean hooked;
    /** Clips in this process's hands that were refused before, so that others need not be asked about. */
    private final Set<Long> inHand = ConcurrentHashMap.newKeySet();

    /** @param hooked whether there is a hook at all */
    Refusals(Sql sql, boolean hooked) {
        this.sql = sql;
        this.hooked = hooked;
    }

    /** What those of some claimed clips had come to that were given up, and are not to be tried again. */
    Map<Long, Failure> verdicts(Handle handle, List<Long> claimed) {
        Map<Long, Failure> verdicts = new HashMap<>();
        if (hooked && !claimed.isEmpty()) {
            sql.query(handle, "refusedClips", "clips", claimed)
                    .map((row, context) -> {
                        long clip = row.getLong("clip");
                        inHand.add(clip);
                        String kind = row.getString("failure_kind");
                        if (kind != null) {
                            verdicts.put(clip, Failures.read(row, "failure"));
                        }
                        return clip;
                    })
                    .list();
        }
        return verdicts;
    }

    /** These have ended: the hook has agreed. */
    void ended(Handle handle, Collection<Long> clips) {
        List<Long> before = clips.stream().filter(inHand::contains).toList();
        if (!before.isEmpty()) {
            sql.update(handle, "dropRefusals", "clips", before).execute();
        }
    }

    /** It is in hand, and was refused before. */
    void take(long clip) {
        inHand.add(clip);
    }

    /** It is in hand no longer. */
    void letGo(long clip) {
        inHand.remove(clip);
    }

    /** Keeps what the clip had come to, and why it was refused; says how long it rests. */
    Duration add(Handle handle, long clip, Outcome outcome, Throwable why, Instant now) {
        Failure reason = Failure.of(FailureKind.HOST, "host_refused", String.valueOf(why.getMessage()));
        int before = sql.query(handle, "timesRefused")
                .bind("clip", clip)
                .bind("code", UnreadableClips.CODE)
                .mapTo(Integer.class)
                .findOne()
                .orElse(0);
        if (before == 0) {
            // It may have been one that a worker before could not read.
            sql.update(handle, "dropRefusals", "clips", List.of(clip)).execute();
            Failure verdict = outcome instanceof Outcome.GivenUp givenUp ? givenUp.failure() : null;
            sql.update(handle, "addRefusal")
                    .bind("clip", clip)
                    .bind("now", Micros.of(now))
                    .bind("reason", reason.message())
                    .bind("kind", verdict == null ? null : verdict.kind().name())
                    .bind("code", verdict == null ? null : verdict.code())
                    .bind("message", verdict == null ? null : verdict.message())
                    .execute();
        } else {
            sql.update(handle, "raiseRefusal")
                    .bind("clip", clip)
                    .bind("reason", reason.message())
                    .execute();
        }
        Duration growing = FIRST_PAUSE.multipliedBy(1L << Math.min(before, 16));
        Duration pause = growing.compareTo(LONGEST_PAUSE) < 0 ? growing : LONGEST_PAUSE;
        log.warn(
                "clip {} could not be completed, refusal {}, next try in {}: {}",
                outcome.lease().clip().key(),
                before + 1,
                pause,
                reason.message());
        return pause;
    }

    /** What the jobs wait for some of whose phrases are refused. */
    Map<Long, Job.WaitingFor> waitingFor(Handle handle, Collection<Long> jobs) {
        Map<Long, Job.WaitingFor> waiting = new HashMap<>();
        sql.query(handle, "jobsRefused", "jobs", jobs)
                .map((row, context) -> Map.entry(
                        row.getLong(1),
                        new Job.WaitingFor(
                                UnreadableClips.CODE.equals(row.getString(4))
                                        ? UnreadableClips.failure(row.getString(2))
                                        : Failure.of(FailureKind.HOST, "host_refused", row.getString(2)),
                                Micros.toInstant(row.getLong(3)))))
                .forEach(each -> waiting.putIfAbsent(each.getKey(), each.getValue()));
        return waiting;
    }
}
