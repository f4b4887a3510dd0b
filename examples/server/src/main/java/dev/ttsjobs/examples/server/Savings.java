package dev.ttsjobs.examples.server;

import dev.ttsjobs.SpeechJobs;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.job.PhraseResult;
import dev.ttsjobs.job.Usage;
import dev.ttsjobs.queue.JobStore.JobQuery;
import java.util.List;
import java.util.Objects;

/**
 * How many characters were not paid for because their audio was there already. The ledger knows what a job has and what was
 * paid; of the rest, what still waits, failed or was called off is not saved.
 */
final class Savings {

    private static final int MOST_JOBS = 1000;

    private Savings() {}

    /** Exact once all of a job has its audio; before that, and where something failed, a share by the number of clips. */
    static long of(Job job, List<PhraseResult> results) {
        long unpaid = unpaid(job);
        if (job.status() == JobStatus.COMPLETED && job.progress().failed() == 0) {
            return unpaid;
        }
        Usage usage = job.usage();
        int unpaidClips = usage.clips() - usage.billedClips();
        long ready = results.stream()
                .flatMap(result -> result.sides().values().stream())
                .map(PhraseResult.Side::audio)
                .filter(Objects::nonNull)
                .filter(PhraseResult.Audio::cached)
                .map(PhraseResult.Audio::name)
                .distinct()
                .count();
        return unpaidClips == 0 ? 0 : unpaid * Math.min(ready, unpaidClips) / unpaidClips;
    }

    /** What an owner has saved at least: jobs that did not come to a good end, or have not yet, count for nothing. */
    static long of(String owner, Usage usage, SpeechJobs jobs) {
        long saved = usage.characters() - usage.billedCharacters();
        for (JobStatus status : JobStatus.values()) {
            saved -= jobs.list(new JobQuery(owner, status, null, null, MOST_JOBS)).stream()
                    .filter(job ->
                            status != JobStatus.COMPLETED || job.progress().failed() > 0)
                    .mapToLong(Savings::unpaid)
                    .sum();
        }
        return Math.max(0, saved);
    }

    private static long unpaid(Job job) {
        return job.usage().characters() - job.usage().billedCharacters();
    }
}
