package dev.ttsjobs.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.queue.ClipQueue;
import dev.ttsjobs.queue.ClipQueue.Outcome;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import dev.ttsjobs.queue.EventQueue;
import dev.ttsjobs.queue.EventQueue.Delivery;
import dev.ttsjobs.queue.EventQueue.DeliveryState;
import dev.ttsjobs.queue.JobQueue;
import dev.ttsjobs.queue.JobStore.Submission;
import dev.ttsjobs.queue.Lease;
import dev.ttsjobs.time.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the outbox of every {@link JobQueue} holds to. */
public abstract class OutboxContract {

    private static final Duration LEASE = Duration.ofMinutes(2);

    protected final ManualTime time = new ManualTime();
    protected JobQueue queue;
    private EventQueue outbox;
    private final WorkerId ann = new WorkerId(UUID.randomUUID());

    /** An empty queue that takes its time from the given clock. */
    protected abstract JobQueue open(ManualTime clock) throws Exception;

    @BeforeEach
    void openQueue() throws Exception {
        queue = open(time);
        outbox = queue.events();
        queue.beat(ann, Duration.ofDays(30));
        outbox.subscribe("mail");
    }

    @AfterEach
    void closeQueue() {
        queue.close();
    }

    @Test
    void aJobThatCompletesIsToldOfAsItStood() {
        Submission job = submit("Hello");
        assertEquals(List.of(), take().deliveries());
        time.advance(Duration.ofSeconds(1));
        make();

        Delivery told = takeOne();
        assertEquals(queue.find(job.id()).orElseThrow(), told.event().job());
        assertEquals(time.instant(), told.event().at());
        assertTrue(
                told.event().id().matches("[A-Za-z0-9_-]{1,64}"), told.event().id());
        assertEquals("mail", told.handler());
        assertEquals(1, told.attempts());
        assertEquals(List.of(), take().deliveries());
    }

    @Test
    void everyWayToEndIsToldOfOnce() {
        submit("Hello");
        fail();
        assertEquals(JobStatus.FAILED, deliverOne().status());

        queue.cancel(submit("Bye").id());
        assertEquals(JobStatus.CANCELLED, deliverOne().status());

        submit("Ready");
        make();
        assertEquals(JobStatus.COMPLETED, deliverOne().status());

        Submission cached = submit("Ready");
        Job told = deliverOne();
        assertEquals(cached.id(), told.id());
        assertEquals(JobStatus.COMPLETED, told.status());
        assertEquals(List.of(), take().deliveries());
    }

    @Test
    void aRepeatedSubmitOrSettlementIsToldOfOnce() {
        Submission job = submit("Hello");
        Lease lease = begin();
        Outcome made = new Outcome.Made(lease, Jobs.facts(100), true);
        queue.settle(List.of(made));
        queue.settle(List.of(made));
        queue.submit(job);
        assertFalse(queue.cancel(job.id()));
        assertEquals(1, outbox.deliveries(job.id()).size());
    }

    @Test
    void aRetriedJobEndsAgainWithAnEventOfItsOwn() {
        Submission job = submit("Hello");
        fail();
        Delivery first = takeOne();
        outbox.delivered(first);
        assertTrue(queue.retry(job.id()));
        make();
        Delivery second = takeOne();
        assertNotEquals(first.event().id(), second.event().id());
        assertEquals(JobStatus.COMPLETED, second.event().job().status());
        // What was told first is still as it was told.
        assertEquals(first.event(), outbox.deliveries(job.id()).get(0).event());
    }

    @Test
    void aRetryThatEndsAtOnceIsToldOf() {
        Submission job = submit("Hello");
        fail();
        deliverOne();
        submit("Hello");
        make();
        deliverOne();
        assertTrue(queue.retry(job.id()));
        Job told = deliverOne();
        assertEquals(job.id(), told.id());
        assertEquals(JobStatus.COMPLETED, told.status());
    }

