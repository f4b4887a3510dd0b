package dev.ttsjobs.examples.server;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Counts the streams that are open, so that neither one user nor all together have too many. Thread-safe. */
final class OpenStreams {

    private static final Duration TRY_AGAIN = Duration.ofSeconds(10);

    private final int most;
    private final int mostOfOne;
    private final Map<String, Integer> ofUsers = new HashMap<>();
    private int all;

    OpenStreams(int most, int mostOfOne) {
        this.most = most;
        this.mostOfOne = mostOfOne;
    }

    /** @throws Problem 429 when there are too many; then nothing is counted */
    synchronized void enter(String user) {
        if (all >= most) {
            throw Problem.tooMany("too_many_streams", "too many streams are open", TRY_AGAIN);
        }
        int own = ofUsers.getOrDefault(user, 0);
        if (own >= mostOfOne) {
            throw Problem.tooMany("too_many_streams", "you have too many streams open", TRY_AGAIN);
        }
        ofUsers.put(user, own + 1);
        all++;
    }

    synchronized void leave(String user) {
        ofUsers.computeIfPresent(user, (id, own) -> own == 1 ? null : own - 1);
        all--;
    }
}
