package dev.ttsjobs.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.contract.Jobs;
import dev.ttsjobs.event.JobEvent;
import dev.ttsjobs.event.JobEventHandler;
import dev.ttsjobs.event.JobListener;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.Priority;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.limit.RateLimiter;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import dev.ttsjobs.queue.JobQueue;
import dev.ttsjobs.queue.JobStore;
import dev.ttsjobs.queue.jdbc.JdbcJobQueue;
import dev.ttsjobs.queue.jdbc.QueueDataSources;
import dev.ttsjobs.queue.jdbc.TappedDataSource;
import dev.ttsjobs.retry.RetryPolicy;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.testing.ScriptedSynthesizer;
import dev.ttsjobs.time.ManualTime;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a process that has nothing to do asks of the database, with the parts of a worker driven by hand. */
class IdleCostTest {

    private static final Duration STEP = Duration.ofMillis(100);

    @TempDir
    Path folder;

    private final ManualTime time = new ManualTime();
    private final AtomicInteger statements = new AtomicInteger();
    private final AudioStorage storage = AudioStorage.inMemory();
    private final WorkerSettings settings = settings();
    private HikariDataSource source;
    private JobQueue queue;
    private Desk desk;
    private Instant nextTick = Instant.MIN;

    @BeforeEach
    void open() {
        source = QueueDataSources.sqlite(folder.resolve("queue.db"));
        queue = JdbcJobQueue.builder(TappedDataSource.of(source, (method, call) -> {
                    if (method.startsWith("execute")) {
                        statements.incrementAndGet();
                    }
                    return call.make();
                }))
                .migrate()
                .clock(time)
                .build();
        desk = desk(queue);
    }

    private Desk desk(JobQueue queue) {
        RateLimiter limiter = queue.limiter("test", RateLimit.UNLIMITED);
        ClipMaker maker = new ClipMaker(
                storage,
                new ScriptedSynthesizer(),
                RetryPolicy.STANDARD,
                new Random(1),
                time,
                Duration.ofSeconds(30),
                new StandIn(queue, "openai", null),
                new StorageOutage(storage, time, failure -> {}));
        JobListener listener = new JobListener() {};
        return new Desk(
                queue,
                limiter,
                maker,
                settings,
                new WorkerId(new UUID(0, 1)),
                IdleCostTest::inAThread,
                new Feedback(listener, "test", () -> {}));
    }

    private WorkerSettings settings() {
        return SpeechWorker.builder(JobQueue.inMemory(time), storage, new ScriptedSynthesizer())
                .time(time, time)
                .random(new Random(1))
                .build()
                .settings;
    }

    @AfterEach
    void close() {
        queue.close();
        source.close();
        storage.close();
    }

    @Test
    @Timeout(60)
    void anIdleProcessAsksLessThanOnceInFiveSeconds() {
        EventDesk events = EventWorker.builder(queue.events())
                .handler(new Deaf())
                .random(new Random(1))
                .build()
                .desks
                .get(0);
        Instant end = time.instant().plus(Duration.ofMinutes(11));
        Instant start = time.instant().plus(Duration.ofMinutes(1));
        Instant nextEvents = time.instant();
        int before = 0;
        while (time.instant().isBefore(end)) {
            if (!time.instant().isBefore(nextEvents)) {
                nextEvents = time.instant().plus(events.round(1, Runnable::run));
            }
            tick();
            time.advance(STEP);
            if (time.instant().equals(start)) {
                before = statements.get();
            }
        }
        int idle = statements.get() - before;
        assertTrue(idle <= 120, idle + " statements in ten minutes");
        assertTrue(idle >= 60, idle + " statements in ten minutes: it must go on looking");
    }

