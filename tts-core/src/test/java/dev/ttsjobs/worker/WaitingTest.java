package dev.ttsjobs.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.event.JobListener;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import dev.ttsjobs.queue.Lease;
import dev.ttsjobs.speech.Voice;
import dev.ttsjobs.time.ManualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

/** Whose attempt is put on record now, and when somebody else's is. */
class WaitingTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final Waiting waiting = waiting(2);

    @Test
    void whatIsDueLaterIsWaitedForUntilShortlyBeforeItsSlot() {
        add("no slot yet", 0, null);
        add("tried before", 1, Duration.ofMillis(900));
        add("new", 0, Duration.ofMillis(1_000));
        assertEquals(new Waiting.Due(List.of(), NOW.plusMillis(600)), waiting.due(NOW, 0), "0.4 s before its slot");
        assertEquals(new Waiting.Due(List.of(), null), waiting.due(NOW, 2), "as long as there is no room, for nothing");
    }

    @Test
    void whatComesBehindOneThatHasNoRoomIsNotWaitedForEither() {
        Turn first = add("first", 0, Duration.ZERO);
        add("second", 0, Duration.ZERO);
        add("later", 0, Duration.ofSeconds(1));
        assertEquals(new Waiting.Due(List.of(first), null), waiting.due(NOW, 1), "the next that ends makes room");
    }

    private Turn add(String text, int attempts, Duration untilSlot) {
        Voice voice = Voice.of("alloy");
        Clip clip = new Clip(ClipKey.of("openai", voice, text), text, voice, 1, List.of());
        Lease lease = new Lease(clip, new WorkerId(new UUID(1, 2)), 1, attempts);
        Turn turn = new Turn(lease, new ReentrantLock().newCondition());
        turn.slot = untilSlot == null ? null : NOW.plus(untilSlot);
        waiting.add(turn);
        return turn;
    }

    private static Waiting waiting(int concurrency) {
        return new Waiting(new WorkerSettings(
                concurrency,
                RateLimit.perMinute(600),
                Duration.ofSeconds(20),
                Duration.ofSeconds(5),
                Duration.ofDays(30),
                new JobListener() {},
                new Random(1),
                new ManualTime(NOW),
                () -> true));
    }
}
