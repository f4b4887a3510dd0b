package dev.ttsjobs.simulation;

import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.job.AuditEntry;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.PhraseResult;
import dev.ttsjobs.job.Usage;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.limit.RateLimiter;
import dev.ttsjobs.queue.EventQueue;
import dev.ttsjobs.queue.JobQueue;
import dev.ttsjobs.queue.Lease;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Hands everything on; subclasses change what they are about. */
class QueueDecorator implements JobQueue {

    final JobQueue queue;

    QueueDecorator(JobQueue queue) {
        this.queue = queue;
    }

    @Override
    public Receipt submit(Submission submission) {
        return queue.submit(submission);
    }

    @Override
    public Receipt submit(Submission submission, Connection connection) {
        return queue.submit(submission, connection);
    }

    @Override
    public void wake() {
        queue.wake();
    }

    @Override
    public Optional<Job> find(JobId id) {
        return queue.find(id);
    }

    @Override
    public List<Job> find(Collection<JobId> ids) {
        return queue.find(ids);
    }

    @Override
    public List<PhraseResult> results(JobId id, int from, int limit) {
        return queue.results(id, from, limit);
    }

    @Override
    public List<Job> list(JobQuery query) {
        return queue.list(query);
    }

    @Override
    public boolean cancel(JobId id, AuditEntry.Origin origin) {
        return queue.cancel(id, origin);
    }

    @Override
    public boolean retry(JobId id, AuditEntry.Origin origin) {
        return queue.retry(id, origin);
    }

    @Override
    public void pause(String account, String reason) {
        queue.pause(account, reason);
    }

    @Override
    public boolean resume(String account) {
        return queue.resume(account);
    }

    @Override
    public Map<String, RateLimiter.Pause> pauses() {
        return queue.pauses();
    }

    @Override
    public List<AuditEntry> audit(String owner, long before, int limit) {
        return queue.audit(owner, before, limit);
    }

    @Override
    public Set<ClipKey> made(Collection<ClipKey> keys) {
        return queue.made(keys);
    }

    @Override
    public List<AudioRecord> audio(ClipKey after, int limit) {
        return queue.audio(after, limit);
    }

    @Override
    public boolean lost(AudioRecord record, Runnable remove) {
        return queue.lost(record, remove);
    }

    @Override
    public Set<ClipKey> unused(Collection<ClipKey> keys) {
        return queue.unused(keys);
    }

    @Override
    public Set<ClipKey> forget(Collection<AudioRecord> records, Instant madeBefore) {
        return queue.forget(records, madeBefore);
    }

    @Override
    public boolean whileForgotten(ClipKey key, Runnable action) {
        return queue.whileForgotten(key, action);
    }

    @Override
    public Usage usage(String owner) {
        return queue.usage(owner);
    }

    @Override
    public int jobsOn(LocalDate day, String owner) {
        return queue.jobsOn(day, owner);
    }

    @Override
    public InstantSource clock() {
        return queue.clock();
    }

    @Override
    public Beat beat(WorkerId worker, Duration lease) {
        return queue.beat(worker, lease);
    }

    @Override
    public void waits(WorkerId worker, Failure what) {
        queue.waits(worker, what);
    }

    @Override
    public void leave(WorkerId worker) {
        queue.leave(worker);
    }

    @Override
    public List<Lease> claim(WorkerId worker, int max) {
        return queue.claim(worker, max);
    }

    @Override
    public Set<Lease> substitute(Map<Lease, Clip> others) {
        return queue.substitute(others);
    }

    @Override
    public Set<Lease> begin(Collection<Lease> leases) {
        return queue.begin(leases);
    }

    @Override
    public Settlement settle(Collection<Outcome> outcomes) {
        return queue.settle(outcomes);
    }

    @Override
    public int rescue(Duration apart) {
        return queue.rescue(apart);
    }

    @Override
    public boolean prune(Duration retention) {
        return queue.prune(retention);
    }

    @Override
    public int retryDue() {
        return queue.retryDue();
    }

    @Override
    public Outlook outlook() {
        return queue.outlook();
    }

    @Override
    public Signal onWork(Runnable wake) {
        return queue.onWork(wake);
    }

    @Override
    public RateLimiter limiter(String account, RateLimit limit) {
        return queue.limiter(account, limit);
    }

    @Override
    public Depth depth() {
        return queue.depth();
    }

    @Override
    public EventQueue events() {
        return queue.events();
    }

    @Override
    public void close() {
        queue.close();
    }
}
