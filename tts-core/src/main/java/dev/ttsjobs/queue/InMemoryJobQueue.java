package dev.ttsjobs.queue;

import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.job.AuditEntry;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobRefusedException;
import dev.ttsjobs.job.PhraseResult;
import dev.ttsjobs.job.Usage;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.limit.RateLimiter;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The contract of the queue in plain Java: one lock, ordinary collections, no speed. Where an adapter and this class
 * differ, one of them is wrong.
 */
final class InMemoryJobQueue implements JobQueue {

    private static final Duration KEY_KEPT = Duration.ofDays(1);

    /** A worker that was not heard of for this long holds nothing up: its host is down, perhaps. */
    private static final Duration FORGOTTEN = Duration.ofMinutes(15);

    private final MemoryTables tables;
    private final MemoryWanting wanting;
    private final MemorySettling settling;
    private final MemoryLeases leases;
    private final MemorySubstitutes substitutes;
    private final MemoryAudio audio;
    private final MemoryCounts counts;
    private final MemoryAccounts accounts;
    private final MemoryAudit audit = new MemoryAudit();
    private final MemoryEndings endings;
    /** What jobs have cost that are no longer there, by owner. */
    private final Map<String, Usage> pruned = new HashMap<>();

    private final List<Runnable> signals = new CopyOnWriteArrayList<>();

    InMemoryJobQueue(InstantSource clock) {
        tables = new MemoryTables(clock);
        wanting = new MemoryWanting(tables);
        settling = new MemorySettling(tables, wanting);
        leases = new MemoryLeases(tables);
        substitutes = new MemorySubstitutes(tables, wanting);
        audio = new MemoryAudio(tables);
        counts = new MemoryCounts(audio);
        accounts = new MemoryAccounts(clock);
        endings = new MemoryEndings(tables, wanting, audit);
    }

    // The client's half

    @Override
    public Receipt submit(Submission submission) {
        Receipt receipt = accept(submission);
        wake();
        tables.outbox.wake();
        return receipt;
    }

    @Override
    public Receipt submit(Submission submission, Connection connection) {
        throw new UnsupportedOperationException("the in-memory queue takes part in no transaction");
    }

    private synchronized Receipt accept(Submission submission) {
        Instant now = tables.clock.instant();
        Optional<MemoryJob> before = repeated(submission, now);
        if (before.isPresent()) {
            return new Receipt(before.get().id(), true);
        }
        counts.count(submission, now);
        MemoryJob job = new MemoryJob(
                submission,
                ++tables.numbers,
                now,
                Usage.wanted(submission.characters(), submission.spoken().size()));
        tables.jobs.put(job.id(), job);
        audit.add(
                AuditEntry.Action.SUBMITTED,
                submission.origin(),
                job,
                submission.phrases().size(),
                now);
        wanting.enter(submission.clips().values());
        MemoryWanting.Place place = wanting.placeOf(submission);
        for (Clip clip : submission.clips().values()) {
            wanting.want(clip, place, job.id(), now);
        }
        boolean someReady = false;
        for (ClipKey key : submission.clips().keySet()) {
            if (tables.clip(key).state == ClipState.DONE) {
                someReady |= job.end(key, MemoryJob.SideState.CACHED, null);
            }
        }
        if (someReady) {
            tables.progress(job, now);
        }
        return new Receipt(job.id(), false);
    }

    private Optional<MemoryJob> repeated(Submission submission, Instant now) {
        MemoryJob sameId = tables.jobs.get(submission.id());
        if (sameId != null) {
            return Optional.of(requireSame(sameId, submission, JobRefusedException.Reason.ID_REUSED));
        }
        String key = submission.terms().idempotencyKey();
        if (key == null) {
            return Optional.empty();
        }
        return tables.jobs.values().stream()
                .filter(job -> key.equals(job.submission.terms().idempotencyKey()))
                .filter(job -> job.submission
                        .details()
                        .owner()
                        .equals(submission.details().owner()))
                .filter(job -> job.createdAt.plus(KEY_KEPT).isAfter(now))
                .findFirst()
                .map(job -> requireSame(job, submission, JobRefusedException.Reason.KEY_REUSED));
    }

