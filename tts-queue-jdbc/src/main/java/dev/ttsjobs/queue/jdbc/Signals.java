package dev.ttsjobs.queue.jdbc;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who in this process is to be woken. Thread-safe. */
final class Signals {

    private static final Logger log = LoggerFactory.getLogger(Signals.class);

    private final List<Runnable> sleepers = new CopyOnWriteArrayList<>();

    void add(Runnable wake) {
        sleepers.add(wake);
    }

    void remove(Runnable wake) {
        sleepers.remove(wake);
    }

    boolean isEmpty() {
        return sleepers.isEmpty();
    }

    void wake() {
        for (Runnable sleeper : sleepers) {
            try {
                sleeper.run();
            } catch (RuntimeException | Error e) {
                log.warn("a worker could not be woken; it looks by itself in a while", e);
            }
        }
    }
}
