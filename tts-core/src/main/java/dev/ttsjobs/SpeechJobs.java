package dev.ttsjobs;

import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.cost.CostEstimate;
import dev.ttsjobs.cost.PriceList;
import dev.ttsjobs.cost.Quotas;
import dev.ttsjobs.job.AuditEntry;
import dev.ttsjobs.job.InvalidJobException;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobRequest;
import dev.ttsjobs.job.PhraseResult;
import dev.ttsjobs.job.Usage;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.limit.RateLimiter;
import dev.ttsjobs.queue.JobStore;
import dev.ttsjobs.queue.JobStore.JobQuery;
import dev.ttsjobs.queue.JobStore.Submission;
import dev.ttsjobs.retry.RetryPolicy;
import dev.ttsjobs.speech.Pronunciation;
import dev.ttsjobs.speech.SpeechRequest;
import dev.ttsjobs.speech.SpeechSynthesizer;
import dev.ttsjobs.speech.Voices;
import dev.ttsjobs.text.TextCheck;
import java.security.SecureRandom;
import java.sql.Connection;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Where a host starts: gives phrases to be spoken to the queue, and reads back what has become of them. A {@code
 * SpeechWorker}, in this process or another, does the work. Immutable and thread-safe; made by {@link #builder}.
 */
public final class SpeechJobs {

    private final JobStore store;
    private final JobDrafter drafter;
    private final TextCheck check;
    private final PriceList prices;
    private final RateLimit limit;
    private final int jobsPerDay;
    private final RetryPolicy.Rounds rounds;
    private final Quotas.Limits eachOwner;
    private final Quotas.Limits allOwners;
    private final InstantSource clock;
    private final RandomGenerator random;

    private SpeechJobs(Builder builder) {
        store = builder.store;
        drafter = new JobDrafter(
                builder.voices, builder.pronunciation, builder.family, builder.maxPhrases, builder.maxTextLength);
        check = builder.check;
        prices = builder.prices;
        limit = builder.limit;
        jobsPerDay = builder.jobsPerDay;
        rounds = builder.rounds;
        eachOwner = builder.eachOwner;
        allOwners = builder.allOwners;
        clock = builder.clock;
        random = builder.random;
    }

    /** Starts with a queue and the defaults. */
    public static Builder builder(JobStore store) {
        return new Builder(store);
    }

    /**
     * Accepts a job and returns at once; the work is done later by a worker. Texts are normalised, and each distinct text
     * in one voice is made once, whoever asks for it. A repeated submit, by the same id or by the same owner and
     * idempotency key within a day, gives the first job.
     *
     * @return the job's id, and what the text check has to say about texts that are taken all the same
     * @throws dev.ttsjobs.job.InvalidJobException when texts cannot be spoken, or the text check refuses them; it names all
     *     of them, and nothing is written
     * @throws dev.ttsjobs.job.JobRefusedException when a quota is used up, the job costs more than it may, or an id or key
     *     stands for another request
     */
    public JobStore.Receipt submit(JobRequest request) {
        Checked checked = checked(request);
        return checked.receipt(store.submit(submission(request, checked.draft)));
    }

    /**
     * Accepts a job within the host's own transaction; see {@link #submit(JobRequest)}. The job exists once the host
     * commits. The connection is never committed, closed, or switched to another commit mode. The text check is asked
     * before the connection is used; one that takes its time is better asked by {@link #check} before the transaction. Call
     * {@link #wake} after the commit, for workers to begin at once.
     */
    public JobStore.Receipt submit(JobRequest request, Connection connection) {
        Objects.requireNonNull(connection, "connection");
        Checked checked = checked(request);
        return checked.receipt(store.submit(submission(request, checked.draft), connection));
    }

    /**
     * Wakes the workers of this process: for after the commit of a transaction in which a job was submitted. Without it they
     * find the job when they next look, 10 s later at most by default; on PostgreSQL the commit itself wakes those of all
     * processes.
     */
    public void wake() {
        store.wake();
    }

    /**
     * Says what the text check finds in a request, warnings and refusals, in the request's order; writes nothing.
     *
     * @return empty when all is well
     * @throws dev.ttsjobs.job.InvalidJobException when texts cannot be spoken at all; then the check is not asked
     */
    public List<TextCheck.Finding> check(JobRequest request) {
        drafter.draft(request);
        return check.check(JobDrafter.texts(request));
    }

    /** A request whose texts may be spoken. */
    private record Checked(JobDrafter.Draft draft, List<TextCheck.Finding> warnings) {

        JobStore.Receipt receipt(JobStore.Receipt receipt) {
            return new JobStore.Receipt(receipt.id(), receipt.replayed(), warnings);
        }
    }

    private Checked checked(JobRequest request) {
        JobDrafter.Draft draft = drafter.draft(request);
        List<TextCheck.Finding> findings = check.check(JobDrafter.texts(request));
        List<InvalidJobException.Problem> refused = findings.stream()
                .filter(TextCheck.Finding::refused)
                .map(finding -> new InvalidJobException.Problem(finding.field(), finding.code(), finding.message()))
                .toList();
        if (!refused.isEmpty()) {
            throw new InvalidJobException(refused);
        }
        return new Checked(draft, findings);
    }

    private Submission submission(JobRequest request, JobDrafter.Draft draft) {
        JobId id = request.id() != null ? request.id() : JobId.create(clock.instant(), random);
        Quotas quotas = new Quotas(eachOwner, allOwners, request.maxCost(), prices);
        Submission.Terms terms = new Submission.Terms(
                request.idempotencyKey(), JobDrafter.fingerprint(request, draft), jobsPerDay, quotas, rounds);
        return new Submission(id, request.details(), draft.phrases(), draft.clips(), request.origin(), terms);
    }

    /**
     * Says what a job would cost and how long it would take, and writes nothing. The text check is not asked; see
     * {@link #check}.
     *
     * @throws dev.ttsjobs.job.InvalidJobException when texts cannot be spoken
     */
    public CostEstimate estimate(JobRequest request) {
        Map<ClipKey, Clip> clips = drafter.draft(request).spoken();
        Set<ClipKey> made = store.made(clips.keySet());
        long characters = 0;
        long billable = 0;
        long tokens = 0;
        CostEstimate.Usd cost = CostEstimate.Usd.NONE;
        for (Clip clip : clips.values()) {
            characters += clip.characters();
            if (!made.contains(clip.key())) {
                billable += clip.characters();
                tokens += clip.tokens();
                cost = cost.plus(prices.cost(clip.voice(), clip.text()));
            }
        }
        return new CostEstimate(
                characters, clips.size(), made.size(), billable, cost, duration(clips.size() - made.size(), tokens));
    }

    /** The slower one of the limit's two clocks decides. */
    private Duration duration(int calls, long tokens) {
        double minutes = calls / limit.requestsPerMinute();
        Double tokensPerMinute = limit.tokensPerMinute();
        if (tokensPerMinute != null) {
            minutes = Math.max(minutes, tokens / tokensPerMinute);
        }
        return Duration.ofMillis((long) (minutes * 60_000));
    }

    /**
     * Shows what would be sent for each phrase, in the request's order, by language: the text normalised, with the
     * pronunciation rules used, in as many calls as its length takes. Writes nothing. What is made already or stands there
     * twice is shown and yet not sent again. The text check is not asked.
     *
     * @throws dev.ttsjobs.job.InvalidJobException when texts cannot be spoken
     */
    public List<Map<String, List<SpeechRequest>>> preview(JobRequest request) {
        JobDrafter.Draft draft = drafter.draft(request);
        return draft.phrases().stream().map(draft::calls).toList();
    }

    /** A job as it stands now; empty when there is none of that id. */
    public Optional<Job> find(JobId id) {
        return store.find(Objects.requireNonNull(id, "id"));
    }

    /**
     * Several jobs at one look, in any order: for those who watch many. Ids of no job are passed over.
     *
     * @param ids each once, some thousands at most
     */
    public List<Job> find(Collection<JobId> ids) {
        return store.find(ids);
    }

    /** What has become of every phrase of a job, in the request's order; empty when there is no such job. */
    public List<PhraseResult> results(JobId id) {
        return results(id, 0, Integer.MAX_VALUE);
    }

    /** Phrases of a job from the given index on, for jobs with many. */
    public List<PhraseResult> results(JobId id, int from, int limit) {
        return store.results(Objects.requireNonNull(id, "id"), from, limit);
    }

    /** Jobs, newest first. */
    public List<Job> list(JobQuery query) {
        return store.list(Objects.requireNonNull(query, "query"));
    }

    /** Calls a job off; false when it had ended or never was. What other jobs want too is still made. */
    public boolean cancel(JobId id) {
        return store.cancel(Objects.requireNonNull(id, "id"));
    }

    /** Calls a job off, and keeps in the audit log who did; see {@link #cancel(JobId)}. */
    public boolean cancel(JobId id, AuditEntry.Origin origin) {
        return store.cancel(id, origin);
    }

    /** Makes what failed in an ended job again, within the same job; false when there is nothing to make again. */
    public boolean retry(JobId id) {
        return store.retry(Objects.requireNonNull(id, "id"));
    }

    /** Makes what failed in an ended job again, and keeps in the audit log who asked for it; see {@link #retry(JobId)}. */
    public boolean retry(JobId id, AuditEntry.Origin origin) {
        return store.retry(id, origin);
    }

    /**
     * Pauses a provider account by hand, for all workers in all processes, until it is resumed; see {@link JobStore#pause}.
     *
     * @param account the synthesizer's {@code account()}
     * @param reason one sentence for people, which everybody sees whose jobs wait
     */
    public void pause(String account, String reason) {
        store.pause(account, reason);
    }

    /** Ends an account's pause, whoever made it, and wakes the workers; false when it was not paused. */
    public boolean resume(String account) {
        return store.resume(Objects.requireNonNull(account, "account"));
    }

    /** The accounts that are paused, by name: by hand, or because the provider refused them. */
    public Map<String, RateLimiter.Pause> pauses() {
        return store.pauses();
    }

    /**
     * Who did what to an owner's jobs, and when, newest first; never what was to be said.
     *
     * @param before only entries with a smaller number: that of the last one of the page before; {@link Long#MAX_VALUE} for
     *     the first page
     * @param limit at most how many, 1 or more
     */
    public List<AuditEntry> audit(String owner, long before, int limit) {
        // The store takes null for everybody; whoever has no owner at hand must not see them all.
        return store.audit(Objects.requireNonNull(owner, "owner"), before, limit);
    }

    /** What all jobs of an owner have cost so far, those included that were pruned. */
    public Usage usage(String owner) {
        return store.usage(Objects.requireNonNull(owner, "owner"));
    }

    /** Builds {@link SpeechJobs}. Not thread-safe. */
    public static final class Builder {

        private final JobStore store;
        private Voices voices = Voices.standard();
        private Pronunciation pronunciation = Pronunciation.NONE;
        private TextCheck check = TextCheck.standard();
        private PriceList prices = PriceList.OPENAI;
        private RateLimit limit = RateLimit.perMinute(120);
        private String family = SpeechSynthesizer.DEFAULT_FAMILY;
        private int maxPhrases = 100_000;
        private int maxTextLength = 1_000_000;
        private int jobsPerDay;
        private RetryPolicy.Rounds rounds = RetryPolicy.Rounds.NONE;
        private Quotas.Limits eachOwner = Quotas.Limits.NONE;
        private Quotas.Limits allOwners = Quotas.Limits.NONE;
        private InstantSource clock = InstantSource.system();
        private RandomGenerator random = new SecureRandom();

        private Builder(JobStore store) {
            this.store = Objects.requireNonNull(store, "store");
        }

        /** Who speaks what; {@link Voices#standard} by default. */
        public Builder voices(Voices voices) {
            this.voices = Objects.requireNonNull(voices, "voices");
            return this;
        }

        /** What is said in the place of what is written; {@link Pronunciation#NONE} by default. */
        public Builder pronunciation(Pronunciation rules) {
            this.pronunciation = Objects.requireNonNull(rules, "rules");
            return this;
        }

        /**
         * Who looks at the texts of a request before it is accepted; {@link TextCheck#standard} by default, which only warns.
         */
        public Builder textCheck(TextCheck check) {
            this.check = Objects.requireNonNull(check, "check");
            return this;
        }

        /** What estimates and budgets are reckoned by; {@link PriceList#OPENAI} by default. */
        public Builder prices(PriceList prices) {
            this.prices = Objects.requireNonNull(prices, "prices");
            return this;
        }

        /** The limit that estimates of time go by; 120 requests a minute by default. Workers are told theirs themselves. */
        public Builder limit(RateLimit limit) {
            this.limit = Objects.requireNonNull(limit, "limit");
            return this;
        }

        /**
         * The synthesizer's {@code family()}, which is part of every clip's key; {@code openai} by default. Whoever names one
         * there names it here, too. A worker of a family of its own leaves OpenAI's texts alone, and says so in its log once;
         * between other families it cannot tell.
         */
        public Builder family(String family) {
            this.family = Objects.requireNonNull(family, "family");
            return this;
        }

        /** The most phrases a job may have; 100,000 by default. */
        public Builder maxPhrases(int phrases) {
            this.maxPhrases = requirePositive(phrases);
            return this;
        }

        /** The longest text that is taken, in code points; 1,000,000 by default. Long texts are split into parts. */
        public Builder maxTextLength(int codePoints) {
            this.maxTextLength = requirePositive(codePoints);
            return this;
        }

        /**
         * What each owner, and all owners together, may use; no limit by default. Every process that submits to one queue
         * should be told the same.
         */
        public Builder quotas(Quotas.Limits eachOwner, Quotas.Limits allOwners) {
            this.eachOwner = Objects.requireNonNull(eachOwner, "eachOwner");
            this.allOwners = Objects.requireNonNull(allOwners, "allOwners");
            return this;
        }

        /** How many jobs an owner may have accepted on one day (UTC); 0, the default, for any number. */
        public Builder jobsPerDay(int jobs) {
            if (jobs < 0) {
                throw new IllegalArgumentException("jobsPerDay is 0 or more");
            }
            this.jobsPerDay = jobs;
            return this;
        }

        /**
         * Whether jobs that end with something lacking, for reasons that may pass, are tried again by themselves: never by
         * default. Each time the job runs anew as by {@link SpeechJobs#retry}, and ends once more, with an event of its own;
         * what was made stays made, and rejected texts stay rejected.
         */
        public Builder retries(RetryPolicy.Rounds rounds) {
            this.rounds = Objects.requireNonNull(rounds, "rounds");
            return this;
        }

        /** The clock that new ids are made by; the system's by default. */
        public Builder clock(InstantSource clock) {
            this.clock = Objects.requireNonNull(clock, "clock");
            return this;
        }

        /** The chance that new ids are made by; a {@link SecureRandom} by default. */
        public Builder random(RandomGenerator random) {
            this.random = Objects.requireNonNull(random, "random");
            return this;
        }

        public SpeechJobs build() {
            return new SpeechJobs(this);
        }

        private static int requirePositive(int value) {
            if (value < 1) {
                throw new IllegalArgumentException("a limit must be at least 1");
            }
            return value;
        }
    }
}