    @Test
    void eventsOfOneJobComeInOrderAndHoldUpNoOtherJobs() {
        Submission job = submit("Hello");
        fail();
        queue.retry(job.id());
        fail();
        time.advance(Duration.ofSeconds(1));
        Submission other = submit("Bye");
        make();

        List<Delivery> taken = take().deliveries();
        assertEquals(
                List.of(job.id(), other.id()),
                taken.stream().map(each -> each.event().job().id()).toList());
        assertTrue(outbox.again(taken.get(0), "not now", Duration.ofMinutes(5)));
        assertTrue(outbox.delivered(taken.get(1)));
        assertEquals(List.of(), take().deliveries(), "the job's second event passed its first");

        time.advance(Duration.ofMinutes(5));
        Delivery again = takeOne();
        assertEquals(taken.get(0).event(), again.event());
        assertEquals(2, again.attempts());
        assertEquals("not now", again.lastError());
        assertTrue(outbox.dead(again, "never"));
        Delivery second = takeOne();
        assertEquals(job.id(), second.event().job().id());
        assertNotEquals(again.event().id(), second.event().id());
    }

    @Test
    void whatIsTakenIsOutOfTheWayUntilItsLeaseRunsOut() {
        submit("Hello");
        make();
        Delivery first = takeOne();
        assertEquals(Optional.of(LEASE), take().next());
        time.advance(LEASE);
        Delivery second = takeOne();
        assertEquals(first.event(), second.event());
        assertEquals(2, second.attempts());

        assertFalse(outbox.delivered(first), "a lost lease said what became of it");
        assertFalse(outbox.again(first, "x", Duration.ZERO));
        assertFalse(outbox.dead(first, "x"));
        assertTrue(outbox.delivered(second));
        assertFalse(outbox.delivered(second));
        assertEquals(Optional.empty(), take().next());
    }

    @Test
    void whoeverWaitsLearnsHowLong() {
        submit("Hello");
        make();
        assertTrue(outbox.again(takeOne(), "busy", Duration.ofSeconds(5)));
        time.advance(Duration.ofSeconds(2));
        assertEquals(new EventQueue.Batch(List.of(), Optional.of(Duration.ofSeconds(3))), take());
        submit("Bye", "Again");
        make();
        make();
        submit("Bye");
        assertEquals(Optional.of(Duration.ZERO), outbox.take("mail", 1, LEASE).next());
    }

    @Test
    void handlersGetWhatEndsOnceTheyAreKnownAndEachForItself() {
        Submission before = submit("Hello");
        make();
        outbox.subscribe("web");
        outbox.subscribe("web");
        Submission after = submit("Hello");
        assertEquals(List.of(after.id()), jobsOf(outbox.take("web", 10, LEASE)));
        assertEquals(List.of(before.id(), after.id()), jobsOf(take()));
        assertEquals(
                List.of("mail", "web"),
                outbox.deliveries(after.id()).stream().map(Delivery::handler).toList());

        assertTrue(outbox.unsubscribe("web"));
        assertFalse(outbox.unsubscribe("web"));
        assertEquals(1, outbox.deliveries(after.id()).size());
        assertEquals(List.of(), outbox.take("nobody", 10, LEASE).deliveries());
    }

    @Test
    void aDeadLetterIsListedAndReplayed() {
        Submission job = submit("Hello");
        make();
        Delivery taken = takeOne();
        String error = "gone\n\u0000é" + "x".repeat(1000);
        assertTrue(outbox.dead(taken, error));
        assertEquals(List.of(), take().deliveries());

        Delivery dead = outbox.deadLetters("mail", 10).get(0);
        assertEquals(outbox.deliveries(job.id()), List.of(dead));
        assertEquals(DeliveryState.DEAD, dead.state());
        assertEquals(Delivery.errorLine(error), dead.lastError());
        assertNull(dead.nextTry());

        assertTrue(outbox.replay(job.id(), "mail", dead.event().id()));
        assertFalse(outbox.replay(job.id(), "mail", dead.event().id()), "it is on its way");
        assertEquals(List.of(), outbox.deadLetters("mail", 10));
        Delivery again = takeOne();
        assertEquals(1, again.attempts());
        assertEquals(dead.event(), again.event());
        assertTrue(outbox.delivered(again));
        assertEquals(DeliveryState.DELIVERED, outbox.deliveries(job.id()).get(0).state());
        assertTrue(outbox.replay(job.id(), "mail", dead.event().id()), "what was delivered can be replayed");
        assertEquals(dead.event(), takeOne().event());
    }

