package dev.ttsjobs.simulation;

import dev.ttsjobs.queue.ClipQueue;

/** A process that dies, and comes back as another one. */
abstract class Mortal implements Runnable {

    final World world;
    private final String name;
    private Baton.Actor actor;

    Mortal(String name, World world) {
        this.name = name;
        this.world = world;
    }

    void enter() {
        actor = world.baton.enter(this);
    }

    @Override
    public void run() {
        for (int life = 1; ; life++) {
            ClipQueue.Signal signal = listen();
            try {
                live(new Effects(name + "." + life, world, true, limits()));
            } catch (Effects.Crash e) {
                signal.close();
                world.baton.pass(world.scenario.millis(100, 20_000));
            }
        }
    }

    /** Asks to be told when there is something to do. */
    abstract ClipQueue.Signal listen();

    /** The watch over the account that it calls for. */
    LimitWatch limits() {
        return world.limits;
    }

    /** Works until it dies of a crash. */
    abstract void live(Effects effects);

    /** Is told; at times in vain. */
    final void hear() {
        if (!world.scenario.happens(Fault.SIGNALS)) {
            wake();
        }
    }

    final void wake() {
        actor.wake();
    }
}
