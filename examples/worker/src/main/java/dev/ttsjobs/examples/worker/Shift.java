package dev.ttsjobs.examples.worker;

import dev.ttsjobs.failure.TtsException;
import dev.ttsjobs.worker.SpeechWorker;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A worker at work, seen by those who look at the whole. Thread-safe. */
public final class Shift implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Shift.class);

    /** How long calls under way may take to end; a little less than what container platforms wait before they kill. */
    private static final Duration GRACE = Duration.ofSeconds(25);

    private final List<SpeechWorker> workers;
    private final Crew.Membership membership;

    Shift(List<SpeechWorker> workers, Crew.Membership membership) {
        this.workers = List.copyOf(workers);
        this.membership = membership;
    }

    /** Lets calls under way end, for 25 s, and gives back the rest. */
    @Override
    public void close() {
        // Together, so that they share the grace, however few processors there are.
        List<Thread> closing = workers.stream()
                .map(worker -> new Thread(() -> close(worker), "tts-close"))
                .toList();
        closing.forEach(Thread::start);
        try {
            for (Thread each : closing) {
                each.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        membership.close();
    }

    private static void close(SpeechWorker worker) {
        try {
            worker.close(GRACE);
        } catch (TtsException e) {
            // The database is gone before us. What was held goes back by itself when the lease runs out.
            log.warn("stopped without saying so: {}", e.toString());
        }
    }
}
