package dev.ttsjobs.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.nio.file.Path;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Thousands of runs of the whole engine against everything that may go wrong; see {@link Fault}. A run depends on nothing
 * but its seed. After every commit the promises are checked: nothing is lost, progress never goes back, an ended job stays
 * ended, what is made is stored whole, nothing is bought twice without a reason, a stale lease changes nothing, attempts
 * and bills are right, the limit is kept, and the host is told of every end, in order within a job.
 *
 * <p>The long run: {@code mvn -pl tts-core test -Dtest=SimulationTest -Dttsjobs.seeds=1000000}. From another seed on:
 * {@code -Dttsjobs.firstSeed=5000}.
 */
class SimulationTest {

    private static final long SEEDS = Long.getLong("ttsjobs.seeds", 2_000);
    private static final long FIRST = Long.getLong("ttsjobs.firstSeed", 0);

    @TempDir
    Path spool;

    @Test
    void noSeedBreaksAPromise() {
        Simulation simulation = new Simulation(Bug.NONE, new SpoolDirectory(spool));
        Simulation.Figures all = LongStream.range(FIRST, FIRST + SEEDS)
                .parallel()
                .mapToObj(seed -> run(simulation, seed))
                .reduce(Simulation.Figures::plus)
                .orElseThrow();
        boolean busy = all.paid() > SEEDS
                && all.calls() > all.paid()
                && all.deaths() > SEEDS / 10
                && all.takenOver() > SEEDS / 20
                && all.told() > SEEDS
                && all.substitutes() > SEEDS / 20;
        assertTrue(busy, "things happen: " + all);
    }

    private static Simulation.Figures run(Simulation simulation, long seed) {
        try {
            return simulation.run(seed);
        } catch (Throwable e) {
            return fail(simulation.explain(seed), e);
        }
    }

    @Test
    void aSeedAlwaysRunsTheSame() throws Throwable {
        Simulation simulation = new Simulation(Bug.NONE, new SpoolDirectory(spool));
        for (long seed = FIRST; seed < FIRST + 20; seed++) {
            assertEquals(simulation.trace(seed), simulation.trace(seed));
        }
    }
}
