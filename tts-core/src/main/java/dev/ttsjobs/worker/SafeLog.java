package dev.ttsjobs.worker;

import org.slf4j.Logger;

/** Says what went wrong in a loop that has to go on, even where there is no memory left to say it. Stateless, thread-safe. */
final class SafeLog {

    private SafeLog() {}

    /** @param message with one place for what was thrown */
    static void warn(Logger log, String message, Throwable thrown) {
        try {
            log.warn(message, thrown.toString());
        } catch (RuntimeException | Error e) {
            // Whatever was thrown, or the host's logging, has no words for it; the loop's work matters more.
        }
    }
}
