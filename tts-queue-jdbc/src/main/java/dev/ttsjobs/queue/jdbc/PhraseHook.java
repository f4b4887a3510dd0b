package dev.ttsjobs.queue.jdbc;

import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.PhraseResult;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * The host's part in the transaction in which phrases end: its own tables change if and only if the job's do. It must be
 * quick, use only the given connection, and neither commit, roll back nor close it.
 *
 * <p>What it throws rolls the group back, which is then completed in halves, until the phrase that it throws for is alone:
 * the others go on. That one's audio is kept and is not bought again; it is completed once the hook lets it, tried after
 * pauses that grow from 2 s to 10 min. Meanwhile its job says so ({@code progress().waitingFor()}, of the kind {@code
 * HOST}), and so does the log. A clip that several phrases share is completed for all of them or for none.
 *
 * <p>Called for phrases that end with a submit or a retry, too, in that transaction: what it throws makes the submit fail.
 * Every process that works on the queue is to be given the same hook.
 */
@FunctionalInterface
public interface PhraseHook {

    /** Called once for each group of phrases that end together. */
    void ended(Connection connection, List<EndedPhrase> phrases) throws SQLException;

    /**
     * A phrase that has ended, well or not.
     *
     * @param job its job
     * @param details what the job was submitted with
     * @param result what has become of it
     */
    record EndedPhrase(JobId job, Job.Details details, PhraseResult result) {}
}
