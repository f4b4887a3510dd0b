package dev.ttsjobs.worker;

import dev.ttsjobs.queue.ClipQueue;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets go of old jobs, about once an hour, a batch each time it is asked, so that nothing else waits long. Any number of
 * workers may do so; none leads. For one thread.
 */
final class Pruning {

    private static final Logger log = LoggerFactory.getLogger(Pruning.class);
    private static final Duration APART = Duration.ofHours(1);

    private final ClipQueue queue;
    private final WorkerSettings settings;
    private long next;

    Pruning(ClipQueue queue, WorkerSettings settings) {
        this.queue = queue;
        this.settings = settings;
        // Anywhere in the first hour, so that workers that are started together, or live short lives, share it.
        this.next = settings.ticker().nanos() + spread(0);
    }

    private long spread(double least) {
        return (long)
                (APART.toNanos() * (least + (1 - least) * settings.random().nextDouble()));
    }

    /** Deletes one batch if the time has come. What fails is tried again in an hour. */
    void pruneIfDue() {
        long now = settings.ticker().nanos();
        if (now - next < 0) {
            return;
        }
        try {
            if (queue.prune(settings.retention())) {
                return;
            }
        } catch (RuntimeException e) {
            log.warn("old jobs could not be pruned: {}", e.toString());
        }
        next = now + spread(0.8);
    }
}
