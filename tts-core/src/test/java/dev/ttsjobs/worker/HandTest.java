package dev.ttsjobs.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.contract.Jobs;
import dev.ttsjobs.event.JobListener;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.limit.RateLimiter;
import dev.ttsjobs.queue.ClipQueue.Outcome;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import dev.ttsjobs.queue.Lease;
import dev.ttsjobs.speech.Voice;
import dev.ttsjobs.time.ManualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When calls are let through, and when outcomes are settled. */
class HandTest {

    private final ManualTime time = new ManualTime(Instant.parse("2026-01-01T00:00:00Z"));
    private final WorkerId worker = new WorkerId(new UUID(1, 2));

    @Test
    void aCallIsMadeInItsSlot() throws Exception {
        Hand hand = hand(RateLimit.perMinute(600), 4);
        Turn turn = turn(hand, "one");
        assertTrue(callIn(hand, turn, time.instant()).get(10, TimeUnit.SECONDS));
        assertTrue(turn.calling);
    }

    @Test
    void aCallThatIsLateForItsSlotIsNotMade() throws Exception {
        Hand hand = hand(RateLimit.perMinute(600), 4);
        Turn turn = turn(hand, "one");
        assertFalse(
                callIn(hand, turn, time.instant().minusMillis(251)).get(10, TimeUnit.SECONDS),
                "the process may have stood still, and the lease may be lost");
        assertFalse(turn.calling);
    }

    @Test
    void withoutALimitACallMayWaitForAnotherToEndButNotForLong() throws Exception {
        Hand hand = hand(RateLimit.UNLIMITED, 1);
        Turn first = turn(hand, "one");
        assertTrue(callIn(hand, first, time.instant()).get(10, TimeUnit.SECONDS));
        Turn second = turn(hand, "two");
        CompletableFuture<Boolean> secondCall = callIn(hand, second, time.instant());
        time.advance(Duration.ofSeconds(5));
        assertFalse(secondCall.isDone(), "one call at a time");
        hand.report(first, made(first));
        assertTrue(secondCall.get(10, TimeUnit.SECONDS));
        Turn third = turn(hand, "three");
        CompletableFuture<Boolean> thirdCall = callIn(hand, third, time.instant());
        time.advance(Duration.ofSeconds(7));
        hand.report(second, made(second));
        assertFalse(thirdCall.get(10, TimeUnit.SECONDS), "7 s are longer than between two beats");
    }

    @Test
    void whatIsRefusedOrAbortedDoesNotWaitOn() throws Exception {
        Hand hand = hand(RateLimit.perMinute(600), 4);
        Turn begun = turn(hand, "one");
        CompletableFuture<Boolean> call = callIn(hand, begun, time.instant().plusSeconds(60));
        hand.refuseReady();
        assertFalse(call.get(10, TimeUnit.SECONDS));
        Turn aborted = turn(hand, "two");
        hand.refuse(aborted);
        assertFalse(hand.awaitCall(aborted));
        assertEquals(List.of(), hand.waitingThat(turn -> true));
    }

    @Test
    void goodNewsWaitsForMoreWhileCallsAreUnderWay() throws Exception {
        Hand hand = hand(RateLimit.perMinute(600), 3);
        hand.prove(true);
        List<Turn> turns = List.of(turn(hand, "one"), turn(hand, "two"), turn(hand, "three"));
        for (Turn turn : turns) {
            time.advance(Duration.ofSeconds(1));
            assertTrue(callIn(hand, turn, time.instant()).get(10, TimeUnit.SECONDS));
        }
        hand.report(turns.get(0), made(turns.get(0)));
        assertEquals(List.of(), hand.takeReports(), "two calls may end soon");
        time.advance(Duration.ofMillis(41));
        assertEquals(1, hand.takeReports().size(), "not for long");
        hand.report(turns.get(1), made(turns.get(1)));
        hand.report(turns.get(2), made(turns.get(2)));
        assertEquals(2, hand.takeReports().size(), "nothing else is coming");
    }

    @Test
    void badNewsDoesNotWait() throws Exception {
        Hand hand = hand(RateLimit.perMinute(600), 3);
        hand.prove(true);
        List<Turn> turns = List.of(turn(hand, "one"), turn(hand, "two"));
        for (Turn turn : turns) {
            time.advance(Duration.ofSeconds(1));
            assertTrue(callIn(hand, turn, time.instant()).get(10, TimeUnit.SECONDS));
        }
        Failure failure = Failure.of(FailureKind.RATE_LIMITED, "rate_limit_exceeded", "slow down");
        Lease lease = turns.get(0).lease;
        hand.report(
                turns.get(0),
                new ClipMaker.Report(new Outcome.Again(lease, failure, Duration.ofSeconds(1)), null, failure));
        assertEquals(1, hand.takeReports().size());
    }