    /** A worker of few calls takes few clips at once, and so sets few aside with each claim. */
    @Test
    @Timeout(60)
    void hundredsOfClipsThatCannotBeReadHideNobodyForLong() throws SQLException {
        JobStore.Submission first = Jobs.of("ann")
                .priority(Priority.HIGH)
                .say(IntStream.range(0, 450).mapToObj(i -> "poison " + i).toArray(String[]::new))
                .build();
        queue.submit(first);
        JobId job = queue.submit(Jobs.of("bob").say("good").build()).id();
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("UPDATE tts_clip SET format = 'ogg2' WHERE body LIKE 'poison%'");
        }
        Instant start = time.instant();
        while (desk.hand().isEmpty()) {
            rest(STEP);
        }
        assertTrue(
                Duration.between(start, time.instant()).toSeconds() < 5,
                () -> "after " + Duration.between(start, time.instant()));
        while (queue.find(job).orElseThrow().progress().processed() == 0) {
            rest(STEP);
        }
    }

    /** As while a transaction of the host's has it locked. */
    @Test
    @Timeout(60)
    void aClipThatIsDueButCannotBeHadIsAskedForEverMoreSeldom() {
        AtomicBoolean kept = new AtomicBoolean(true);
        desk = desk((JobQueue) Proxy.newProxyInstance(
                JobQueue.class.getClassLoader(),
                new Class<?>[] {JobQueue.class},
                (proxy, called, args) ->
                        called.getName().equals("claim") && kept.get() ? List.of() : called.invoke(queue, args)));
        queue.submit(Jobs.of("ann").say("kept").build());
        rest(Duration.ofMinutes(1));
        int before = statements.get();
        rest(Duration.ofMinutes(10));
        int asked = statements.get() - before;
        assertTrue(asked <= 600, asked + " statements in ten minutes");
        kept.set(false);
        Instant free = time.instant();
        while (desk.hand().isEmpty()) {
            rest(STEP);
        }
        assertTrue(Duration.between(free, time.instant()).toSeconds() < 7);
    }

    /** By another process, of whose words nothing is heard here. */
    @Test
    @Timeout(60)
    void aWorkerWhoseAccountIsPausedByHandAsksSeldomAndGoesOnSoonAfterTheResume() {
        try (JobQueue other = JdbcJobQueue.builder(source).clock(time).build()) {
            other.pause("test", "not now");
            JobId job = other.submit(Jobs.of("ann").say("one", "two").build()).id();
            // What it claims before it knows is given back by threads of its own.
            while (desk.hand().isEmpty()) {
                rest(STEP);
            }
            while (!desk.hand().isEmpty()) {
                rest(STEP);
            }
            rest(Duration.ofMinutes(1));
            int before = statements.get();
            rest(Duration.ofMinutes(10));
            int asked = statements.get() - before;
            assertTrue(asked <= 240, asked + " statements in ten minutes");
            assertEquals(2, other.depth().queued());
            assertEquals(0, other.find(job).orElseThrow().progress().processed());
            assertTrue(other.resume("test"));
            Instant resumed = time.instant();
            while (desk.hand().isEmpty()) {
                rest(STEP);
            }
            Duration waited = Duration.between(resumed, time.instant());
            assertTrue(waited.compareTo(Duration.ofSeconds(6)) < 0, () -> "waited " + waited);
        }
    }

    @Test
    @Timeout(60)
    void theClipsOfAWorkerThatDiesWhileAnotherIdlesAreBackInThirtyFiveSeconds() {
        rest(Duration.ofSeconds(60));
        for (int offset = 0; offset < 12; offset++) {
            WorkerId doomed = new WorkerId(new UUID(1, offset));
            // Another process, of which nothing is heard here. Nobody wants the clip any longer, so it only has to be
            // let go.
            try (JobQueue other = JdbcJobQueue.builder(source).clock(time).build()) {
                JobId job = other.submit(Jobs.of("ann").say("text " + offset).build())
                        .id();
                other.beat(doomed, settings.lease());
                assertEquals(1, other.claim(doomed, 1).size());
                other.cancel(job);
            }
            Instant died = time.instant();
            while (queue.depth().leased() > 0) {
                rest(Duration.ofSeconds(1));
                assertFalse(time.instant().isAfter(died.plusSeconds(35)), "still held after 35 s, offset " + offset);
            }
            assertTrue(time.instant().isAfter(died.plus(settings.lease())), "taken from a living worker");
            rest(Duration.ofMillis(30_000 + 1_700 * offset));
        }
    }

    private static void inAThread(Runnable turn) {
        Thread thread = new Thread(turn);
        thread.setDaemon(true);
        thread.start();
    }

    private void rest(Duration duration) {
        Instant end = time.instant().plus(duration);
        while (time.instant().isBefore(end)) {
            tick();
            time.advance(STEP);
        }
    }

    private void tick() {
        desk.round();
        if (!time.instant().isBefore(nextTick)) {
            nextTick = time.instant().plus(settings.beatInterval());
            desk.heart().tick(() -> !desk.hand().isEmpty());
        }
    }

    private static final class Deaf implements JobEventHandler {
        @Override
        public String name() {
            return "deaf";
        }

        @Override
        public void handle(JobEvent event) {}
    }
}
