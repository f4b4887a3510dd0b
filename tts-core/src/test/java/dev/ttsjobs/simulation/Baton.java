package dev.ttsjobs.simulation;

import dev.ttsjobs.time.ManualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

/**
 * Lets exactly one of several actors run at a time, each on a thread of its own, in virtual time. Whoever lets time pass
 * hands on to whoever is due first, so a run depends on nothing but its seed.
 */
final class Baton {

    private static final ExecutorService THREADS = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "simulated");
        thread.setDaemon(true);
        return thread;
    });

    /** Unwinds an actor when the run is over. */
    @SuppressWarnings("serial")
    static final class Over extends Error {
        Over() {
            super("the run is over", null, false, false);
        }
    }

    /** One who takes turns. */
    final class Actor {
        private final Semaphore turn = new Semaphore(0);
        private Instant due = time.instant();
        private boolean idle;

        /** Ends an idle wait soon. */
        void wake() {
            if (idle && due.isAfter(time.instant())) {
                due = time.instant();
            }
        }
    }

    private final ManualTime time;
    private final List<Actor> actors = new ArrayList<>();
    private final List<Runnable> bodies = new ArrayList<>();
    private Actor current;
    private volatile boolean over;
    private volatile Throwable failure;

    Baton(ManualTime time) {
        this.time = time;
    }

    /** Enters an actor; its body must let time pass now and then, and is left by {@link Over}. */
    Actor enter(Runnable body) {
        Actor actor = new Actor();
        actors.add(actor);
        bodies.add(body);
        return actor;
    }

    /** Runs all actors until one ends the run or fails. */
    void run() throws Throwable {
        CountDownLatch left = new CountDownLatch(actors.size());
        for (int i = 0; i < actors.size(); i++) {
            Actor actor = actors.get(i);
            Runnable body = bodies.get(i);
            THREADS.execute(() -> {
                try {
                    actor.turn.acquireUninterruptibly();
                    if (!over) {
                        body.run();
                        throw new IllegalStateException("an actor ended by itself");
                    }
                } catch (Over e) {
                    // As it should be.
                } catch (Throwable e) {
                    failure = e;
                    end();
                } finally {
                    left.countDown();
                }
            });
        }
        current = actors.get(0);
        current.turn.release();
        left.await();
        if (failure != null) {
            throw failure;
        }
    }

    /** Ends the run: every actor unwinds. */
    void end() {
        over = true;
        actors.forEach(actor -> actor.turn.release());
    }

    void finish() {
        end();
        throw new Over();
    }

    /** Lets time pass for the actor whose turn it is. */
    void pass(Duration duration) {
        pass(duration, false);
    }

    /** Waits at most so long; a wake-up ends it earlier. */
    void idle(Duration atMost) {
        pass(atMost, true);
    }

    private void pass(Duration duration, boolean idle) {
        if (over) {
            throw new Over();
        }
        Actor me = current;
        me.due = time.instant().plus(duration.isNegative() ? Duration.ZERO : duration);
        me.idle = idle;
        Actor next = me;
        for (Actor actor : actors) {
            if (actor.due.isBefore(next.due)) {
                next = actor;
            }
        }
        time.advanceTo(next.due);
        if (next != me) {
            current = next;
            next.turn.release();
            me.turn.acquireUninterruptibly();
            if (over) {
                throw new Over();
            }
        }
        me.idle = false;
    }
}
