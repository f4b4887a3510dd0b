package dev.ttsjobs.simulation;

import java.time.Duration;

/** The outbox as one life of a process sees it. */
final class FaultyEvents extends OutboxDecorator {

    private final Effects effects;
    private final World world;

    FaultyEvents(Effects effects) {
        super(effects.world().queue.events());
        this.effects = effects;
        this.world = effects.world();
    }

    @Override
    public void subscribe(String handler) {
        effects.queue("subscribe", handler, () -> {
            super.subscribe(handler);
            return "done";
        });
    }

    @Override
    public Batch take(String handler, int max, Duration lease) {
        return effects.queue("take", max, () -> {
            Batch batch = super.take(handler, max, lease);
            batch.deliveries().forEach(world.events::taken);
            return batch;
        });
    }

    @Override
    public boolean delivered(Delivery delivery) {
        return effects.queue("delivered", delivery.event().id(), () -> {
            boolean done = super.delivered(delivery);
            world.events.settled(delivery, done);
            return done;
        });
    }

    @Override
    public boolean again(Delivery delivery, String error, Duration pause) {
        return effects.queue("again", delivery.event().id(), () -> super.again(delivery, error, pause));
    }

    @Override
    public boolean dead(Delivery delivery, String error) {
        return effects.queue("dead", delivery.event().id(), () -> {
            boolean done = super.dead(delivery, error);
            world.events.settled(delivery, done);
            if (done) {
                world.events.refusedForGood(delivery.event());
            }
            return done;
        });
    }
}
