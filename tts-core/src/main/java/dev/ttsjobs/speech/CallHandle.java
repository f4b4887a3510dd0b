package dev.ttsjobs.speech;

import java.util.ArrayList;
import java.util.List;

/**
 * Lets another thread end a call: cutting the exchange, never interrupting the thread that waits for it. One handle
 * serves one clip, from before its call to after its body is read. Thread-safe.
 */
public final class CallHandle {

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
        toRun.forEach(Runnable::run);
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
