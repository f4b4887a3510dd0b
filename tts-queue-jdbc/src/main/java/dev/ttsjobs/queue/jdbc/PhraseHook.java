package dev.ttsjobs.queue.jdbc;

import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.PhraseResult;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * The host's part in the transaction in which phrases end: its own tables change if and only if the job's do. It must be
 * quick, use only the given connection, and neither commit, roll back nor close it. What it throws rolls everything back,
 * and the phrases are settled again later. Called for phrases that end with a submit, too, in the submit's transaction.
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
