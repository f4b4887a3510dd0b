package dev.ttsjobs.simulation;

import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.queue.ClipQueue;
import dev.ttsjobs.queue.ClipQueue.Outcome;
import dev.ttsjobs.queue.Lease;
import dev.ttsjobs.time.ManualTime;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What happened in a run, for people. Kept only when it will be read. */
final class Trace {

    private final ManualTime time;
    private final Instant start;
    private final boolean kept;
    private final List<String> lines = new ArrayList<>();

    Trace(ManualTime time, boolean kept) {
        this.time = time;
        this.start = time.instant();
        this.kept = kept;
    }

    boolean isKept() {
        return kept;
    }

    void add(String who, String what, Object about) {
        if (kept) {
            double seconds = Duration.between(start, time.instant()).toNanos() / 1e9;
            lines.add(String.format(Locale.ROOT, "%10.3f  %-7s %s %s", seconds, who, what, show(about)));
        }
    }

    /** The last events, oldest first. */
    String last(int count) {
        return String.join("\n", lines.subList(Math.max(0, lines.size() - count), lines.size()));
    }

    /** Few words for what a port gave or got. */
    static String show(Object value) {
        if (value instanceof Collection<?> many) {
            return many.stream().map(Trace::show).collect(Collectors.joining(", ", "[", "]"));
        }
        if (value instanceof Lease lease) {
            return show(lease.clip()) + (lease.instead() == null ? "" : " by another") + " epoch " + lease.epoch()
                    + " attempts " + lease.attempts();
        }
        if (value instanceof Clip clip) {
            return "\"" + clip.text() + "\"";
        }
        if (value instanceof Outcome.Made made) {
            return "made " + show(made.lease()) + (made.paid() ? " paid" : " found");
        }
        if (value instanceof Outcome.Again again) {
            return "again " + show(again.lease()) + " " + show(again.failure()) + " in " + again.delay();
        }
        if (value instanceof Outcome.GivenUp givenUp) {
            return "given up " + show(givenUp.lease()) + " " + show(givenUp.failure());
        }
        if (value instanceof Outcome.Released released) {
            return "released " + show(released.lease());
        }
        if (value instanceof ClipQueue.Settlement settlement) {
            return "lost " + settlement.lost().size() + ", changed "
                    + settlement.changed().size() + ", ended "
                    + settlement.ended().size();
        }
        if (value instanceof InputStream) {
            return "a stream";
        }
        if (value instanceof Failure failure) {
            return failure.kind() + (failure.retryAfter() == null ? "" : " retry after " + failure.retryAfter());
        }
        return String.valueOf(value);
    }
}
