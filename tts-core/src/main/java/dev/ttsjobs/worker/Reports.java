package dev.ttsjobs.worker;

import dev.ttsjobs.queue.ClipQueue.Outcome;
import java.util.ArrayList;
import java.util.List;

/**
 * What came of turns and is yet to be settled. Good news waits a moment for more of it, so that a settlement is for many;
 * anything else does not. Belongs to the hand and its lock.
 */
final class Reports {

    static final long FOR_EVER = Long.MAX_VALUE;

    private final WorkerSettings settings;
    private final List<ClipMaker.Report> reports = new ArrayList<>();
    private long first;
    private boolean urgent;

    Reports(WorkerSettings settings) {
        this.settings = settings;
    }

    boolean isEmpty() {
        return reports.isEmpty();
    }

    /** @param proven whether it is known already that the account works */
    void add(ClipMaker.Report report, boolean proven) {
        if (reports.isEmpty()) {
            first = settings.ticker().nanos();
        }
        reports.add(report);
        urgent |= !proven || !(report.outcome() instanceof Outcome.Made);
    }

    /**
     * How many nanoseconds they may still wait; 0 or less when they are to be settled.
     *
     * @param alone whether no other can be expected soon
     */
    long untilDue(boolean alone) {
        if (reports.isEmpty()) {
            return FOR_EVER;
        }
        if (alone || urgent || reports.size() >= settings.settleGroup()) {
            return 0;
        }
        return settings.settledWithin().toNanos() - (settings.ticker().nanos() - first);
    }

    List<ClipMaker.Report> take() {
        List<ClipMaker.Report> taken = List.copyOf(reports);
        reports.clear();
        urgent = false;
        return taken;
    }
}
