package dev.ttsjobs.simulation;

import dev.ttsjobs.event.JobEvent;
import dev.ttsjobs.event.JobEventHandler;
import dev.ttsjobs.queue.ClipQueue;
import dev.ttsjobs.worker.EventWorker;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/** A process that tells the host of the ends of jobs, dies, and comes back; and the host, which does not always listen. */
final class SimulatedTeller extends Mortal {

    /** So that the rests between attempts stay in minutes. */
    private static final int MOST_FAILURES = 2;

    private final Map<String, Integer> failures = new HashMap<>();

    SimulatedTeller(String name, World world) {
        super(name, world);
    }

    @Override
    ClipQueue.Signal listen() {
        return world.queue.events().onEvent(this::hear);
    }

    @Override
    void live(Effects effects) {
        EventWorker worker = EventWorker.builder(new FaultyEvents(effects))
                .handler(new Host(effects))
                .random(new Random(world.scenario.random.nextLong()))
                .build();
        while (true) {
            try {
                worker.poll();
            } catch (Effects.QueueTrouble e) {
                effects.trace("could not go on telling:", e.getMessage());
            }
            world.baton.idle(world.scenario.millis(15_000, 20_000));
        }
    }

    private final class Host implements JobEventHandler {
        private final Effects effects;

        Host(Effects effects) {
            this.effects = effects;
        }

        @Override
        public String name() {
            return EventWatch.HANDLER;
        }

        @Override
        public void handle(JobEvent event) throws Undelivered {
            effects.trace("tells of", event.id());
            world.events.telling(event);
            effects.pass(world.scenario.millis(1, 2_000));
            if (failsNow() && failures.merge(event.id(), 1, Integer::sum) <= MOST_FAILURES) {
                if (world.scenario.oneIn(4)) {
                    throw Undelivered.forGood("the host will not have it");
                }
                throw new IllegalStateException("the host is not well");
            }
            world.events.tookIt(event);
        }

        /** Where it fails at all it fails often: events are few. */
        private boolean failsNow() {
            return world.scenario.has(Fault.HANDLER) && !world.scenario.isCalm() && world.scenario.oneIn(2);
        }
    }
}
