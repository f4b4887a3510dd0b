package dev.ttsjobs.worker;

import dev.ttsjobs.queue.ClipQueue;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has jobs run anew whose time has come, about once a minute. Any number of workers may do so; none leads. For one thread.
 */
final class JobRetries {

    private static final Logger log = LoggerFactory.getLogger(JobRetries.class);
    private static final Duration APART = Duration.ofMinutes(1);

    private final ClipQueue queue;
    private final WorkerSettings settings;
    private long next;

    JobRetries(ClipQueue queue, WorkerSettings settings) {
        this.queue = queue;
        this.settings = settings;
        this.next = settings.ticker().nanos();
    }

    void retryIfDue() {
        long now = settings.ticker().nanos();
        if (now - next < 0) {
            return;
        }
        next = now + APART.toNanos();
        try {
            int retried = queue.retryDue();
            if (retried > 0) {
                log.info("{} jobs that had ended with something lacking are tried again", retried);
            }
        } catch (RuntimeException e) {
            log.warn("ended jobs could not be tried again: {}", e.toString());
        }
    }
}