    /** Told to call and interrupted at the same moment: a host may do so to threads that it has made. */
    @Test
    void whoIsInterruptedWhenItsTurnHasComePassesItOn() throws Exception {
        Hand hand = hand(RateLimit.UNLIMITED, 1);
        Turn first = turn(hand, "one");
        assertTrue(callIn(hand, first, time.instant()).get(10, TimeUnit.SECONDS));
        Turn interrupted = turn(hand, "two");
        hand.giveSlots(
                List.of(interrupted), new RateLimiter.Reservation(List.of(time.instant()), time.instant(), false));
        hand.decide(List.of(interrupted), Set.of(interrupted.lease));
        CompletableFuture<Boolean> third = callIn(hand, turn(hand, "three"), time.instant());
        hand.report(first, made(first));
        hand.report(interrupted, new ClipMaker.Report(new Outcome.Released(interrupted.lease), null, null));
        assertTrue(third.get(10, TimeUnit.SECONDS), "nobody else would tell it");
    }

    /** What dies with its process before the slot would count as a call, and five of them give a clip up. */
    @Test
    void anAttemptIsPutOnRecordAheadOfItsSlotOnlyTheFirstTime() {
        Hand hand = hand(RateLimit.perMinute(600), 4);
        Turn again = waiting(hand, "tried before", 1, time.instant().plusMillis(300));
        Turn fresh = waiting(hand, "new", 0, time.instant().plusMillis(300));
        assertEquals(List.of(fresh), hand.toBegin(time.instant()));
        time.advance(Duration.ofMillis(300));
        assertEquals(List.of(again, fresh), hand.toBegin(time.instant()));
    }

    @Test
    void withoutALimitWhatWasTriedBeforeIsPutOnRecordWhenItCanBeCalledForAndIsNotOvertaken() {
        Hand hand = hand(RateLimit.UNLIMITED, 1);
        Turn first = waiting(hand, "one", 0, time.instant());
        hand.decide(hand.toBegin(time.instant()), Set.of(first.lease));
        Turn again = waiting(hand, "tried before", 1, time.instant());
        Turn fresh = waiting(hand, "new", 0, time.instant());
        assertEquals(List.of(), hand.toBegin(time.instant()));
        hand.report(first, made(first));
        assertEquals(List.of(again, fresh), hand.toBegin(time.instant()));
    }

    /** As after a crash of the database that forgot the claim. */
    @Test
    void aLeaseThatIsGivenOutTwiceIsInHandOnce() {
        Hand hand = hand(RateLimit.perMinute(600), 4);
        Turn turn = turn(hand, "one");
        assertNull(hand.add(new Lease(turn.lease.clip(), worker, 1, 0)), "it would be called for twice");
        assertEquals(List.of(turn), hand.turns());
    }

    /** A thread of the clip's own waits for its call, while the desk gives it a slot and puts its attempt on record. */
    private static CompletableFuture<Boolean> callIn(Hand hand, Turn turn, Instant slot) {
        CompletableFuture<Boolean> call = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                call.complete(hand.awaitCall(turn));
            } catch (InterruptedException e) {
                call.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        while (hand.waitingThat(each -> each == turn).isEmpty()) {
            Thread.onSpinWait();
        }
        hand.giveSlots(List.of(turn), new RateLimiter.Reservation(List.of(slot), slot, false));
        hand.decide(List.of(turn), Set.of(turn.lease));
        return call;
    }

    private Hand hand(RateLimit limit, int concurrency) {
        WorkerSettings settings = new WorkerSettings(
                concurrency,
                limit,
                Duration.ofSeconds(20),
                Duration.ofSeconds(5),
                Duration.ofDays(30),
                new JobListener() {},
                new Random(1),
                time,
                () -> true);
        return new Hand(settings, time);
    }

    private Turn turn(Hand hand, String text) {
        return turn(hand, text, 0);
    }

    private Turn turn(Hand hand, String text, int attempts) {
        Voice voice = Voice.of("alloy");
        Clip clip = new Clip(ClipKey.of("openai", voice, text), text, voice, 1, List.of());
        return Objects.requireNonNull(hand.add(new Lease(clip, worker, 1, attempts)));
    }

    /** A clip with a slot, whose thread waits for its call. */
    private Turn waiting(Hand hand, String text, int attempts, Instant slot) {
        Turn turn = turn(hand, text, attempts);
        Thread thread = new Thread(() -> {
            try {
                hand.awaitCall(turn);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        thread.setDaemon(true);
        thread.start();
        while (hand.waitingThat(each -> each == turn).isEmpty()) {
            Thread.onSpinWait();
        }
        hand.giveSlots(List.of(turn), new RateLimiter.Reservation(List.of(slot), slot, false));
        return turn;
    }

    private static ClipMaker.Report made(Turn turn) {
        return new ClipMaker.Report(new Outcome.Made(turn.lease, Jobs.facts(1000), true), null, null);
    }
}
