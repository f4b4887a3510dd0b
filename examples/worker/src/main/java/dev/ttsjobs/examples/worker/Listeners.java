package dev.ttsjobs.examples.worker;

import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.event.JobListener;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.job.JobId;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Several listeners as one. */
record Listeners(List<JobListener> all) implements JobListener {

    Listeners {
        all = List.copyOf(all);
    }

    @Override
    public void jobChanged(JobId id) {
        all.forEach(one -> one.jobChanged(id));
    }

    @Override
    public void jobEnded(JobId id) {
        all.forEach(one -> one.jobEnded(id));
    }

    @Override
    public void clipMade(ClipKey key, boolean paid) {
        all.forEach(one -> one.clipMade(key, paid));
    }

    @Override
    public void clipFailed(ClipKey key, Failure failure, boolean givenUp) {
        all.forEach(one -> one.clipFailed(key, failure, givenUp));
    }

    @Override
    public void leaseLost(ClipKey key) {
        all.forEach(one -> one.leaseLost(key));
    }

    @Override
    public void callWaits(Duration wait) {
        all.forEach(one -> one.callWaits(wait));
    }

    @Override
    public void accountChanged(String account, @Nullable Failure failure) {
        all.forEach(one -> one.accountChanged(account, failure));
    }

    @Override
    public void storageChanged(@Nullable Failure failure) {
        all.forEach(one -> one.storageChanged(failure));
    }
}
