package dev.ttsjobs.worker;

import dev.ttsjobs.event.JobEventHandler;
import dev.ttsjobs.queue.EventQueue;
import dev.ttsjobs.queue.EventQueue.Delivery;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes the events of one handler and hands them over; handlers do not wait for each other. Thread-safe. */
final class EventDesk {

    private static final Logger log = LoggerFactory.getLogger(EventDesk.class);

    /** The rests after each attempt but the last; together somewhat more than a day. */
    private static final List<Duration> RESTS = List.of(
            Duration.ofSeconds(5),
            Duration.ofMinutes(5),
            Duration.ofMinutes(30),
            Duration.ofHours(2),
            Duration.ofHours(5),
            Duration.ofHours(10),
            Duration.ofHours(10));

    static final int ATTEMPTS = RESTS.size() + 1;

    private final EventQueue queue;
    private final JobEventHandler handler;
    private final String name;
    private final Settings settings;
    /** Held around every word with the queue, by all desks of a process: however many deliver, they need one connection. */
    private final ReentrantLock line;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private int underWay;
    private boolean woken;
    private boolean closed;
    private boolean subscribed;

    /** How a desk works; made by {@link EventWorker.Builder}. */
    record Settings(int concurrency, Duration lease, Duration pollInterval, RandomGenerator random) {

        /** Somewhat less than the whole, by chance, so that neither workers nor events come together. */
        Duration spread(Duration whole) {
            return Duration.ofNanos((long) (whole.toNanos() * (0.8 + 0.2 * random.nextDouble())));
        }
    }

    EventDesk(EventQueue queue, JobEventHandler handler, Settings settings, ReentrantLock line) {
        this.queue = queue;
        this.handler = handler;
        this.name = handler.name();
        this.settings = settings;
        this.line = line;
    }

    void wake() {
        lock.lock();
        try {
            woken = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Works until closed. */
    void run(Executor callers) {
        for (int room = awaitRoom(); room > 0; room = awaitRoom()) {
            await(round(room, callers));
        }
    }

    /** Hands over what is due, and says how long to wait then. */
    Duration round(int room, Executor callers) {
        Duration wait = settings.spread(settings.pollInterval());
        try {
            EventQueue.Batch batch = take(room);
            batch.deliveries().forEach(delivery -> handOver(callers, delivery));
            Duration next = batch.next().orElse(wait);
            return next.compareTo(wait) < 0 ? next : wait;
        } catch (RuntimeException | Error e) {
            SafeLog.warn(log, "events for " + name + " could not be taken; trying again in a while: {}", e);
            return wait;
        }
    }

    int poll() {
        int handed = 0;
        for (EventQueue.Batch batch = take(1); !batch.deliveries().isEmpty(); batch = take(1)) {
            batch.deliveries().forEach(each -> LogContext.about(each.event().job(), () -> deliver(each)));
            handed++;
        }
        return handed;
    }

    private EventQueue.Batch take(int max) {
        return ask(() -> {
            if (!subscribed) {
                queue.subscribe(name);
                subscribed = true;
            }
            return queue.take(name, max, settings.lease());
        });
    }

    private <T> T ask(Supplier<T> question) {
        line.lock();
        try {
            return question.get();
        } finally {
            line.unlock();
        }
    }

    private void handOver(Executor callers, Delivery delivery) {
        changeUnderWay(1);
        boolean handed = false;
        try {
            callers.execute(() -> {
                try {
                    LogContext.about(delivery.event().job(), () -> deliverOrSay(delivery));
                } finally {
                    changeUnderWay(-1);
                }
            });
            handed = true;
        } finally {
            if (!handed) {
                changeUnderWay(-1);
            }
        }
    }

    private void deliverOrSay(Delivery delivery) {
        try {
            deliver(delivery);
        } catch (RuntimeException | Error e) {
            // It is delivered once more when the lease has run out.
            log.warn(
                    "what became of event {} could not be recorded: {}",
                    delivery.event().id(),
                    e.toString());
        }
    }

    private void deliver(Delivery delivery) {
        if (delivery.attempts() > ATTEMPTS) {
            // Nobody ever said what became of the last one: it takes its process with it, or the time of its lease.
            ask(() -> queue.dead(delivery, "no attempt came to an end"));
            return;
        }
        try {
            handler.handle(delivery.event());
        } catch (JobEventHandler.Undelivered e) {
            undelivered(delivery, String.valueOf(e.getMessage()), e.pause().orElse(Duration.ZERO), e.isForGood());
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            undelivered(delivery, "interrupted", Duration.ZERO, false);
            return;
        } catch (Exception | Error e) {
            log.warn("handler {} failed on event {}", name, delivery.event().id(), e);
            undelivered(delivery, e.toString(), Duration.ZERO, false);
            return;
        }
        ask(() -> queue.delivered(delivery));
    }

    private void undelivered(Delivery delivery, String error, Duration asked, boolean forGood) {
        if (forGood || delivery.attempts() >= ATTEMPTS) {
            ask(() -> queue.dead(delivery, error));
            log.warn("event {} is a dead letter of {}", delivery.event().id(), name);
            return;
        }
        Duration rest = settings.spread(RESTS.get(delivery.attempts() - 1));
        ask(() -> queue.again(delivery, error, asked.compareTo(rest) > 0 ? asked : rest));
        wake();
    }

    private void changeUnderWay(int by) {
        lock.lock();
        try {
            underWay += by;
            // With room again, or with an end out of the way, something may be there that was not before.
            woken |= by < 0 && underWay == settings.concurrency() - 1;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** How many more may be taken, once it is one at least; 0 when closed. */
    private int awaitRoom() {
        lock.lock();
        try {
            while (!closed && underWay >= settings.concurrency()) {
                changed.awaitUninterruptibly();
            }
            woken = false;
            return closed ? 0 : settings.concurrency() - underWay;
        } finally {
            lock.unlock();
        }
    }

    private void await(Duration wait) {
        lock.lock();
        try {
            long left = wait.toNanos();
            while (left > 0 && !woken && !closed) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closed = true;
        } finally {
            lock.unlock();
        }
    }
}
