package dev.ttsjobs.examples.server;

import dev.ttsjobs.SpeechJobs;
import dev.ttsjobs.cost.CostEstimate;
import dev.ttsjobs.job.InvalidJobException;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobRefusedException;
import dev.ttsjobs.job.JobRequest;
import dev.ttsjobs.job.PhraseResult;
import dev.ttsjobs.job.Priority;
import dev.ttsjobs.queue.JobStore;
import dev.ttsjobs.text.SpokenText;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** What users may do with jobs, each with their own. Thread-safe. */
final class JobDesk {

    /** The attribute under which a job keeps where its end is to be told. */
    static final String WEBHOOK_URL = "webhookUrl";

    private final SpeechJobs jobs;
    private final Decks decks;
    private final AuditLog audit;
    private final Jdbi jdbi;

    JobDesk(SpeechJobs jobs, Decks decks, AuditLog audit, Jdbi jdbi) {
        this.jobs = jobs;
        this.decks = decks;
        this.audit = audit;
        this.jdbi = jdbi;
    }

    /** A job with what became of its phrases. */
    record View(Job job, List<PhraseResult> results) {}

    /**
     * Accepts a job and notes that it did, in one transaction.
     *
     * @param idempotencyKey null for none
     * @throws Problem 400, 403, 404, 422 or 429; then nothing is written
     */
    JobStore.Receipt submit(Caller caller, JobBody body, @Nullable String idempotencyKey) {
        JobRequest request = request(caller, body, idempotencyKey);
        try {
            JobStore.Receipt receipt = jobs.submit(request);
            if (!receipt.replayed()) {
                audit.add(caller, "job.submitted", subject(receipt.id(), body));
            }
            return receipt;
        } catch (InvalidJobException e) {
            throw invalid(e);
        } catch (JobRefusedException e) {
            throw refused(e);
        }
    }

    /** @throws Problem 400, 403 or 404 */
    CostEstimate estimate(Caller caller, JobBody body) {
        try {
            return jobs.estimate(request(caller, body, null));
        } catch (InvalidJobException e) {
            throw invalid(e);
        }
    }

    private JobRequest request(Caller caller, JobBody body, @Nullable String idempotencyKey) {
        Decks.Head deck = decks.head(body.deckId()).orElseThrow(() -> Problem.notFound("there is no such deck"));
        if (!deck.ownerId().equals(caller.id())) {
            throw Problem.forbidden("the deck belongs to somebody else");
        }
        Priority byDeck = deck.isPublic() ? Priority.NORMAL : Priority.LOW;
        JobRequest.Builder request = JobRequest.builder(caller.id())
                .reference(body.deckId())
                .priority(body.priority() == null ? byDeck : body.priority())
                .phrases(body.phrases())
                .idempotencyKey(idempotencyKey);
        body.voices().forEach(request::voice);
        if (body.webhookUrl() != null) {
            request.attribute(WEBHOOK_URL, body.webhookUrl());
        }
        return request.build();
    }

    /** @throws Problem 404 when there is no such job, or it is another's: strangers are not told that it exists */
    Job find(Caller caller, String id) {
        return parse(id)
                .flatMap(jobs::find)
                .filter(job -> job.details().owner().equals(caller.id()))
                .orElseThrow(() -> Problem.notFound("there is no such job"));
    }

    View view(Caller caller, String id) {
        return view(find(caller, id));
    }

    /** The job is read before its phrases, so that they are never behind it: what has ended shows all it has. */
    View view(Job job) {
        return new View(job, jobs.results(job.id()));
    }

    /** @throws Problem 404, or 409 when the job had ended already */
    View cancel(Caller caller, String id) {
        Job job = find(caller, id);
        if (!jobs.cancel(job.id())) {
            throw Problem.conflict("the job has ended already");
        }
        audit.add(caller, "job.cancelled", subject(job));
        return view(caller, id);
    }

    /** @throws Problem 404, or 409 when there is nothing to make again */
    JobId retry(Caller caller, String id) {
        Job job = find(caller, id);
        if (!jobs.retry(job.id())) {
            throw Problem.conflict("the job is still at work, was cancelled, or nothing in it failed");
        }
        audit.add(caller, "job.retried", subject(job));
        return job.id();
    }

    private static AuditLog.Subject subject(JobId id, JobBody body) {
        long characters = body.phrases().stream()
                .flatMap(phrase -> phrase.texts().values().stream())
                .map(SpokenText::normalize)
                .mapToLong(text -> text.codePointCount(0, text.length()))
                .sum();
        return new AuditLog.Subject(id.toString(), body.deckId(), body.phrases().size(), characters);
    }

    private static AuditLog.Subject subject(Job job) {
        return new AuditLog.Subject(
                job.id().toString(),
                job.details().reference(),
                job.progress().total(),
                job.usage().characters());
    }

    static Optional<JobId> parse(String id) {
        try {
            return Optional.of(JobId.parse(id));
        } catch (IllegalArgumentException e) {
            // What is no id is the id of no job.
            return Optional.empty();
        }
    }

    private static Problem invalid(InvalidJobException e) {
        return Problem.invalid(e.problems().stream()
                .map(problem -> new Problem.Field(problem.field(), problem.message()))
                .toList());
    }

    private static Problem refused(JobRefusedException e) {
        String words = String.valueOf(e.getMessage());
        return switch (e.reason()) {
            case DAILY_LIMIT -> Problem.tooMany(words, e.retryAfter() == null ? Duration.ofDays(1) : e.retryAfter());
            case KEY_REUSED, ID_REUSED -> Problem.unprocessable(words);
        };
    }
}
