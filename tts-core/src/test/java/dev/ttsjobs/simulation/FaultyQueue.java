package dev.ttsjobs.simulation;

import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.job.AuditEntry;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.limit.RateLimiter;
import dev.ttsjobs.queue.Lease;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The queue as one life of a process, or a client, sees it; the watchers hear of every commit as it happens. */
final class FaultyQueue extends QueueDecorator {

    private final Effects effects;
    private final World world;

    FaultyQueue(Effects effects) {
        super(effects.world().queue);
        this.effects = effects;
        this.world = effects.world();
    }

    @Override
    public Receipt submit(Submission submission) {
        return effects.queue("submit", submission.clips().values(), () -> {
            Receipt receipt = queue.submit(submission);
            world.jobs.submitted(submission, receipt);
            return receipt;
        });
    }

    @Override
    public boolean cancel(JobId id, AuditEntry.Origin origin) {
        return effects.queue("cancel", id, () -> {
            boolean answer = queue.cancel(id, origin);
            world.jobs.cancelled(id, answer);
            return answer;
        });
    }

    @Override
    public boolean retry(JobId id, AuditEntry.Origin origin) {
        return effects.queue("retry", id, () -> {
            boolean answer = queue.retry(id, origin);
            world.jobs.retried(id, answer);
            return answer;
        });
    }

    @Override
    public Beat beat(WorkerId worker, Duration lease) {
        return effects.queue("beat", "", () -> {
            Beat beat = queue.beat(worker, lease);
            world.leases.beaten(worker, lease);
            return beat;
        });
    }

    @Override
    public void waits(WorkerId worker, Failure what) {
        effects.queue("waits", String.valueOf(what), () -> {
            queue.waits(worker, what);
            return "done";
        });
    }

    @Override
    public void leave(WorkerId worker) {
        effects.queue("leave", "", () -> {
            queue.leave(worker);
            world.leases.left(worker);
            return "done";
        });
    }

    @Override
    public List<Lease> claim(WorkerId worker, int max) {
        return effects.queue("claim", max, () -> {
            List<Lease> leases = queue.claim(worker, max);
            world.leases.claimed(worker, max, leases);
            return leases;
        });
    }

    @Override
    public Set<Lease> substitute(Map<Lease, Clip> others) {
        return effects.queue("substitute", others.keySet(), () -> {
            Set<Lease> taken = queue.substitute(others);
            world.leases.substituted(others.keySet(), taken);
            return taken;
        });
    }

    @Override
    public Set<Lease> begin(Collection<Lease> leases) {
        effects.limits().goes(effects);
        return effects.queue("begin", leases, () -> {
            Set<Lease> granted = queue.begin(leases);
            world.leases.begun(effects, leases, granted);
            return granted;
        });
    }

    @Override
    public Settlement settle(Collection<Outcome> outcomes) {
        return effects.queue("settle", outcomes, () -> {
            Settlement settlement = queue.settle(outcomes);
            world.leases.settled(outcomes, settlement);
            return settlement;
        });
    }

    @Override
    public int rescue(Duration apart) {
        return effects.queue("rescue", apart, () -> {
            int rescued = queue.rescue(apart);
            world.leases.rescued(apart, rescued);
            return rescued;
        });
    }

    @Override
    public RateLimiter limiter(String account, RateLimit limit) {
        return new FaultyLimiter(effects, queue.limiter(account, limit));
    }
}
