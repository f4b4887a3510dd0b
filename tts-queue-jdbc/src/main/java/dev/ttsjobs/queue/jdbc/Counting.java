package dev.ttsjobs.queue.jdbc;

import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.cost.Quotas;
import dev.ttsjobs.job.JobRefusedException;
import dev.ttsjobs.queue.JobStore.Submission;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;

/**
 * Counts jobs under their limits, each by one statement that checks and counts, so that no two can both take the last place.
 * Rows are always locked in the same order: everybody's, the owner's, the owner's day.
 */
final class Counting {

    private final Sql sql;
    private final JobReads reads;

    Counting(Sql sql, JobReads reads) {
        this.sql = sql;
        this.reads = reads;
    }

    /** Counts a job, or says why it may not be accepted and counts nothing. */
    Optional<JobRefusedException> count(Handle handle, Submission submission, Instant now) {
        Quotas quotas = submission.terms().quotas();
        BigDecimal usd;
        try {
            usd = quotas.needCost() ? quotas.cost(missing(handle, submission)) : BigDecimal.ZERO;
        } catch (JobRefusedException e) {
            return Optional.of(e);
        }
        List<Quotas.Use> counted = new ArrayList<>();
        for (Quotas.Use use : quotas.uses(submission.details().owner(), submission.characters(), usd, now)) {
            bind(sql.update(handle, "addUse"), use).execute();
            if (add(handle, use, use.amount(), use.limit()) == 0) {
                long used =
                        bind(sql.query(handle, "used"), use).mapTo(Long.class).one();
                takeBack(handle, counted);
                return Optional.of(use.refusal(used, now));
            }
            counted.add(use);
        }
        if (!countDay(handle, submission, now)) {
            takeBack(handle, counted);
            return Optional.of(JobRefusedException.dailyLimit(submission.terms().jobsPerDay(), now));
        }
        return Optional.empty();
    }

    private List<Clip> missing(Handle handle, Submission submission) {
        Set<ClipKey> made =
                reads.made(handle, submission.spoken().stream().map(Clip::key).toList());
        return submission.spoken().stream()
                .filter(clip -> !made.contains(clip.key()))
                .toList();
    }

    private int add(Handle handle, Quotas.Use use, long amount, long limit) {
        return bind(sql.update(handle, "countUse"), use)
                .bind("amount", amount)
                .bind("limit", limit)
                .execute();
    }

    /** A refused job may turn out to be a repeated one, and its transaction be committed. */
    private void takeBack(Handle handle, List<Quotas.Use> counted) {
        counted.forEach(use -> add(handle, use, -use.amount(), Long.MAX_VALUE));
    }

    private static <S extends SqlStatement<S>> S bind(S statement, Quotas.Use use) {
        return statement
                .bind("measure", use.measure().ordinal())
                .bind("owner", use.owner())
                .bind("period", use.period());
    }

    private boolean countDay(Handle handle, Submission submission, Instant now) {
        String owner = submission.details().owner();
        int day = (int) LocalDate.ofInstant(now, ZoneOffset.UTC).toEpochDay();
        sql.update(handle, "addDay").bind("owner", owner).bind("day", day).execute();
        return sql.update(handle, "countDay")
                        .bind("owner", owner)
                        .bind("day", day)
                        .bind("limit", submission.terms().jobsPerDay())
                        .execute()
                == 1;
    }
}
