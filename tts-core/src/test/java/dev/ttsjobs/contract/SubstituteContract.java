package dev.ttsjobs.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.job.PhraseResult;
import dev.ttsjobs.job.Usage;
import dev.ttsjobs.queue.ClipQueue;
import dev.ttsjobs.queue.ClipQueue.Outcome;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import dev.ttsjobs.queue.JobStore.Submission;
import dev.ttsjobs.queue.Lease;
import dev.ttsjobs.speech.Voice;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What every queue holds to about clips that are made in the place of others. */
abstract class SubstituteContract extends AccountContract {

    private static Clip other(String text) {
        return Jobs.other(text);
    }

    private Lease claimOne(WorkerId worker) {
        List<Lease> leases = queue.claim(worker, 1);
        assertEquals(1, leases.size());
        return leases.get(0);
    }

    private Set<Lease> substitute(Lease lease) {
        return queue.substitute(Map.of(lease, other(lease.clip().text())));
    }

    private Lease substituted(Lease lease) {
        Set<Lease> taken = substitute(lease);
        Lease with = lease.instead(other(lease.clip().text()));
        assertEquals(Set.of(with), taken);
        return with;
    }

    private ClipKey spoken(Submission job, int phrase, String language) {
        PhraseResult.Audio audio = side(job, phrase, language).audio();
        return new ClipKey(audio.name().value().substring(3, 67));
    }

    @Test
    void whatIsMadeInThePlaceOfAClipIsTheAudioOfAllThatWaitForIt() {
        Submission first = Jobs.of("alice").say("Hello").build();
        Submission second = Jobs.of("bob").pair("Hello", "Salut").build();
        queue.submit(first);
        queue.submit(second);
        Lease hello = substituted(claimOne(ann));
        assertEquals(Set.of(hello), queue.begin(List.of(hello)));
        assertEquals(List.of("Salut"), texts(queue.claim(bob, 9)), "the other clip is never queued");

        ClipQueue.Settlement settlement = settle(made(hello));
        assertEquals(
                new ClipQueue.Settlement(Set.of(), Set.of(first.id(), second.id()), Set.of(first.id())), settlement);
        assertEquals(JobStatus.COMPLETED, find(first).status());
        assertEquals(usage(5, 5, 1, 1), find(first).usage());
        assertEquals(usage(10, 0, 2, 0), find(second).usage(), "nobody pays twice");
        for (Submission job : List.of(first, second)) {
            assertEquals(other("Hello").key(), spoken(job, 0, "en"));
        }
        assertEquals(false, side(first, 0, "en").audio().cached());
        assertEquals(true, side(second, 0, "en").audio().cached());
        ClipKey own = Jobs.clip("Hello").key();
        assertEquals(
                Set.of(other("Hello").key()),
                queue.made(List.of(own, other("Hello").key())));
        assertEquals(Set.of(own), queue.unused(List.of(own, other("Hello").key())));
        assertEquals(List.of(), queue.claim(ann, 9), "the clip itself is wanted by nobody any longer");
    }

    @Test
    void jobsThatComeLaterWantTheClipItself() {
        Submission first = Jobs.of("alice").say("Hello").build();
        queue.submit(first);
        settle(made(substituted(claimOne(ann))));
        Submission later = Jobs.of("alice").say("Hello").build();
        queue.submit(later);
        assertEquals(JobStatus.PENDING, find(later).status());
        assertTrue(queue.submit(first).replayed());

        settle(made(claimAndBegin(ann, 1).get(0)));
        assertEquals(Jobs.clip("Hello").key(), spoken(later, 0, "en"));
        assertEquals(other("Hello").key(), spoken(first, 0, "en"), "what was spoken stays");
    }

    @Test
    void whatIsOnRecordAlreadyIsNotPaidForAgain() {
        queue.submit(Jobs.of("alice").say("Hello").build());
        settle(made(substituted(claimOne(ann))));
        Submission job = Jobs.of("bob").say("Hello").build();
        queue.submit(job);
        Lease again = substituted(claimOne(bob));
        settle(new Outcome.Made(again, Jobs.facts(1200), true));
        assertEquals(JobStatus.COMPLETED, find(job).status());
        assertEquals(usage(5, 0, 1, 0), find(job).usage());
        assertTrue(side(job, 0, "en").audio().cached());
    }

    @Test
    void nobodyElseMakesTheOtherClipMeanwhile() {
        // Two voices of the one family are spoken by one of the other.
        Clip alloy = Jobs.clip("Hello");
        Voice verse = Voice.of("verse");
        Clip second = new Clip(ClipKey.of("openai", verse, "Hello"), "Hello", verse, 2, List.of());
        Submission job = Jobs.of("alice").say(alloy).say(second).build();
        queue.submit(job);
        Lease one = claimOne(ann);
        Lease two = claimOne(bob);
        Lease held = substituted(one);
        assertEquals(Set.of(), substitute(two));
        assertEquals(Set.of(), substitute(one), "not even by the same lease again");
        settle(new Outcome.Released(held, Duration.ofSeconds(30)));
        assertEquals(List.of(), queue.claim(ann, 9), "it rests");
        settle(made(substituted(two)));
        time.advance(Duration.ofSeconds(30));
        settle(new Outcome.Made(substituted(claimOne(ann)), Jobs.facts(1200), false));
        assertEquals(JobStatus.COMPLETED, find(job).status());
        assertEquals(1, find(job).usage().billedClips());
        assertEquals(spoken(job, 0, "en"), spoken(job, 1, "en"));
    }

