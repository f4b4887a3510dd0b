package dev.ttsjobs.queue;

import dev.ttsjobs.audio.AudioFacts;
import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.cost.Quotas;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.job.AuditEntry;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.job.PhraseResult;
import dev.ttsjobs.job.Usage;
import dev.ttsjobs.limit.RateLimiter;
import dev.ttsjobs.retry.RetryPolicy.Rounds;
import dev.ttsjobs.storage.AudioName;
import dev.ttsjobs.text.TextCheck;
import java.sql.Connection;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The client's half of the queue: hosts give jobs to it and read them back. Implementations are thread-safe. */
public interface JobStore {

    /**
     * Accepts a job, durably and as a whole or not at all. Clips that another job already wants are shared; clips that
     * are made already end at once, so a job may have ended when this returns. Clips that had failed or were withdrawn
     * are queued anew.
     *
     * <p>A repeated submit (the same id, or the same owner and idempotency key, with the same fingerprint) changes
     * nothing and gives the first job, whatever the terms say.
     *
     * @throws dev.ttsjobs.job.JobRefusedException when the terms are not met, or the id or key stands for another request
     */
    Receipt submit(Submission submission);

    /**
     * Accepts a job within the host's own transaction: it exists once the host commits, and never when it rolls back. The
     * connection is used and handed back as it was: never committed, closed, or switched to another commit mode. Nobody
     * can be told before the commit, so call {@link #wake} after it.
     *
     * @throws UnsupportedOperationException when the queue does not live in a database
     */
    Receipt submit(Submission submission, Connection connection);

    /**
     * Says that there may be new work: wakes the workers of this process at once. For after the commit of a transaction in
     * which a job was submitted; harmless at any other time, and without it workers look by themselves, an idle one after
     * twice its poll interval, 10 s by default. On PostgreSQL the commit itself wakes the workers of all processes.
     */
    void wake();

    Optional<Job> find(JobId id);

    /**
     * Several jobs at one look, in any order: for those who watch many. Ids of no job are passed over.
     *
     * @param ids each once, some thousands at most
     */
    List<Job> find(Collection<JobId> ids);

    /** Phrases of a job in the request's order, from the given index on; empty when there is no such job. */
    List<PhraseResult> results(JobId id, int from, int limit);

    List<Job> list(JobQuery query);

    /**
     * Calls a job off. Clips that other living jobs want are still made; of the rest, those not yet called are withdrawn,
     * and those in a worker's hands are ended or kept whole.
     *
     * @param origin who asks for it, for the audit log
     * @return false when the job does not exist or had ended already
     */
    boolean cancel(JobId id, AuditEntry.Origin origin);

    /** Calls a job off for somebody unknown. */
    default boolean cancel(JobId id) {
        return cancel(id, AuditEntry.Origin.UNKNOWN);
    }

    /**
     * Makes what failed in an ended job again, within the same job.
     *
     * @param origin who asks for it, for the audit log
     * @return false when the job does not exist, has not ended, was cancelled, or nothing in it failed
     */
    boolean retry(JobId id, AuditEntry.Origin origin);

    /** Makes what failed in an ended job again for somebody unknown. */
    default boolean retry(JobId id) {
        return retry(id, AuditEntry.Origin.UNKNOWN);
    }

    /**
     * Pauses a provider account by hand, for all processes, until it is resumed: no call is made for it, no success ends
     * it, and jobs say that they wait for it. Calls under way end as usual, and one whose time slot is reserved already may
     * still go out: within a second, or the time between two calls if the limit makes that longer. Repeated, it renews the
     * reason.
     *
     * @param account the synthesizer's {@code account()}; 1 to 100 characters
     * @param reason one sentence for people, which everybody sees whose jobs wait
     * @throws IllegalArgumentException when a word is missing or the account's name is too long
     */
    void pause(String account, String reason);

    /**
     * Ends an account's pause, whoever made it, makes every clip due that rests before its next try, and wakes the workers: those in this process at once, and so those of other
     * processes on PostgreSQL; elsewhere they see it within a poll interval, 5 s by default.
     *
     * @return false when it was not paused
     */
    boolean resume(String account);

