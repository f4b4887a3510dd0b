package dev.ttsjobs.examples.voice;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.random.RandomGenerator;

/** Says what happens to the next call. The same seed and the same order of calls give the same faults. */
final class FaultDice {

    private final RandomGenerator random;
    private final Deque<FaultKind> script = new ArrayDeque<>();
    private VoiceFaults faults = VoiceFaults.none();

    FaultDice(RandomGenerator random) {
        this.random = random;
    }

    /** Replaces what was set before, the rest of its script too. */
    synchronized void set(VoiceFaults newFaults) {
        faults = newFaults;
        script.clear();
        script.addAll(newFaults.script());
    }

    /** What is set, with what is left of the script. */
    synchronized VoiceFaults faults() {
        return faults.withScript(List.copyOf(script));
    }

    synchronized FaultKind next(String text) {
        if (!text.contains(faults.only())) {
            return FaultKind.NONE;
        }
        FaultKind step = script.poll();
        if (step != null) {
            return step;
        }
        double thrown = random.nextDouble();
        for (FaultKind kind : FaultKind.values()) {
            thrown -= faults.odds().getOrDefault(kind, 0.0);
            if (thrown < 0) {
                return kind;
            }
        }
        return FaultKind.NONE;
    }
}