    @Test
    void twoOfOneGroupDoNotShareAnOther() {
        Voice verse = Voice.of("verse");
        queue.submit(Jobs.of("alice")
                .say(Jobs.clip("Hello"))
                .say(new Clip(ClipKey.of("openai", verse, "Hello"), "Hello", verse, 2, List.of()))
                .say("Bye")
                .build());
        Map<Lease, Clip> others = new LinkedHashMap<>();
        queue.claim(ann, 3)
                .forEach(lease -> others.put(lease, other(lease.clip().text())));
        assertEquals(3, others.size());
        Set<Lease> taken = queue.substitute(others);
        assertEquals(2, taken.size());
        queue.settle(taken.stream().map(QueueFixture::made).toList());
        assertEquals(2, queue.audio(null, 9).size());
    }

    @Test
    void anOutcomeThatIsNoSuccessIsThatOfTheClipItself() {
        for (FailureKind kind : List.of(FailureKind.SERVER, FailureKind.RATE_LIMITED)) {
            Submission job = Jobs.of("alice").say(kind.name()).build();
            queue.submit(job);
            Lease tried = substituted(claimOne(ann));
            assertEquals(Set.of(tried), queue.begin(List.of(tried)));
            settle(new Outcome.Again(tried, Jobs.failure(kind), Duration.ZERO));
            Lease again = claimOne(bob);
            assertEquals(kind.costsAttempt() ? 1 : 0, again.attempts());
            assertNull(again.instead(), "who has it next decides anew");

            settle(new Outcome.GivenUp(substituted(again), Jobs.failure(kind)));
            assertEquals(JobStatus.FAILED, find(job).status());
            assertTrue(queue.retry(job.id()));
            Lease retried = claimOne(ann);
            assertEquals(Jobs.clip(kind.name()), retried.clip());
            settle(made(retried));
            assertEquals(Jobs.clip(kind.name()).key(), spoken(job, 0, "en"));
        }
        assertEquals(new ClipQueue.Depth(0, 0, java.util.Optional.empty()), queue.depth());
    }

    @Test
    void whatOneTakesThatIsThereAlreadyNoOtherLetsGoOf() {
        queue.submit(Jobs.of("alice").say("a").build());
        Lease first = claimOne(ann);
        Set<Lease> taken = queue.substitute(Map.of(first, other("same")));
        queue.settle(List.of(new Outcome.Made(List.copyOf(taken).get(0), Jobs.facts(1000), true)));

        Submission job = Jobs.of("bob").say("b", "c").build();
        queue.submit(job);
        List<Lease> both = queue.claim(ann, 9);
        List<Lease> shared =
                List.copyOf(queue.substitute(Map.of(both.get(0), other("same"), both.get(1), other("same"))));
        assertEquals(2, shared.size());
        queue.settle(
                List.of(new Outcome.Made(shared.get(0), Jobs.facts(1000), false), new Outcome.Released(shared.get(1))));
        assertEquals(1, queue.find(job.id()).orElseThrow().progress().processed());
        assertEquals(1, queue.depth().queued());
        assertEquals(0, queue.depth().leased());
    }

    @Test
    void theDeadLoseBothAndWhatTheySayLaterChangesNothing() {
        Submission job = Jobs.of("alice").say("Hello").build();
        queue.submit(job);
        Lease old = substituted(claimOne(ann));
        queue.begin(List.of(old));
        die(ann);
        Lease mine = claimOne(bob);
        assertEquals(Jobs.clip("Hello"), mine.clip());
        Lease held = substituted(mine);
        assertEquals(Set.of(old), settle(made(old)).lost());
        assertEquals(Set.of(), queue.substitute(Map.of(old, other("Hello"))));
        assertEquals(JobStatus.PROCESSING, find(job).status());
        settle(made(held));
        assertEquals(Set.of(held), settle(made(held)).lost(), "a repetition counts no second time");
        assertEquals(JobStatus.COMPLETED, find(job).status());
        assertEquals(1, find(job).usage().billedClips());
    }

    @Test
    void whoLeavesGivesBothBack() {
        queue.submit(Jobs.of("alice").say("Hello").build());
        substituted(claimOne(ann));
        queue.leave(ann);
        settle(made(substituted(claimOne(bob))));
        assertEquals(List.of(), queue.claim(bob, 9));
    }

