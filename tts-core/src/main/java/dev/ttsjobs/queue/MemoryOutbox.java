package dev.ttsjobs.queue;

import dev.ttsjobs.event.JobEvent;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The outbox of the in-memory queue. */
final class MemoryOutbox implements EventQueue {

    private final InstantSource clock;
    private final Set<String> handlers = new TreeSet<>();
    private final List<Row> rows = new ArrayList<>();
    private final List<Runnable> signals = new CopyOnWriteArrayList<>();

    MemoryOutbox(InstantSource clock) {
        this.clock = clock;
    }

    private static final class Row {
        final String handler;
        final JobEvent event;
        DeliveryState state = DeliveryState.WAITING;
        int attempts;
        long epoch;
        Instant due;

        @Nullable
        String error;

        Row(String handler, JobEvent event) {
            this.handler = handler;
            this.event = event;
            this.due = event.at();
        }

        Delivery snapshot() {
            boolean waits = state == DeliveryState.WAITING;
            return new Delivery(handler, event, state, attempts, epoch, error, waits ? due : null);
        }

        long version() {
            return event.job().timeline().version();
        }

        boolean isOf(JobId job) {
            return event.job().id().equals(job);
        }
    }

    /** Writes the end of a job; the queue holds its lock meanwhile. */
    synchronized void ended(Job job, Instant at) {
        JobEvent event = new JobEvent(job.id() + "-" + job.timeline().version(), job, at);
        handlers.forEach(handler -> rows.add(new Row(handler, event)));
    }

    /** Lets go of the events of a job, unless some handler is still to be told; says whether it did. */
    synchronized boolean forget(JobId job) {
        boolean due = rows.stream().anyMatch(row -> row.isOf(job) && row.state == DeliveryState.WAITING);
        if (!due) {
            rows.removeIf(row -> row.isOf(job));
        }
        return !due;
    }

    void wake() {
        signals.forEach(Runnable::run);
    }

    @Override
    public synchronized void subscribe(String handler) {
        handlers.add(Delivery.requireName(handler));
    }

    @Override
    public synchronized boolean unsubscribe(String handler) {
        rows.removeIf(row -> row.handler.equals(handler));
        return handlers.remove(handler);
    }

    @Override
    public synchronized Batch take(String handler, int max, Duration lease) {
        Instant now = clock.instant();
        List<Row> next = rows.stream()
                .filter(row -> row.handler.equals(handler) && row.state == DeliveryState.WAITING)
                .filter(row -> !isBehindAnother(row))
                .sorted(Comparator.comparing(row -> row.due))
                .toList();
        List<Delivery> taken = new ArrayList<>();
        Optional<Duration> wait = Optional.empty();
        for (Row row : next) {
            if (row.due.isAfter(now)) {
                wait = Optional.of(Duration.between(now, row.due));
                break;
            }
            if (taken.size() == max) {
                wait = Optional.of(Duration.ZERO);
                break;
            }
            row.attempts++;
            row.epoch++;
            row.due = now.plus(lease);
            taken.add(row.snapshot());
        }
        return new Batch(taken, wait);
    }

    private boolean isBehindAnother(Row row) {
        return rows.stream()
                .anyMatch(other -> other.handler.equals(row.handler)
                        && other.isOf(row.event.job().id())
                        && other.version() < row.version()
                        && other.state == DeliveryState.WAITING);
    }

    @Override
    public boolean delivered(Delivery delivery) {
        boolean done = change(delivery, DeliveryState.DELIVERED, null, Duration.ZERO);
        if (done) {
            // Another event of the job may have waited for this one.
            wake();
        }
        return done;
    }

    @Override
    public boolean again(Delivery delivery, String error, Duration pause) {
        return change(delivery, DeliveryState.WAITING, error, pause);
    }

    @Override
    public boolean dead(Delivery delivery, String error) {
        boolean done = change(delivery, DeliveryState.DEAD, error, Duration.ZERO);
        if (done) {
            wake();
        }
        return done;
    }

    private synchronized boolean change(
            Delivery delivery, DeliveryState state, @Nullable String error, Duration pause) {
        Optional<Row> found = rows.stream()
                .filter(same(
                        delivery.event().job().id(),
                        delivery.handler(),
                        delivery.event().id()))
                .filter(row -> row.state == DeliveryState.WAITING && row.epoch == delivery.epoch())
                .findFirst();
        found.ifPresent(row -> {
            row.state = state;
            row.error = error == null ? row.error : Delivery.errorLine(error);
            row.due = clock.instant().plus(pause);
        });
        return found.isPresent();
    }

    private static Predicate<Row> same(JobId job, String handler, String event) {
        return row ->
                row.isOf(job) && row.handler.equals(handler) && row.event.id().equals(event);
    }

    @Override
    public synchronized List<Delivery> deliveries(JobId job) {
        return rows.stream()
                .filter(row -> row.isOf(job))
                .sorted(Comparator.comparingLong(Row::version).thenComparing(row -> row.handler))
                .map(Row::snapshot)
                .toList();
    }

    @Override
    public synchronized List<Delivery> deadLetters(String handler, int limit) {
        return rows.stream()
                .filter(row -> row.handler.equals(handler) && row.state == DeliveryState.DEAD)
                .sorted(Comparator.comparing((Row row) -> row.event.at()))
                .limit(limit)
                .map(Row::snapshot)
                .toList();
    }

    @Override
    public boolean replay(JobId job, String handler, String event) {
        boolean replayed = revive(job, handler, event);
        if (replayed) {
            wake();
        }
        return replayed;
    }

    private synchronized boolean revive(JobId job, String handler, String event) {
        Optional<Row> found = rows.stream()
                .filter(same(job, handler, event))
                .filter(row -> row.state != DeliveryState.WAITING)
                .findFirst();
        found.ifPresent(row -> {
            row.state = DeliveryState.WAITING;
            row.attempts = 0;
            row.epoch++;
            row.due = clock.instant();
        });
        return found.isPresent();
    }

    @Override
    public ClipQueue.Signal onEvent(Runnable wake) {
        signals.add(wake);
        return () -> signals.remove(wake);
    }
}