    /** The accounts that are paused, by name: by hand, or because the provider refused them; those nobody uses any more, too. */
    Map<String, RateLimiter.Pause> pauses();

    /** The failure that a pause by hand is kept as, for implementations. */
    static Failure byHand(String account, String reason) {
        Objects.requireNonNull(account, "account");
        Objects.requireNonNull(reason, "reason");
        if (account.isBlank() || account.length() > 100 || reason.isBlank()) {
            throw new IllegalArgumentException("an account has 1 to 100 characters, and a pause has a reason");
        }
        return Failure.of(FailureKind.PAUSED, "paused_by_hand", reason);
    }

    /**
     * What was done to jobs, newest first. Each entry is written in the transaction of what it tells of.
     *
     * @param owner to whose jobs; null for everybody's
     * @param before only entries with a smaller number: that of the last one of the page before; {@link Long#MAX_VALUE} for
     *     the first page
     * @param limit at most how many, 1 or more
     */
    List<AuditEntry> audit(@Nullable String owner, long before, int limit);

    /** Which of these clips are made already. */
    Set<ClipKey> made(Collection<ClipKey> keys);

    /** What all jobs of an owner have cost so far, those included that were pruned. */
    Usage usage(String owner);

    /** How many jobs an owner has had accepted on a day (UTC); 0 for days before the retention, once they are pruned. */
    int jobsOn(LocalDate day, String owner);

    /**
     * The audio that is on record as made, a page at a time, in the order of the clips' keys.
     *
     * @param after the last key of the page before; null for the first page
     * @param limit how many at most, at least 1
     */
    List<AudioRecord> audio(@Nullable ClipKey after, int limit);

    /**
     * Says that stored audio was lost or found damaged: its clip is queued again, as if somebody wanted it, at its old
     * place and with its attempts fresh. Jobs that have ended stay so, and their results show the new audio once it is made.
     *
     * @param remove takes away what is stored, before anybody can have the clip and find that; short, and harmless when
     *     repeated; what it throws comes through, and nothing has changed then
     * @return false when the record is no longer the clip's, because it was queued again or made anew in the meantime; nothing
     *     was removed then
     */
    boolean lost(AudioRecord record, Runnable remove);

    /** Says that stored audio is no longer there. */
    default boolean lost(AudioRecord record) {
        return lost(record, () -> {});
    }

    /**
     * Which of these clips no job refers to, living or ended, be it as a part of a longer one. A look, which a job that
     * comes in the next moment makes untrue: only {@link #forget} is safe.
     */
    Set<ClipKey> unused(Collection<ClipKey> keys);

    /**
     * Takes audio off the record that no job refers to. A job that wants it later has it made again, or found where it is
     * still stored; a job that comes at the same moment either keeps the audio on record or comes afterwards.
     *
     * @param records what to forget, some hundreds at most
     * @param madeBefore only audio that was put on record before this
     * @return what is forgotten now: not what a job refers to, and not what was made anew since it was listed
     */
    Set<ClipKey> forget(Collection<AudioRecord> records, Instant madeBefore);

    /**
     * Does something while a clip is forgotten: nobody can want it before that is done. For removing its file.
     *
     * @param action short, and harmless when repeated; what it throws comes through
     * @return false when somebody wants the clip again, or it is on record again; nothing was done then
     */
    boolean whileForgotten(ClipKey key, Runnable action);

    /**
     * Audio as it was stored.
     *
     * @param key the clip
     * @param facts what was stored
     * @param madeAt when that was put on record
     */
    record AudioRecord(ClipKey key, AudioFacts facts, Instant madeAt) {

        public AudioRecord {
            Objects.requireNonNull(key, "key");
            Objects.requireNonNull(facts, "facts");
            Objects.requireNonNull(madeAt, "madeAt");
        }

        /** The name under which it is stored. */
        public AudioName name() {
            return AudioName.of(key.hex(), facts.format());
        }
    }

    /**
     * What a submit gave.
     *
     * @param id the job
     * @param replayed whether the job was there before
     * @param warnings what the author should know of the texts, though they are taken; a store itself knows of none
     */
    record Receipt(JobId id, boolean replayed, List<TextCheck.Finding> warnings) {