    private static MemoryJob requireSame(MemoryJob job, Submission again, JobRefusedException.Reason otherwise) {
        if (!job.submission.terms().fingerprint().equals(again.terms().fingerprint())) {
            throw JobRefusedException.reused(otherwise);
        }
        return job;
    }

    /** While somebody has work in hand, another account's pause, or another worker's storage, holds nothing up. */
    private Job.@Nullable WaitingFor waitingFor() {
        Instant heardSince = tables.clock.instant().minus(FORGOTTEN);
        return leases.isAnyAtWork()
                ? null
                : Stream.concat(accounts.waitedFor(), leases.waitedFor(heardSince))
                        .min(Comparator.comparing(Job.WaitingFor::since))
                        .orElse(null);
    }

    @Override
    public synchronized Optional<Job> find(JobId id) {
        return Optional.ofNullable(tables.jobs.get(id)).map(job -> job.snapshot(waitingFor()));
    }

    @Override
    public synchronized List<Job> find(Collection<JobId> ids) {
        return ids.stream().flatMap(id -> find(id).stream()).toList();
    }

    @Override
    public synchronized List<PhraseResult> results(JobId id, int from, int limit) {
        MemoryJob job = tables.jobs.get(id);
        return job == null ? List.of() : job.results(from, limit, tables::clip);
    }

    @Override
    public synchronized List<Job> list(JobQuery query) {
        MemoryJob before = query.before() == null ? null : tables.jobs.get(query.before());
        if (query.before() != null && before == null) {
            return List.of();
        }
        Job.WaitingFor waitingFor = waitingFor();
        return tables.jobs.values().stream()
                .filter(job -> before == null || job.number < before.number)
                .filter(job -> query.owner() == null
                        || query.owner().equals(job.submission.details().owner()))
                .filter(job -> query.status() == null || query.status() == job.status)
                .filter(job -> query.reference() == null
                        || query.reference().equals(job.submission.details().reference()))
                .sorted(Comparator.comparingLong((MemoryJob job) -> job.number).reversed())
                .limit(query.limit())
                .map(job -> job.snapshot(waitingFor))
                .toList();
    }

    @Override
    public boolean cancel(JobId id, AuditEntry.Origin origin) {
        return waking(() -> endings.cancel(id, origin));
    }

    @Override
    public boolean retry(JobId id, AuditEntry.Origin origin) {
        return waking(() -> endings.retry(id, origin));
    }

    /** Changes something under the lock, and wakes everybody after it if it did. */
    private boolean waking(BooleanSupplier change) {
        boolean changed;
        synchronized (this) {
            changed = change.getAsBoolean();
        }
        if (changed) {
            wake();
            tables.outbox.wake();
        }
        return changed;
    }

    @Override
    public int retryDue() {
        int[] retried = new int[1];
        waking(() -> {
            retried[0] = endings.retryDue();
            return retried[0] > 0;
        });
        return retried[0];
    }

    @Override
    public void pause(String account, String reason) {
        waking(() -> {
            accounts.pause(account, reason);
            return true;
        });
    }

    @Override
    public boolean resume(String account) {
        return waking(() -> {
            boolean resumed = accounts.resume(account);
            if (resumed) {
                leases.rouse();
            }
            return resumed;
        });
    }

    @Override
    public synchronized Map<String, RateLimiter.Pause> pauses() {
        return accounts.pauses();
    }

    @Override
    public synchronized List<AuditEntry> audit(@Nullable String owner, long before, int limit) {
        return audit.list(owner, before, limit);
    }

    @Override
    public synchronized Set<ClipKey> made(Collection<ClipKey> keys) {
        return audio.made(keys);
    }

    @Override
    public synchronized List<AudioRecord> audio(@Nullable ClipKey after, int limit) {
        return audio.after(after, limit);
    }

    @Override
    public boolean lost(AudioRecord record, Runnable remove) {
        return waking(() -> audio.lost(record, remove));
    }

    @Override
    public synchronized Set<ClipKey> unused(Collection<ClipKey> keys) {
        return audio.unused(keys);
    }

