package dev.ttsjobs.simulation;

import dev.ttsjobs.contract.Jobs;
import dev.ttsjobs.queue.ClipQueue;
import dev.ttsjobs.queue.JobQueue;
import dev.ttsjobs.time.Sleeper;
import dev.ttsjobs.worker.SpeechWorker;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;

/** A process that works the queue, dies, and comes back as another worker. */
final class SimulatedProcess extends Mortal {

    private final boolean standsIn;

    /** @param standsIn whether it speaks another family's clips while the first account is paused */
    SimulatedProcess(String name, World world, boolean standsIn) {
        super(name, world);
        this.standsIn = standsIn;
    }

    @Override
    LimitWatch limits() {
        return standsIn ? world.standInLimits : super.limits();
    }

    @Override
    ClipQueue.Signal listen() {
        return world.queue.onWork(this::signalled);
    }

    @Override
    void live(Effects effects) {
        Scenario scenario = world.scenario;
        JobQueue queue = world.bug.view(new FaultyQueue(effects), world);
        Sleeper sleeper = duration -> {
            effects.pass(duration);
            if (scenario.happens(Fault.OVERSLEEP)) {
                effects.pass(scenario.millis(1, 2_000));
            }
        };
        Duration skew = scenario.has(Fault.SKEW) ? scenario.millis(0, 600_000) : Duration.ZERO;
        Function<String, SpeechWorker.Builder> workers = family -> SpeechWorker.builder(
                        queue, world.bug.view(new FaultyStorage(effects)), new FaultyProvider(effects, family))
                .limit(scenario.limit)
                .random(new Random(scenario.random.nextLong()))
                .time(() -> world.time.nanos() + (scenario.happens(Fault.SKEW) ? skew.toNanos() : 0), sleeper);
        SpeechWorker first = workers.apply(FaultyProvider.FIRST).build();
        SpeechWorker worker = !standsIn
                ? first
                : workers.apply(FaultyProvider.SECOND)
                        .standsInFor(first)
                        .voices(voice -> Optional.of(Jobs.OTHER_VOICE))
                        .build();
        while (true) {
            try {
                worker.poll();
            } catch (Effects.QueueTrouble e) {
                effects.trace("could not go on:", e.getMessage());
            } catch (InterruptedException e) {
                throw new AssertionError("nobody interrupts", e);
            }
            effects.pass(scenario.millis(1, 20));
            world.baton.idle(scenario.millis(3_000, 5_000));
        }
    }

    /** At times twice. */
    private void signalled() {
        hear();
        if (world.scenario.happens(Fault.SIGNALS)) {
            wake();
        }
    }
}
