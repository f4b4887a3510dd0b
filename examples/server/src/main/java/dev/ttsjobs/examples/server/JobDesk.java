package dev.ttsjobs.examples.server;

import dev.ttsjobs.SpeechJobs;
import dev.ttsjobs.cost.CostEstimate;
import dev.ttsjobs.examples.worker.Webhooks;
import dev.ttsjobs.job.AuditEntry;
import dev.ttsjobs.job.InvalidJobException;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobRefusedException;
import dev.ttsjobs.job.JobRequest;
import dev.ttsjobs.job.PhraseResult;
import dev.ttsjobs.job.Priority;
import dev.ttsjobs.queue.EventQueue;
import dev.ttsjobs.queue.JobStore;
import dev.ttsjobs.text.TextCheck;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What users may do with jobs, each with their own. Thread-safe. */
final class JobDesk {

    private static final Logger log = LoggerFactory.getLogger(JobDesk.class);

    private final SpeechJobs jobs;
    private final EventQueue events;
    private final Decks decks;
    private final AuditLog audit;

    JobDesk(SpeechJobs jobs, EventQueue events, Decks decks, AuditLog audit) {
        this.jobs = jobs;
        this.events = events;
        this.decks = decks;
        this.audit = audit;
    }

    /** A job with what became of its phrases. */
    record View(Job job, List<PhraseResult> results) {}

    /**
     * What comes with a request beside its body.
     *
     * @param idempotencyKey null for none
     * @param traceparent the caller's place in a trace (W3C Trace Context), which goes on to the webhook; null for none
     */
    record Extras(@Nullable String idempotencyKey, @Nullable String traceparent) {

        static final Extras NONE = new Extras(null, null);
    }

    /**
     * Accepts a job; that it did is noted in the same transaction.
     *
     * @throws Problem 400, 403, 404, 422 or 429; then nothing is written
     */
    JobStore.Receipt submit(Caller caller, JobBody body, Extras extras) {
        JobRequest request = request(caller, body, extras);
        try {
            JobStore.Receipt receipt = jobs.submit(request);
            RequestIds.about(receipt.id());
            log.info(
                    "job {} {}, {} phrases",
                    receipt.id(),
                    receipt.replayed() ? "was there already" : "accepted",
                    body.phrases().size());
            return receipt;
        } catch (InvalidJobException e) {
            throw invalid(e);
        } catch (JobRefusedException e) {
            throw refused(e);
        }
    }

    /** What a job would cost, and what its author should know of its texts though they are taken. */
    record Outlook(CostEstimate estimate, List<TextCheck.Finding> warnings) {}

    /** @throws Problem 400, 403 or 404 */
    Outlook estimate(Caller caller, JobBody body) {
        JobRequest request = request(caller, body, Extras.NONE);
        try {
            List<TextCheck.Finding> findings = jobs.check(request);
            List<Problem.Field> refused = findings.stream()
                    .filter(TextCheck.Finding::refused)
                    .map(finding -> new Problem.Field(
                            JobBody.clientName(finding.field()), finding.code(), null, finding.message()))
                    .toList();
            if (!refused.isEmpty()) {
                throw Problem.invalid(refused);
            }
            return new Outlook(jobs.estimate(request), findings);
        } catch (InvalidJobException e) {
            throw invalid(e);
        }
    }

    private JobRequest request(Caller caller, JobBody body, Extras extras) {
        Decks.Head deck = decks.head(body.deckId()).orElseThrow(() -> Problem.notFound("there is no such deck"));
        if (!deck.ownerId().equals(caller.id())) {
            throw Problem.forbidden("deck_of_another", "the deck belongs to somebody else");
        }
        Priority byDeck = deck.isPublic() ? Priority.NORMAL : Priority.LOW;
        JobRequest.Builder request = JobRequest.builder(caller.id())
                .by(caller.id(), caller.address())
                .reference(body.deckId())
                .priority(body.priority() == null ? byDeck : body.priority())
                .phrases(body.phrases())
                .idempotencyKey(extras.idempotencyKey());
        body.voices().forEach(request::voice);
        if (body.webhookUrl() != null) {
            request.attribute(Webhooks.URL, body.webhookUrl());
        }
        String requestId = RequestIds.current();
        if (requestId != null) {
            request.attribute(Job.REQUEST_ID, requestId);
        }
        if (extras.traceparent() != null) {
            request.attribute(Job.TRACEPARENT, extras.traceparent());
        }
        return request.build();
    }

    /** @throws Problem 404 when there is no such job, or it is another's: strangers are not told that it exists */
    Job find(Caller caller, String id) {
        Job found = parse(id)
                .flatMap(jobs::find)
                .filter(job -> job.details().owner().equals(caller.id()))
                .orElseThrow(() -> Problem.notFound("there is no such job"));
        RequestIds.about(found.id());
        return found;
    }

    boolean isOwn(Caller caller, JobId id) {
        return jobs.find(id)
                .filter(job -> job.details().owner().equals(caller.id()))
                .isPresent();
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
        if (!jobs.cancel(job.id(), origin(caller))) {
            throw Problem.conflict("already_ended", "the job has ended already");
        }
        log.info("job {} is cancelled", job.id());
        return view(caller, id);
    }

    /** @throws Problem 404, or 409 when there is nothing to make again */
    JobId retry(Caller caller, String id) {
        Job job = find(caller, id);
        if (!jobs.retry(job.id(), origin(caller))) {
            throw Problem.conflict(
                    "nothing_to_retry", "the job is still at work, was cancelled, or nothing in it failed");
        }
        log.info("job {} is to make again what failed", job.id());
        return job.id();
    }

    /**
     * Has the end of a job told once more.
     *
     * @throws Problem 404 when there is no such delivery, or the job is another's; 409 when it is on its way anyway
     */
    void replay(Caller caller, String id, String event) {
        Job job = find(caller, id);
        if (deliveries(job).stream().noneMatch(delivery -> delivery.event().id().equals(event))) {
            throw Problem.notFound("there is no such delivery");
        }
        if (!events.replay(job.id(), Webhooks.HANDLER, event)) {
            throw Problem.conflict("delivery_under_way", "the delivery is on its way");
        }
        audit.webhookReplayed(caller, job);
    }

    /** What is, or is to be, told of a job, oldest first; nothing where no address was named. */
    List<EventQueue.Delivery> deliveries(Job job) {
        return Webhooks.url(job).isEmpty()
                ? List.of()
                : events.deliveries(job.id()).stream()
                        .filter(delivery -> delivery.handler().equals(Webhooks.HANDLER))
                        .toList();
    }

    private static AuditEntry.Origin origin(Caller caller) {
        return new AuditEntry.Origin(caller.id(), caller.address());
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
                .map(problem ->
                        new Problem.Field(JobBody.clientName(problem.field()), problem.code(), null, problem.message()))
                .toList());
    }

    private static Problem refused(JobRefusedException e) {
        String words = String.valueOf(e.getMessage());
        String code = JobJson.word(e.reason());
        return switch (e.reason()) {
            case DAILY_LIMIT, CHARACTER_LIMIT, SPEND_LIMIT ->
                Problem.tooMany(code, words, e.retryAfter() == null ? Duration.ofDays(1) : e.retryAfter());
            case KEY_REUSED, ID_REUSED, MAX_COST -> Problem.unprocessable(code, words);
        };
    }
}