    @Test
    void aLongTextIsNotSpokenByTwoVoices() {
        Submission book = Jobs.of("alice").say(Jobs.joined("One.", "Two.")).build();
        Submission deck = Jobs.of("bob").say("One.").build();
        queue.submit(book);
        Lease one = claimOne(ann);
        assertEquals(Set.of(), substitute(one), "it is a part");
        queue.submit(deck);
        assertEquals(Set.of(), substitute(one), "and somebody's phrase");
        settle(made(one), made(claimOne(ann)));
        Lease whole = claimOne(ann);
        assertEquals(Set.of(), queue.substitute(Map.of(whole, other("One. Two."))), "its parts are there");
        settle(new Outcome.Made(whole, Jobs.facts(2400), false));
        assertEquals(JobStatus.COMPLETED, find(book).status());
        assertEquals(Jobs.clip("One.").key(), spoken(deck, 0, "en"));
    }

    @Test
    void aClipThatBecomesAPartMeanwhileIsStillMadeForTheLongText() {
        Submission deck = Jobs.of("bob").say("One.").build();
        queue.submit(deck);
        Lease one = substituted(claimOne(ann));
        Submission book = Jobs.of("alice").say(Jobs.joined("One.", "Two.")).build();
        queue.submit(book);
        settle(made(one));
        assertEquals(JobStatus.COMPLETED, find(deck).status());
        List<Lease> parts = claimAndBegin(bob, 9);
        assertEquals(Set.of("One.", "Two."), Set.copyOf(texts(parts)));
        queue.settle(parts.stream().map(QueueFixture::made).toList());
        settle(new Outcome.Made(claimOne(bob), Jobs.facts(2400), false));
        assertEquals(JobStatus.COMPLETED, find(book).status());
        assertEquals(2, find(book).usage().billedClips());
    }

    @Test
    void aJobThatWantsTheOtherClipItselfIsServedByIt() {
        Submission job = Jobs.of("alice").say("Hello").build();
        queue.submit(job);
        Lease hello = substituted(claimOne(ann));
        Submission direct = Jobs.of("bob").say(other("Hello")).build();
        queue.submit(direct);
        assertEquals(List.of(), queue.claim(bob, 9), "it is in hand");
        settle(made(hello));
        assertEquals(JobStatus.COMPLETED, find(direct).status());
        assertEquals(JobStatus.COMPLETED, find(job).status());
    }

    @Test
    void anotherClipThatIsWantedItselfStaysSo() {
        queue.submit(Jobs.of("alice").say("Hello").build());
        Lease hello = claimOne(ann);
        Submission direct = Jobs.of("bob").say(other("Hello")).build();
        queue.submit(direct);
        Lease held = substituted(hello);
        assertEquals(List.of(), queue.claim(bob, 9));
        settle(new Outcome.Released(held, Duration.ofSeconds(5)));
        settle(made(claimOne(bob)));
        assertEquals(JobStatus.COMPLETED, find(direct).status());
    }

    @Test
    void aJobThatIsCalledOffGetsNothing() {
        Submission job = Jobs.of("alice").say("Hello").build();
        queue.submit(job);
        Lease hello = substituted(claimOne(ann));
        assertTrue(queue.cancel(job.id()));
        assertTrue(queue.beat(ann, LEASE).unwanted().contains(hello.clip().key()));
        assertEquals(Set.of(), queue.begin(List.of(hello)));
        settle(made(hello));
        Job called = find(job);
        assertEquals(JobStatus.CANCELLED, called.status());
        assertEquals(PhraseResult.Side.OPEN, side(job, 0, "en"));
        assertEquals(
                Set.of(other("Hello").key()), queue.made(List.of(other("Hello").key())), "what was made is kept");
        assertEquals(List.of(), queue.claim(bob, 9));
        assertEquals(Usage.wanted(5, 1).characters(), called.usage().characters());
    }

    @Test
    void audioThatIsForgottenMeanwhileIsLookedForAnew() {
        queue.submit(Jobs.of("alice").say("Hello").build());
        settle(made(substituted(claimOne(ann))));
        time.advance(MONTH);
        pruneAll();
        Submission job = Jobs.of("bob").say("Hello").build();
        queue.submit(job);
        Lease again = substituted(claimOne(ann));
        time.advance(Duration.ofSeconds(1));
        assertEquals(Set.of(other("Hello").key()), queue.forget(queue.audio(null, 9), time.instant()));
        settle(new Outcome.Made(again, Jobs.facts(1200), false));
        assertEquals(PhraseResult.Side.OPEN, side(job, 0, "en"));
        settle(made(substituted(claimOne(ann))));
        assertEquals(JobStatus.COMPLETED, find(job).status());
    }

    @Test
    void whatCannotBeAnotherClipIsRefused() {
        queue.submit(Jobs.of("alice").say("Hello").build());
        Lease hello = claimOne(ann);
        assertThrows(IllegalArgumentException.class, () -> queue.substitute(Map.of(hello, hello.clip())));
        assertThrows(
                IllegalArgumentException.class, () -> queue.substitute(Map.of(hello, Jobs.joined("One.", "Two."))));
        assertEquals(Set.of(), queue.substitute(Map.of()));
    }
}
