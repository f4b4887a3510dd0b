package dev.ttsjobs.simulation;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;

/** Faults that last for some minutes. */
final class Spells {

    private record Spell(Instant from, Instant to) {}

    private final World world;
    private final Map<Fault, Spell> spells = new EnumMap<>(Fault.class);

    Spells(World world) {
        this.world = world;
        Scenario scenario = world.scenario;
        for (Fault fault : new Fault[] {Fault.QUOTA, Fault.OUTAGE, Fault.STORAGE_FULL}) {
            Instant from = world.start.plus(scenario.millis(0, 200_000));
            Duration length = scenario.millis(1_000, 240_000);
            if (scenario.has(fault)) {
                spells.put(fault, new Spell(from, from.plus(length)));
            }
        }
    }

    boolean isOn(Fault fault) {
        Spell spell = spells.get(fault);
        Instant now = world.now();
        return spell != null && !world.scenario.isCalm() && !now.isBefore(spell.from) && now.isBefore(spell.to);
    }
}
