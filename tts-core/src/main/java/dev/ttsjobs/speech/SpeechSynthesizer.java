package dev.ttsjobs.speech;

import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns one text into audio by one call to a provider. Implementations are thread-safe, make exactly one request for
 * each call (no retry and no redirect of their own), and never block longer than their stated deadlines.
 */
public interface SpeechSynthesizer extends AutoCloseable {

    /** The family of all who name none: what OpenAI itself speaks. */
    String DEFAULT_FAMILY = "openai";

    /**
     * Makes the call and returns as soon as the audio begins to arrive.
     *
     * @param handle cuts the exchange when it is aborted; the call then throws {@link SpeechException}
     * @throws SpeechException when no audio comes, with the reason classified
     */
    SpeechAudio synthesize(SpeechRequest request, CallHandle handle);

    /**
     * Names what a limit or an empty purse applies to: equal for synthesizers that share one. At most 100 characters of
     * {@code [A-Za-z0-9._:/-]}; never holds a key.
     */
    String account();

    /**
     * Names the family of endpoints whose audio is interchangeable; part of every clip key, so
     * that another provider's audio is never taken for this one's. {@code openai} for the API and its proxies.
     */
    String family();

    /** Gives connections back. Calls under way may fail. */
    @Override
    default void close() {}

    /**
     * Lets another thread end a call: cutting the exchange, never interrupting the thread that waits for it. One handle
     * serves one clip, from before its call to after its body is read. Thread-safe.
     */
    final class CallHandle {

        private static final Logger log = LoggerFactory.getLogger(CallHandle.class);

        private final List<Runnable> cuts = new ArrayList<>();
        private boolean aborted;

        /** Ends what is under way, and everything that is started under this handle later. Repeating it does nothing. */
        public void abort() {
            List<Runnable> toRun;
            synchronized (this) {
                if (aborted) {
                    return;
                }
                aborted = true;
                toRun = List.copyOf(cuts);
            }
            toRun.forEach(CallHandle::run);
        }

        private static void run(Runnable cut) {
            try {
                cut.run();
            } catch (RuntimeException | Error e) {
                // Whoever cuts a worker's calls has others to cut.
                log.warn("a call could not be cut", e);
            }
        }

        public synchronized boolean isAborted() {
            return aborted;
        }

        /**
         * Says how to cut what is being started. Runs it at once when the handle was aborted before. {@code cut} must be fast
         * and may be called from any thread, also after the call has ended.
         */
        public void onAbort(Runnable cut) {
            synchronized (this) {
                if (!aborted) {
                    cuts.add(cut);
                    return;
                }
            }
            cut.run();
        }
    }
}