    @Override
    public synchronized Set<ClipKey> forget(Collection<AudioRecord> records, Instant madeBefore) {
        return audio.forget(records, madeBefore);
    }

    @Override
    public synchronized boolean whileForgotten(ClipKey key, Runnable action) {
        return audio.whileForgotten(key, action);
    }

    @Override
    public synchronized Usage usage(String owner) {
        return tables.jobs.values().stream()
                .filter(job -> job.submission.details().owner().equals(owner))
                .map(job -> job.usage)
                .reduce(pruned.getOrDefault(owner, Usage.NONE), Usage::plus);
    }

    @Override
    public synchronized int jobsOn(LocalDate day, String owner) {
        return counts.jobsOn(day, owner);
    }

    // The worker's half

    @Override
    public InstantSource clock() {
        return tables.clock;
    }

    @Override
    public synchronized Beat beat(WorkerId worker, Duration lease) {
        return leases.beat(worker, lease);
    }

    @Override
    public synchronized void waits(WorkerId worker, @Nullable Failure what) {
        leases.waits(worker, what);
    }

    @Override
    public void leave(WorkerId worker) {
        synchronized (this) {
            leases.leave(worker);
        }
        wake();
    }

    @Override
    public synchronized List<Lease> claim(WorkerId worker, int max) {
        return leases.claim(worker, max);
    }

    @Override
    public synchronized Set<Lease> substitute(Map<Lease, Clip> others) {
        return substitutes.take(ClipQueue.requireOthers(others));
    }

    @Override
    public synchronized Set<Lease> begin(Collection<Lease> some) {
        return leases.begin(some);
    }

    @Override
    public Settlement settle(Collection<Outcome> outcomes) {
        boolean[] queued = new boolean[1];
        Settlement settlement;
        synchronized (this) {
            settlement = settling.settle(substitutes.resolve(outcomes), queued);
        }
        if (queued[0]) {
            wake();
        }
        if (!settlement.ended().isEmpty()) {
            tables.outbox.wake();
        }
        return settlement;
    }

    @Override
    public int rescue(Duration apart) {
        int rescued;
        synchronized (this) {
            rescued = leases.rescue(apart);
        }
        if (rescued > 0) {
            wake();
        }
        return rescued;
    }

    @Override
    public synchronized boolean prune(Duration retention) {
        Instant before = tables.clock.instant().minus(ClipQueue.requireRetention(retention));
        counts.prune(before);
        List<MemoryJob> old = tables.jobs.values().stream()
                .filter(job -> job.completedAt != null && !job.completedAt.isAfter(before))
                .filter(job -> tables.outbox.forget(job.id()))
                .toList();
        for (MemoryJob job : old) {
            tables.jobs.remove(job.id());
            pruned.merge(job.submission.details().owner(), job.usage, Usage::plus);
        }
        return false;
    }

    @Override
    public synchronized Outlook outlook() {
        Instant now = tables.clock.instant();
        Optional<Instant> next = tables.clips.values().stream()
                .filter(clip -> clip.state == ClipState.QUEUED)
                .map(clip -> clip.due.isAfter(now) ? clip.due : now)
                .min(Comparator.naturalOrder());
        return new Outlook(now, next, tables.count(ClipState.LEASED) > 0);
    }

    @Override
    public Signal onWork(Runnable wake) {
        signals.add(wake);
        return () -> signals.remove(wake);
    }

    @Override
    public void wake() {
        signals.forEach(Runnable::run);
    }

    @Override
    public synchronized RateLimiter limiter(String account, RateLimit limit) {
        return accounts.limiter(account, limit);
    }

    @Override
    public synchronized Depth depth() {
        Instant now = tables.clock.instant();
        Optional<Instant> oldest = tables.clips.values().stream()
                .filter(clip -> clip.state == ClipState.QUEUED && !clip.due.isAfter(now))
                .map(clip -> clip.due)
                .min(Comparator.naturalOrder());
        return new Depth(
                tables.count(ClipState.QUEUED) + tables.count(ClipState.WAITING),
                tables.count(ClipState.LEASED),
                oldest);
    }

    @Override
    public EventQueue events() {
        return tables.outbox;
    }

    @Override
    public void close() {
        signals.clear();
    }
}
