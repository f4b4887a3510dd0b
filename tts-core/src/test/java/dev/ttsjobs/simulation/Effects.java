package dev.ttsjobs.simulation;

import dev.ttsjobs.storage.StorageException;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.Supplier;

/** How one life of a process, or a client, touches the world: every touch takes time and may go wrong. */
final class Effects {

    /** The process is dead. An error, so that no handler of the worker takes it for one of its own. */
    @SuppressWarnings("serial")
    static final class Crash extends Error {
        Crash() {
            super("crashed", null, false, false);
        }
    }

    /** The queue cannot be reached, or its answer was lost. */
    static final class QueueTrouble extends RuntimeException {
        private static final long serialVersionUID = 1L;

        QueueTrouble(String what) {
            super(what, null, false, false);
        }
    }

    final String name;
    private final World world;
    private final boolean mortal;
    private final LimitWatch limits;
    private boolean dead;

    Effects(String name, World world, boolean mortal, LimitWatch limits) {
        this.limits = limits;
        this.name = name;
        this.world = world;
        this.mortal = mortal;
    }

    World world() {
        return world;
    }

    /** The watch over the account that it calls for. */
    LimitWatch limits() {
        return limits;
    }

    <T> T queue(String what, Object about, Supplier<T> action) {
        return run(what, about, 1, 6, Fault.QUEUE_BEFORE, Fault.QUEUE_AFTER, QueueTrouble::new, action);
    }

    <T> T find(String what, Object about, Supplier<T> action) {
        return run(what, about, 1, 20, Fault.STORAGE_FIND, Fault.STORAGE_FIND, StorageException::new, action);
    }

    <T> T put(String what, Object about, Supplier<T> action) {
        return run(what, about, 1, 40, Fault.PUT_BEFORE, Fault.PUT_AFTER, StorageException::new, action);
    }

    private <T> T run(
            String what,
            Object about,
            int leastMillis,
            int mostMillis,
            Fault before,
            Fault after,
            Function<String, RuntimeException> trouble,
            Supplier<T> action) {
        Scenario scenario = world.scenario;
        pass(scenario.millis(leastMillis, mostMillis));
        if (scenario.happens(before)) {
            trace(what + " fails, changing nothing", about);
            throw trouble.apply(what + " failed");
        }
        T result = action.get();
        if (world.trace.isKept()) {
            trace(what + " " + Trace.show(about) + " ->", result);
        }
        pass(scenario.millis(0, 2));
        if (scenario.happens(after)) {
            trace(what + " took place, and its answer is lost", about);
            throw trouble.apply("the answer of " + what + " was lost");
        }
        return result;
    }

    /** Lets time pass in which the process may die or stand still. */
    void pass(Duration duration) {
        Scenario scenario = world.scenario;
        checkAlive();
        world.baton.pass(duration);
        if (mortal && scenario.happens(Fault.CRASH)) {
            die();
        }
        if (mortal && scenario.happens(Fault.PAUSE)) {
            Duration pause = scenario.millis(5_000, 120_000);
            trace("stands still for", pause);
            world.baton.pass(pause);
        }
    }

    private void die() {
        trace("dies", "");
        dead = true;
        world.calls.crashed(this);
        throw new Crash();
    }

    /** What unwinds after a crash must not touch the world any more. */
    private void checkAlive() {
        if (dead) {
            throw new Crash();
        }
    }

    void trace(String event, Object about) {
        world.trace.add(name, event, about);
    }
}
