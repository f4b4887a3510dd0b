package dev.ttsjobs.queue.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.contract.Jobs;
import dev.ttsjobs.event.JobEvent;
import dev.ttsjobs.event.JobEventHandler;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.Usage;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.queue.JobStore.JobQuery;
import dev.ttsjobs.queue.JobStore.Submission;
import dev.ttsjobs.speech.SpeechRequest;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.testing.ScriptedSynthesizer;
import dev.ttsjobs.time.ManualTime;
import dev.ttsjobs.worker.EventWorker;
import dev.ttsjobs.worker.SpeechWorker;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The database breaks once, at one call of a small life of the queue after the other, in each of three ways. Whoever asked
 * asks again, as a host does, and in the end all is as if nothing had happened. A build breaks some of the calls; with
 * {@code -Dtts.faults.all=true} every one of them is broken.
 */
class FaultTest {

    private static final boolean ALL = Boolean.getBoolean("tts.faults.all");

    /** How a call goes wrong. */
    private enum Fault {
        /** The statement is refused; the connection lives. */
        REFUSED,
        /** The connection dies before the database has heard. */
        CUT_BEFORE,
        /** The connection dies after it was done: nobody learns of it. */
        CUT_AFTER
    }

    /** Breaks the n-th call that the database would hear of. */
    private static final class Breaking implements TappedDataSource.Tap {
        private final int at;
        private final Fault fault;
        private int calls;
        private boolean cut;

        Breaking(int at, Fault fault) {
            this.at = at;
            this.fault = fault;
        }

        @Override
        public Object call(String method, Call call) throws Throwable {
            boolean connects = method.equals("getConnection");
            cut &= !connects;
            boolean heard = connects || method.startsWith("execute") || method.equals("commit");
            if (cut && (heard || method.equals("rollback") || method.equals("setAutoCommit"))) {
                throw new SQLException("the connection is gone at " + method, "08006");
            }
            if (!heard || ++calls != at) {
                return call.make();
            }
            if (fault == Fault.REFUSED || connects) {
                throw new SQLException("refused at " + method, "57014");
            }
            if (fault == Fault.CUT_AFTER) {
                call.make();
            }
            cut = true;
            throw new SQLException("the connection broke at " + method, "08006");
        }
    }

    @ParameterizedTest
    @EnumSource
    @Timeout(1800)
    void whereverItBreaksNothingIsLostAndNothingBoughtTwice(TestDatabase database) throws Exception {
        try (HikariDataSource source = database.open(3)) {
            JdbcJobQueue.open(source).close();
            Breaking counting = new Breaking(Integer.MAX_VALUE, Fault.REFUSED);
            Map<String, Object> undisturbed = live(source, counting);
            assertEquals(List.of("a", "b", "c", "d", "x", "x"), undisturbed.get("bought"));
            int calls = counting.calls;
            assertTrue(calls > 300, "only " + calls + " calls");
            int stride = database == TestDatabase.H2 ? 16 : 101;
            for (int i = 0; i < 3 * calls; i += ALL ? 1 : stride) {
                Fault fault = Fault.values()[i % 3];
                Breaking breaking = new Breaking(1 + i / 3, fault);
                String where = "call " + breaking.at + " of " + calls + ", " + fault;
                assertEquals(undisturbed, live(source, breaking), where);
                assertTrue(breaking.calls >= breaking.at, where);
                int kept = source.getHikariPoolMXBean().getActiveConnections();
                assertEquals(0, kept, "connections kept: " + where);
            }
        }
    }

    private static Map<String, Object> live(HikariDataSource source, Breaking breaking) throws Exception {
        empty(source);
        try (Life life = new Life(source, breaking)) {
            return life.live();
        }
    }

