package dev.ttsjobs.simulation;

import dev.ttsjobs.event.JobEvent;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.queue.EventQueue.Delivery;
import dev.ttsjobs.queue.EventQueue.DeliveryState;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a host is told of the ends of jobs, compared with those ends. */
final class EventWatch {

    static final String HANDLER = "host";

    private final World world;
    private final Map<JobId, Integer> ends = new HashMap<>();
    private final Set<String> told = new HashSet<>();
    private final Set<String> refused = new HashSet<>();
    private final Set<String> settled = new HashSet<>();

    EventWatch(World world) {
        this.world = world;
        world.queue.events().subscribe(HANDLER);
    }

    /** A job has ended, for the first time or once more: that is written down with its end. */
    void ended(JobId job) {
        int count = ends.merge(job, 1, Integer::sum);
        int written = deliveries(job).size();
        Violation.unless(written == count, () -> "job " + job + " ended " + count + " times, with events " + written);
    }

    private List<Delivery> deliveries(JobId job) {
        return world.queue.events().deliveries(job);
    }

    /** Whoever takes one late may still hold it when another has delivered it; nobody takes it after that. */
    void taken(Delivery delivery) {
        String id = delivery.event().id();
        Violation.unless(!settled.contains(id), () -> "taken though it was delivered: " + delivery);
    }

    /** The host hears of one, whatever it makes of that. */
    void telling(JobEvent event) {
        Violation.unless(event.job().status().hasEnded(), () -> "told of an end that is none: " + event);
        for (Delivery earlier : deliveries(event.job().id())) {
            if (earlier.event().id().equals(event.id())) {
                return;
            }
            String id = earlier.event().id();
            Violation.unless(
                    told.contains(id) || refused.contains(id), () -> "told of " + event.id() + " sooner than of " + id);
        }
        throw new Violation("told of what never was: " + event.id());
    }

    void tookIt(JobEvent event) {
        told.add(event.id());
    }

    void refusedForGood(JobEvent event) {
        refused.add(event.id());
    }

    /** The queue has written down what became of it. */
    void settled(Delivery delivery, boolean done) {
        if (done) {
            settled.add(delivery.event().id());
        }
    }

    void replayed(Delivery delivery) {
        settled.remove(delivery.event().id());
        refused.remove(delivery.event().id());
    }

    boolean allSettled() {
        return ends.keySet().stream()
                .flatMap(job -> deliveries(job).stream())
                .noneMatch(delivery -> delivery.state() == DeliveryState.WAITING);
    }

    int count() {
        return told.size();
    }

    /** At last: everything that ended was told of, or is a dead letter since the host would not have it. */
    void check() {
        for (Map.Entry<JobId, Integer> job : ends.entrySet()) {
            List<Delivery> all = deliveries(job.getKey());
            Violation.unless(
                    all.size() == job.getValue(), () -> all.size() + " events of " + job.getValue() + " ends: " + all);
            for (Delivery delivery : all) {
                String id = delivery.event().id();
                boolean dead = delivery.state() == DeliveryState.DEAD;
                Violation.unless(dead == refused.contains(id), () -> "a dead letter, or none: " + delivery);
                Violation.unless(dead || told.contains(id), () -> "the host was never told of " + delivery);
            }
        }
    }
}