        public Receipt {
            warnings = List.copyOf(warnings);
        }

        public Receipt(JobId id, boolean replayed) {
            this(id, replayed, List.of());
        }
    }

    /**
     * Which jobs to list, newest first. Immutable and thread-safe.
     *
     * @param owner whose jobs; null for everybody's
     * @param status in which state; null for any
     * @param reference belonging to what; null for anything
     * @param before only jobs older than this one: the last of the page before; null for the first page
     * @param limit at most how many, 1 to 1,000
     */
    record JobQuery(
            @Nullable String owner,
            @Nullable JobStatus status,
            @Nullable String reference,
            @Nullable JobId before,
            int limit) {

        public JobQuery {
            if (limit < 1 || limit > 1000) {
                throw new IllegalArgumentException("limit must be from 1 to 1,000");
            }
        }

        /** The newest jobs of an owner. */
        public static JobQuery ofOwner(String owner, int limit) {
            // Null would be everybody's.
            return new JobQuery(Objects.requireNonNull(owner, "owner"), null, null, null, limit);
        }
    }

    /**
     * A job made ready for the queue: texts normalised, checked and turned into clips. Immutable and thread-safe.
     *
     * @param id the job's name
     * @param details what it was submitted with
     * @param phrases its phrases, in order
     * @param clips the clips that its phrases refer to, by key; parts are inside their clips
     * @param origin who asks for it
     * @param terms under what terms it is taken
     */
    record Submission(
            JobId id,
            Job.Details details,
            List<Entry> phrases,
            Map<ClipKey, Clip> clips,
            AuditEntry.Origin origin,
            Terms terms) {

        public Submission {
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(details, "details");
            Objects.requireNonNull(origin, "origin");
            Objects.requireNonNull(terms, "terms");
            phrases = List.copyOf(phrases);
            clips = Collections.unmodifiableMap(new LinkedHashMap<>(clips));
            for (Entry phrase : phrases) {
                if (phrase.sides().isEmpty()) {
                    throw new IllegalArgumentException("a phrase has at least one side, or it could never end");
                }
                if (!clips.keySet().containsAll(phrase.sides().values())) {
                    throw new IllegalArgumentException("a phrase refers to a clip that is not there");
                }
            }
        }

        /** Every clip that is spoken, once: parts instead of the whole they make. */
        public Collection<Clip> spoken() {
            Map<ClipKey, Clip> spoken = new LinkedHashMap<>();
            for (Clip clip : clips.values()) {
                List<Clip> each = clip.parts().isEmpty() ? List.of(clip) : clip.parts();
                each.forEach(part -> spoken.put(part.key(), part));
            }
            return spoken.values();
        }

        /** The code points of every clip that is spoken, once. */
        public long characters() {
            return spoken().stream().mapToLong(Clip::characters).sum();
        }

        /**
         * One phrase: what each of its languages needs.
         *
         * @param itemId the host's name for it
         * @param sides the clip of each language, in the request's order
         */
        public record Entry(@Nullable String itemId, Map<String, ClipKey> sides) {

            public Entry {
                sides = Collections.unmodifiableMap(new LinkedHashMap<>(sides));
            }
        }

        /**
         * Under what terms a job is taken; checked in the same transaction that writes it.
         *
         * @param idempotencyKey makes repeated submits by one owner one job; null for none
         * @param fingerprint a hash of all that was asked for, 64 hexadecimal digits: what makes a repetition the same
         * @param jobsPerDay how many jobs the owner may have accepted on one day (UTC); 0 for any number
         * @param quotas what may be spent
         * @param rounds whether it is tried again by itself when it ends with something lacking
         */
        public record Terms(
                @Nullable String idempotencyKey, String fingerprint, int jobsPerDay, Quotas quotas, Rounds rounds) {

            public Terms {
                if (jobsPerDay < 0) {
                    throw new IllegalArgumentException("jobsPerDay is 0 or more");
                }
                Objects.requireNonNull(rounds, "rounds");
            }

            public Terms(@Nullable String idempotencyKey, String fingerprint, int jobsPerDay, Quotas quotas) {
                this(idempotencyKey, fingerprint, jobsPerDay, quotas, Rounds.NONE);
            }
        }
    }
}
