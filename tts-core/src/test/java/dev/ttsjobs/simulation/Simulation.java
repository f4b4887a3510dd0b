package dev.ttsjobs.simulation;

import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.contract.Jobs;
import java.util.EnumSet;
import java.util.Set;

/** Runs seeds. */
final class Simulation {

    private static final int LINES = 150;

    private final Bug bug;
    private final SpoolDirectory spool;

    Simulation(Bug bug, SpoolDirectory spool) {
        this.bug = bug;
        this.spool = spool;
    }

    /** What a run did, to see that runs do anything. */
    record Figures(int jobs, int calls, int paid, int deaths, int takenOver, int told, int substitutes) {

        Figures plus(Figures other) {
            return new Figures(
                    jobs + other.jobs,
                    calls + other.calls,
                    paid + other.paid,
                    deaths + other.deaths,
                    takenOver + other.takenOver,
                    told + other.told,
                    substitutes + other.substitutes);
        }
    }

    /** Runs one seed; throws what it broke. */
    Figures run(long seed) throws Throwable {
        return run(seed, EnumSet.noneOf(Fault.class), false, new World[1]);
    }

    private Figures run(long seed, Set<Fault> without, boolean traced, World[] seen) throws Throwable {
        Scenario scenario = new Scenario(seed, without);
        World world = new World(scenario, bug, spool, traced);
        seen[0] = world;
        if (scenario.has(Fault.FOUND_AUDIO)) {
            Clip clip = Jobs.clip("text 1");
            world.files.overwrite(SimulatedStorage.nameOf(clip), FaultyProvider.take(clip.text(), 0));
        }
        new SimulatedClient(world).enter();
        for (int i = 1; i <= scenario.processes; i++) {
            new SimulatedProcess("P" + i, world, false).enter();
        }
        if (seed % 2 == 1) {
            new SimulatedProcess("S1", world, true).enter();
            new SimulatedProcess("S2", world, true).enter();
        }
        new SimulatedTeller("T1", world).enter();
        new SimulatedTeller("T2", world).enter();
        world.baton.run();
        return new Figures(
                world.jobs.ids().size(),
                world.calls.count(),
                world.leases.paid(),
                world.calls.deaths(),
                world.leases.takenOver(),
                world.events.count(),
                world.leases.substitutes());
    }

    /** All that happens in a run that breaks nothing. */
    String trace(long seed) throws Throwable {
        World[] seen = new World[1];
        run(seed, EnumSet.noneOf(Fault.class), true, seen);
        return seen[0].trace.last(Integer.MAX_VALUE);
    }

    /** Whether a seed breaks something, told with as few faults as will do, and with what happened. */
    String explain(long seed) {
        Set<Fault> without = EnumSet.noneOf(Fault.class);
        for (Fault fault : Fault.values()) {
            without.add(fault);
            if (breakage(seed, without, false) == null) {
                without.remove(fault);
            }
        }
        return breakage(seed, without, true);
    }

    private String breakage(long seed, Set<Fault> without, boolean traced) {
        World[] seen = new World[1];
        try {
            run(seed, without, traced, seen);
            return null;
        } catch (Throwable e) {
            World world = seen[0];
            return e + "\n" + world.scenario + "\n" + (traced ? world.trace.last(LINES) : "");
        }
    }
}
