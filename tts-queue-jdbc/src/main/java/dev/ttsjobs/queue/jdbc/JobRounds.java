package dev.ttsjobs.queue.jdbc;

import dev.ttsjobs.retry.RetryPolicy.Rounds;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Which jobs are tried again by themselves, and when. Their rows are changed by whoever has locked the job's. */
final class JobRounds {

    private static final int JOBS = 100;

    private final Sql sql;

    JobRounds(Sql sql) {
        this.sql = sql;
    }

    /** A new job. */
    void add(Handle handle, long job, Rounds rounds) {
        if (rounds.most() > 0) {
            sql.update(handle, "addRounds")
                    .bind("job", job)
                    .bind("most", rounds.most())
                    .bind("pause", rounds.firstPause().toNanos() / 1_000)
                    .execute();
        }
    }

    /** These jobs have ended with something lacking. */
    void ended(Handle handle, Collection<Long> jobs, Instant now) {
        if (jobs.isEmpty()) {
            return;
        }
        List<Left> left = sql.query(handle, "roundsLeft", "jobs", jobs)
                .map((row, context) -> new Left(
                        row.getLong("job"), row.getInt("done"), row.getInt("most"), row.getLong("first_pause")))
                .list();
        for (Left each : left) {
            Optional<Duration> pause = each.pause();
            if (pause.isPresent() && mayPass(handle, each.job)) {
                sql.update(handle, "setRoundDue")
                        .bind("job", each.job)
                        .bind("due", Micros.of(now.plus(pause.get())))
                        .execute();
            }
        }
    }

    private record Left(long job, int done, int most, long firstPause) {

        /** None where the row holds what cannot be: it must not keep its job from ending. */
        Optional<Duration> pause() {
            try {
                return new Rounds(most, Duration.of(firstPause, ChronoUnit.MICROS)).pauseAfter(done);
            } catch (IllegalArgumentException | ArithmeticException e) {
                return Optional.empty();
            }
        }
    }

    private boolean mayPass(Handle handle, long job) {
        return sql
                .query(handle, "failureKinds")
                .bind("from", job * Submits.PHRASES)
                .bind("to", (job + 1) * Submits.PHRASES)
                .mapTo(String.class)
                .stream()
                .anyMatch(kind -> Failures.kind(kind).retryable());
    }

    /** Jobs whose time has come. */
    List<JobRow> due(Handle handle, Instant now) {
        return sql.query(handle, "jobsDue")
                .bind("now", Micros.of(now))
                .bind("limit", JOBS)
                .map((row, context) -> JobRow.read(row))
                .list();
    }

    /** Takes the round that is due; false when somebody else has taken it. */
    boolean take(Handle handle, long job, Instant now) {
        return sql.update(handle, "takeRound")
                        .bind("job", job)
                        .bind("now", Micros.of(now))
                        .execute()
                == 1;
    }

    /** Lets a job rest that cannot be tried again at the moment, so that it is not at the head of those behind it. */
    void rest(Handle handle, long job, Instant now, Duration rest) {
        sql.update(handle, "restRound")
                .bind("job", job)
                .bind("now", Micros.of(now))
                .bind("due", Micros.of(now.plus(rest)))
                .execute();
    }

    /** It runs anew because somebody asked for it. */
    void asked(Handle handle, long job) {
        sql.update(handle, "noRoundDue").bind("job", job).execute();
    }
}