    private static void empty(HikariDataSource source) throws SQLException {
        List<String> tables = new ArrayList<>(List.of("limiter", "handler", "event", "delivery", "audit", "used"));
        tables.addAll(DifferentialTest.TABLES);
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            for (String table : tables) {
                statement.addBatch("DELETE FROM tts_" + table);
            }
            statement.executeBatch();
        }
    }

    /** Three jobs that share clips: a long text, a refused one that is tried again, a job that is called off; and their events. */
    private static final class Life implements AutoCloseable, JobEventHandler {
        private static final JobId ONE = new JobId(new UUID(0, 1));
        private static final JobId TWO = new JobId(new UUID(0, 2));
        private static final JobId DROPPED = new JobId(new UUID(0, 3));

        private final ManualTime time = new ManualTime();
        private final AudioStorage storage = AudioStorage.inMemory();
        private final ScriptedSynthesizer provider = new ScriptedSynthesizer();
        /** By job, for between jobs there is no order; once each, since whoever is told at least once may be told twice. */
        private final Map<JobId, Set<String>> events = new HashMap<>();

        private final HikariDataSource source;
        private final JdbcJobQueue queue;
        private final SpeechWorker worker;
        private final EventWorker teller;

        Life(HikariDataSource source, Breaking breaking) throws Exception {
            this.source = source;
            queue = again(() -> JdbcJobQueue.builder(TappedDataSource.of(source, breaking))
                    .clock(time)
                    .sleeper(time)
                    .build());
            worker = again(() -> SpeechWorker.builder(queue, storage, provider)
                    .limit(RateLimit.perMinute(6000))
                    .time(time, time)
                    .random(new Random(1))
                    .build());
            teller = EventWorker.builder(queue.events())
                    .handler(this)
                    .random(new Random(1))
                    .build();
        }

        Map<String, Object> live() throws Exception {
            provider.failText("x", Jobs.failure(FailureKind.REJECTED));
            again(teller::poll);
            submit(Jobs.of("ann").id(ONE).jobsPerDay(5).say("a", "b").say(Jobs.joined("c", "d")));
            submit(Jobs.of("bob")
                    .id(TWO)
                    .key("k", '1')
                    .jobsPerDay(5)
                    .pair("b", "x")
                    .say("a"));
            submit(Jobs.of("bob").id(DROPPED).jobsPerDay(5).say("e", "a"));
            again(() -> queue.cancel(DROPPED));
            again(worker::poll);
            again(teller::poll);
            again(() -> queue.retry(TWO));
            again(worker::poll);
            again(teller::poll);
            return seen();
        }

        private void submit(Jobs.Builder job) throws Exception {
            Submission submission = job.by("host", null).build();
            again(() -> queue.submit(submission));
        }

        /** As a host does who was told that the database failed. */
        private <T> T again(Callable<T> operation) throws Exception {
            try {
                return operation.call();
            } catch (QueueException e) {
                time.advance(Duration.ofSeconds(1));
                return operation.call();
            }
        }

        @Override
        public String name() {
            return "host";
        }

        @Override
        public void handle(JobEvent event) {
            events.computeIfAbsent(event.job().id(), job -> new LinkedHashSet<>())
                    .add(event.id());
        }

        /** All that shows, but for when it was. */
        private Map<String, Object> seen() throws Exception {
            // By now the lease of an event that was taken unheard is over.
            time.advance(Duration.ofMinutes(3));
            again(worker::poll);
            again(teller::poll);
            Map<String, Object> seen = new LinkedHashMap<>();
            try (JdbcJobQueue sound = JdbcJobQueue.builder(source).clock(time).build()) {
                for (Job job : sound.list(new JobQuery(null, null, null, null, 100))) {
                    seen.put(job.id() + " status", job.status());
                    seen.put(job.id() + " progress", job.progress());
                    seen.put(job.id() + " usage", paid(job.usage()));
                    seen.put(job.id() + " results", sound.results(job.id(), 0, 100));
                    seen.put(
                            job.id() + " deliveries",
                            sound.events().deliveries(job.id()).stream()
                                    .map(delivery -> delivery.state())
                                    .toList());
                }
                seen.put("depth", sound.depth());
                LocalDate today = LocalDate.ofInstant(time.instant(), ZoneOffset.UTC);
                seen.put("jobs of the day", List.of(sound.jobsOn(today, "ann"), sound.jobsOn(today, "bob")));
                seen.put("usage", List.of(paid(sound.usage("ann")), paid(sound.usage("bob"))));
                seen.put(
                        "audit",
                        sound.audit(null, Long.MAX_VALUE, 100).stream()
                                .map(entry -> entry.action() + " " + entry.job())
                                .toList());
            }
            seen.put(
                    "bought",
                    provider.calls().stream().map(SpeechRequest::text).sorted().toList());
            events.forEach((job, told) -> seen.put(job + " events", List.copyOf(told)));
            return seen;
        }

        /** But for the attempts: one that is on record and whose answer was lost is followed by another. */
        private static List<Object> paid(Usage usage) {
            return List.of(
                    usage.characters(),
                    usage.billedCharacters(),
                    usage.clips(),
                    usage.billedClips(),
                    usage.billedAudio());
        }

        @Override
        public void close() {
            worker.close();
            queue.close();
            storage.close();
        }
    }
}