    @Test
    void whatIsNotThereIsNotReplayed() {
        Submission job = submit("Hello");
        make();
        String event = takeOne().event().id();
        Submission other = submit("Bye");
        assertFalse(outbox.replay(other.id(), "mail", event));
        assertFalse(outbox.replay(job.id(), "web", event));
        assertFalse(outbox.replay(job.id(), "mail", job.id() + "-99999999999999999999"));
        assertFalse(outbox.replay(job.id(), "mail", "'; --"));
        assertEquals(List.of(), outbox.deliveries(other.id()));
    }

    @Test
    void namesAreChecked() {
        for (String name : List.of("", "Mail", "a b", "x".repeat(41), "a\u0000")) {
            assertThrows(IllegalArgumentException.class, () -> outbox.subscribe(name));
        }
    }

    @Test
    void listenersAreWokenWhenAJobEnds() {
        AtomicInteger woken = new AtomicInteger();
        ClipQueue.Signal signal = outbox.onEvent(woken::incrementAndGet);
        submit("Hello");
        int before = woken.get();
        make();
        assertTrue(woken.get() > before);
        signal.close();
        int after = woken.get();
        submit("Hello");
        assertEquals(after, woken.get());
    }

    @Test
    void manyWhoTakeAtTheSameMomentShareTheEvents() throws Exception {
        submit("Hello");
        make();
        deliverOne();
        Set<JobId> expected = new HashSet<>();
        for (int i = 0; i < 24; i++) {
            expected.add(submit("Hello").id());
        }
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            Callable<List<JobId>> taker = () -> {
                List<JobId> mine = new ArrayList<>();
                EventQueue.Batch batch;
                do {
                    batch = outbox.take("mail", 3, LEASE);
                    mine.addAll(jobsOf(batch));
                } while (batch.next().equals(Optional.of(Duration.ZERO))
                        || !batch.deliveries().isEmpty());
                return mine;
            };
            List<JobId> all = new ArrayList<>();
            for (Future<List<JobId>> each : threads.invokeAll(List.of(taker, taker, taker, taker))) {
                all.addAll(each.get());
            }
            // A taker that lost all its races may have gone early, so the rest is for the last one.
            all.addAll(taker.call());
            assertEquals(24, all.size(), "an event was taken twice");
            assertEquals(expected, new HashSet<>(all));
        } finally {
            threads.shutdown();
        }
    }

    // In a few words

    private Submission submit(String... texts) {
        Submission job = Jobs.of("alice").reference("deck-1").say(texts).build();
        queue.submit(job);
        return job;
    }

    private Lease begin() {
        List<Lease> leases = queue.claim(ann, 1);
        queue.begin(leases);
        return leases.get(0);
    }

    private void make() {
        queue.settle(List.of(new Outcome.Made(begin(), Jobs.facts(100), true)));
    }

    private void fail() {
        queue.settle(List.of(new Outcome.GivenUp(begin(), Jobs.failure(FailureKind.REJECTED))));
    }

    private EventQueue.Batch take() {
        return outbox.take("mail", 10, LEASE);
    }

    private Delivery takeOne() {
        List<Delivery> taken = take().deliveries();
        assertEquals(1, taken.size(), () -> "taken: " + taken);
        return taken.get(0);
    }

    private Job deliverOne() {
        Delivery taken = takeOne();
        assertTrue(outbox.delivered(taken));
        return taken.event().job();
    }

    private static List<JobId> jobsOf(EventQueue.Batch batch) {
        return batch.deliveries().stream().map(each -> each.event().job().id()).toList();
    }
}
