package dev.ttsjobs.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.contract.Jobs;
import dev.ttsjobs.event.JobEvent;
import dev.ttsjobs.event.JobEventHandler;
import dev.ttsjobs.event.JobEventHandler.Undelivered;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.queue.EventQueue;
import dev.ttsjobs.queue.EventQueue.Delivery;
import dev.ttsjobs.queue.EventQueue.DeliveryState;
import dev.ttsjobs.queue.JobQueue;
import dev.ttsjobs.queue.JobStore.Submission;
import dev.ttsjobs.time.ManualTime;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class EventWorkerTest {

    private final ManualTime time = new ManualTime();
    private final JobQueue queue = JobQueue.inMemory(time);
    private final List<JobId> told = new ArrayList<>();

    /** What a handler does with an event. */
    @FunctionalInterface
    private interface Action {
        void take(JobEvent event) throws Exception;
    }

    private static JobEventHandler handler(String name, Action action) {
        return new JobEventHandler() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public void handle(JobEvent event) throws Exception {
                action.take(event);
            }
        };
    }

    private EventWorker.Builder worker(JobEventHandler... handlers) {
        EventWorker.Builder builder = EventWorker.builder(queue.events()).random(new Random(1));
        for (JobEventHandler handler : handlers) {
            queue.events().subscribe(handler.name());
            builder.handler(handler);
        }
        return builder;
    }

    /** A job that has ended. */
    private JobId end() {
        return end("alice");
    }

    private JobId end(String owner) {
        Submission job = Jobs.of(owner).say("Hello").build();
        queue.submit(job);
        queue.cancel(job.id());
        return job.id();
    }

    private Delivery delivery(JobId job) {
        return queue.events().deliveries(job).get(0);
    }

    @Test
    void everyHandlerIsToldOfEveryEnd() {
        List<JobId> others = new ArrayList<>();
        EventWorker worker = worker(
                        handler("mail", event -> told.add(event.job().id())),
                        handler("web", event -> others.add(event.job().id())))
                .build();
        List<JobId> jobs = List.of(end(), end());
        assertEquals(4, worker.poll());
        assertEquals(jobs, told);
        assertEquals(jobs, others);
        assertEquals(0, worker.poll());
        assertEquals(DeliveryState.DELIVERED, delivery(jobs.get(0)).state());
    }

    @Test
    void aHandlerThatAlwaysFailsHasADayAndThenADeadLetter() {
        List<Instant> tries = new ArrayList<>();
        EventWorker worker = worker(handler("mail", event -> {
                    tries.add(time.instant());
                    throw new IllegalStateException("broken");
                }))
                .build();
        JobId job = end();
        worker.poll();
        while (delivery(job).state() == DeliveryState.WAITING) {
            time.advanceTo(delivery(job).nextTry());
            assertEquals(1, worker.poll());
        }
        assertEquals(DeliveryState.DEAD, delivery(job).state());
        assertEquals("java.lang.IllegalStateException: broken", delivery(job).lastError());
        assertEquals(8, tries.size());
        List<Long> most = List.of(5L, 300L, 1800L, 7200L, 18000L, 36000L, 36000L);
        for (int i = 0; i < most.size(); i++) {
            double rest = Duration.between(tries.get(i), tries.get(i + 1)).toMillis() / 1000.0;
            assertTrue(rest <= most.get(i) && rest >= 0.8 * most.get(i) - 0.001, "rest " + i + ": " + rest);
        }
        assertTrue(Duration.between(tries.get(0), tries.get(7)).toHours() >= 22);
    }

    @Test
    void aPoisonousEventHoldsUpNoOtherJob() {
        List<JobId> poison = new ArrayList<>();
        EventWorker worker = worker(handler("mail", event -> {
                    if (poison.contains(event.job().id())) {
                        throw new StackOverflowError();
                    }
                    told.add(event.job().id());
                }))
                .build();
        poison.add(end());
        JobId good = end();
        assertEquals(2, worker.poll());
        assertEquals(List.of(good), told);
        assertEquals(DeliveryState.WAITING, delivery(poison.get(0)).state());
    }

    @Test
    void aHandlerMaySayWhenAndWhetherToTryAgain() {
        List<Undelivered> answers = new ArrayList<>(List.of(
                Undelivered.againAfter("later", Duration.ofHours(3)),
                Undelivered.againAfter("sooner", Duration.ofSeconds(1)),
                Undelivered.forGood("gone")));
        EventWorker worker = worker(handler("mail", event -> {
                    throw answers.remove(0);
                }))
                .build();
        JobId job = end();
        worker.poll();
        assertEquals(time.instant().plus(Duration.ofHours(3)), delivery(job).nextTry());
        assertEquals("later", delivery(job).lastError());
        time.advance(Duration.ofHours(3));
        worker.poll();
        assertTrue(delivery(job).nextTry().isAfter(time.instant().plus(Duration.ofMinutes(3))));
        time.advance(Duration.ofMinutes(5));
        worker.poll();
        assertEquals(DeliveryState.DEAD, delivery(job).state());
        assertEquals(0, answers.size());
    }

    @Test
    void anEventWhoseAttemptsNeverEndIsNotHandedOverForEver() {
        EventWorker worker =
                worker(handler("mail", event -> told.add(event.job().id()))).build();
        JobId job = end();
        for (int i = 0; i < EventDesk.ATTEMPTS; i++) {
            // Processes that take it and are never heard of again.
            assertEquals(
                    1,
                    queue.events()
                            .take("mail", 1, Duration.ofMinutes(2))
                            .deliveries()
                            .size());
            time.advance(Duration.ofMinutes(2));
        }
        worker.poll();
        assertEquals(List.of(), told);
        assertEquals(DeliveryState.DEAD, delivery(job).state());
        assertEquals("no attempt came to an end", delivery(job).lastError());
    }

    @Test
    void aStartedWorkerIsWokenAndASlowEventHoldsUpNoOther() throws Exception {
        BlockingQueue<JobId> heard = new LinkedBlockingQueue<>();
        CountDownLatch stuck = new CountDownLatch(1);
        // Nothing here comes from looking by itself.
        EventWorker worker = worker(handler("mail", event -> {
                    heard.add(event.job().id());
                    if (event.job().details().owner().equals("slow")) {
                        stuck.await();
                    }
                }))
                .pollInterval(Duration.ofHours(1))
                .build()
                .start();
        JobId first = end("slow");
        assertEquals(first, heard.poll(10, TimeUnit.SECONDS));
        JobId second = end();
        assertEquals(second, heard.poll(10, TimeUnit.SECONDS));
        stuck.countDown();
        worker.close(Duration.ofSeconds(10));
        assertEquals(DeliveryState.DELIVERED, delivery(first).state());
        assertEquals(DeliveryState.DELIVERED, delivery(second).state());
        end();
        assertNull(heard.poll());
    }

    @Test
    void aWorkerIsUsedInOneWay() {
        EventWorker worker = worker(handler("mail", event -> {})).build().start();
        assertThrows(IllegalStateException.class, worker::start);
        assertThrows(IllegalStateException.class, worker::poll);
        worker.close();
        worker.close();
        EventWorker.Builder none = EventWorker.builder(queue.events());
        assertThrows(IllegalStateException.class, none::build);
        assertThrows(IllegalArgumentException.class, () -> none.handler(handler("No Name", event -> {})));
        EventWorker.Builder one = none.handler(handler("mail", event -> {}));
        assertThrows(IllegalArgumentException.class, () -> one.handler(handler("mail", event -> {})));
    }

    @Test
    void whatIsNotRecordedIsDeliveredAgain() {
        EventQueue events = queue.events();
        EventWorker worker =
                worker(handler("mail", event -> told.add(event.job().id()))).build();
        JobId job = end();
        // Handed over by a process that died before it could say so.
        told.add(events.take("mail", 1, Duration.ofMinutes(2))
                .deliveries()
                .get(0)
                .event()
                .job()
                .id());
        assertEquals(0, worker.poll());
        time.advance(Duration.ofMinutes(2));
        assertEquals(1, worker.poll());
        assertEquals(List.of(job, job), told);
    }

    /** One connection of the host's pool is all that deliveries need. */
    @Test
    void howeverManyDeliverOneAtATimeSpeaksWithTheQueue() throws Exception {
        AtomicInteger speaking = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        EventQueue watched = (EventQueue) Proxy.newProxyInstance(
                EventQueue.class.getClassLoader(), new Class<?>[] {EventQueue.class}, (proxy, method, arguments) -> {
                    most.accumulateAndGet(speaking.incrementAndGet(), Math::max);
                    try {
                        for (int i = 0; i < 1_000; i++) {
                            Thread.yield();
                        }
                        return method.invoke(queue.events(), arguments);
                    } finally {
                        speaking.decrementAndGet();
                    }
                });
        int jobs = 16;
        CountDownLatch together = new CountDownLatch(jobs);
        queue.events().subscribe("mail");
        List<JobId> ended = Stream.generate(this::end).limit(jobs).toList();
        EventWorker worker = EventWorker.builder(watched)
                .concurrency(jobs)
                .handler(handler("mail", event -> {
                    together.countDown();
                    together.await();
                }))
                .build()
                .start();
        together.await();
        worker.close();
        for (JobId job : ended) {
            queue.events().deliveries(job).forEach(each -> assertEquals(DeliveryState.DELIVERED, each.state()));
        }
        assertEquals(1, most.get());
    }
}
