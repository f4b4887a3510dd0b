package dev.ttsjobs.simulation;

import dev.ttsjobs.job.JobId;
import dev.ttsjobs.queue.ClipQueue;
import dev.ttsjobs.queue.EventQueue;
import java.time.Duration;
import java.util.List;

/** An outbox that passes everything on, for others to change. */
class OutboxDecorator implements EventQueue {

    private final EventQueue right;

    OutboxDecorator(EventQueue right) {
        this.right = right;
    }

    @Override
    public void subscribe(String handler) {
        right.subscribe(handler);
    }

    @Override
    public boolean unsubscribe(String handler) {
        return right.unsubscribe(handler);
    }

    @Override
    public Batch take(String handler, int max, Duration lease) {
        return right.take(handler, max, lease);
    }

    @Override
    public boolean delivered(Delivery delivery) {
        return right.delivered(delivery);
    }

    @Override
    public boolean again(Delivery delivery, String error, Duration pause) {
        return right.again(delivery, error, pause);
    }

    @Override
    public boolean dead(Delivery delivery, String error) {
        return right.dead(delivery, error);
    }

    @Override
    public List<Delivery> deliveries(JobId job) {
        return right.deliveries(job);
    }

    @Override
    public List<Delivery> deadLetters(String handler, int limit) {
        return right.deadLetters(handler, limit);
    }

    @Override
    public boolean replay(JobId job, String handler, String event) {
        return right.replay(job, handler, event);
    }

    @Override
    public ClipQueue.Signal onEvent(Runnable wake) {
        return right.onEvent(wake);
    }
}
