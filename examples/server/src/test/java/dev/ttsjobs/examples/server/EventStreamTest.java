package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.SpeechJobs;
import dev.ttsjobs.cost.PriceList;
import dev.ttsjobs.examples.server.EventStream.LastEvent;
import dev.ttsjobs.examples.server.ProgressFeed.Snapshot;
import dev.ttsjobs.examples.server.ProgressFeed.Stamp;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobRequest;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.job.Priority;
import dev.ttsjobs.job.Usage;
import dev.ttsjobs.queue.JobQueue;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is sent to one client, without a server around it. */
class EventStreamTest {

    private static final InetSocketAddress CLIENT = InetSocketAddress.createUnresolved("client", 1);
    private static final JobId JOB = JobId.parse("019b5a00-0000-7000-8000-000000000001");

    private static final class Sent extends ServletOutputStream {

        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private boolean ready = true;

        @Override
        public boolean isReady() {
            return ready;
        }

        @Override
        public void setWriteListener(WriteListener listener) {}

        @Override
        public void write(int b) {
            bytes.write(b);
        }

        List<String> lines(String field) {
            return bytes.toString(StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.startsWith(field + ": "))
                    .map(line -> line.substring(field.length() + 2))
                    .toList();
        }
    }

    private final Sent sent = new Sent();

    private EventStream after(String lastEventId) {
        EventStream stream = new EventStream(CLIENT, sent, LastEvent.parse(lastEventId));
        stream.onWritePossible();
        return stream;
    }

    private static Snapshot state(long version, String waiting) {
        return state(version, waiting, null);
    }

    private static Snapshot state(long version, String waiting, @Nullable String end) {
        return new Snapshot(new Stamp(version, waiting), end, (version + waiting).getBytes(StandardCharsets.UTF_8));
    }

    private static Job job(Job.@Nullable WaitingFor waiting) {
        return new Job(
                JOB,
                new Job.Details("ann", null, Priority.NORMAL, Map.of()),
                JobStatus.PENDING,
                new Job.Progress(1, 0, 0, null, waiting),
                Usage.NONE,
                new Job.Timeline(Instant.EPOCH, null, null, 7));
    }

    @Test
    void a_pause_that_changes_its_reason_is_news() {
        Failure quota = Failure.of(FailureKind.QUOTA_EXHAUSTED, "insufficient_quota", "no credit");
        Failure key = Failure.of(FailureKind.KEY_REFUSED, "invalid_api_key", "no such key");
        Stamp running = Stamp.of(job(null));
        Stamp noCredit = Stamp.of(job(new Job.WaitingFor(quota, Instant.EPOCH)));
        Stamp noKey = Stamp.of(job(new Job.WaitingFor(key, Instant.EPOCH)));

        assertEquals(3, Set.of(running, noCredit, noKey).size());
        for (Stamp stamp : List.of(running, noCredit, noKey)) {
            EventStream stream = after("");
            stream.changed(new Snapshot(stamp, "completed", new byte[0]));
            List<String> ids = sent.lines("id");
            assertEquals(stamp, LastEvent.parse(ids.get(ids.size() - 1)).stamp());
        }
    }

    @Test
    void a_pause_that_comes_and_goes_is_told_though_its_end_was_known() {
        EventStream stream = after("7-0-0");

        stream.changed(state(7, "0"));
        stream.changed(state(7, "p"));
        stream.changed(state(7, "0"));
        stream.changed(state(8, "0"));

        assertEquals(List.of("7p", "70", "80"), sent.lines("data"));
        assertEquals(List.of("7-1-p", "7-2-0", "8-0-0"), sent.lines("id"));
    }

    /** Two servers look at the same time, and one of them may be the slower. */
    @Test
    void what_is_older_than_what_the_client_has_seen_is_not_told() {
        EventStream stream = after("7-0-0");

        stream.changed(state(6, "0"));
        stream.changed(state(8, "0"));
        stream.changed(state(7, "0"));

        assertEquals(List.of("80"), sent.lines("data"));
    }

    @Test
    void the_end_is_told_once_and_is_the_last() {
        EventStream stream = after("");

        stream.changed(state(9, "0", "completed"));
        stream.changed(state(10, "0"));

        assertEquals(List.of("progress", "completed"), sent.lines("event"));
        assertEquals(List.of("9-0-0", "9-1-0-end"), sent.lines("id"));
        assertTrue(stream.over().isDone());
    }

    @Test
    void of_what_happens_while_a_client_does_not_read_it_is_told_the_last() {
        EventStream stream = after("7-0-0");
        sent.ready = false;
        stream.changed(state(8, "0"));
        stream.changed(state(9, "0"));
        sent.ready = true;
        stream.onWritePossible();

        assertEquals(List.of("90"), sent.lines("data"));
    }

    @Test
    void who_answers_nothing_is_found_in_the_kernels_table() {
        String head =
                "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
        String silent =
                " 1: 0100007F:1F90 0107000A:C350 01 00000012:00000000 01:00000180 00000005     0        0 9 2 0 40";
        String healthy =
                " 2: 0100007F:1F90 0207000A:C351 01 00000000:00000000 00:00000000 00000000     0        0 8 1 0 20";
        String mapped =
                " 3: 0000000000000000FFFF00000100007F:1F90 0000000000000000FFFF00000307000A:C352 01 00000012:00000000"
                        + " 01:00000180 00000004     0        0 7 2 0 40";
        String six =
                " 4: 0000000000000000FFFF00000100007F:1F90 B80D0120000000000000000001000000:C353 01 00000012:00000000"
                        + " 01:00000180 0000000A     0        0 6 2 0 40";

        assertEquals(
                Set.of(
                        new InetSocketAddress("10.0.7.1", 50000),
                        new InetSocketAddress("10.0.7.3", 50002),
                        new InetSocketAddress("2001:db8::1", 50003)),
                LostPeers.in(Stream.of(head, silent, healthy, mapped, six)));
        assertEquals(Set.of(), LostPeers.in(Stream.of(head)));
    }

    @Test
    void a_client_that_answers_nothing_is_sent_nothing_more() {
        sent.ready = false;
        EventStream stream = after("");

        stream.heartbeat(Set.of());
        assertFalse(stream.over().isDone());
        stream.heartbeat(Set.of(CLIENT));
        assertTrue(stream.over().isDone());
    }

    /** A client may go away before anybody begins to look for it. */
    @Test
    void a_stream_that_is_over_is_not_watched_for() {
        try (ProgressFeed feed = new ProgressFeed(
                SpeechJobs.builder(JobQueue.inMemory(InstantSource.system())).build(), null, null)) {
            EventStream open = after("");
            feed.watch(JOB, open, new CompletableFuture<>());
            assertEquals(1, feed.watchers());

            EventStream gone = after("");
            gone.onError(new IllegalStateException("the client closed the connection"));
            feed.watch(JOB, gone, gone.over());
            assertEquals(1, feed.watchers());
        }
    }

    /** What a scheduled thread throws ends its turns for ever, and with them the streams of everybody. */
    @Test
    void a_watcher_that_throws_stops_neither_the_feed_nor_the_others() {
        JobQueue queue = JobQueue.inMemory(InstantSource.system());
        SpeechJobs jobs = SpeechJobs.builder(queue).build();
        JobId job = jobs.submit(
                        JobRequest.builder("ann").phrase("1", "en", "Hello").build())
                .id();
        JobDesk desk = new JobDesk(jobs, queue.events(), null, null);
        JobJson json = new JobJson(name -> URI.create("/audio"), PriceList.OPENAI, "gpt-4o-mini-tts");
        List<String> told = new ArrayList<>();
        try (ProgressFeed feed = new ProgressFeed(jobs, desk, json)) {
            feed.watch(job, new Broken(), new CompletableFuture<>());
            feed.watch(job, new Noting(told), new CompletableFuture<>());
            feed.heartbeat();
            jobs.cancel(job);
            feed.look(() -> {
                throw new StackOverflowError();
            });
        }
        assertEquals(List.of("changed", "heartbeat", "changed", "gone"), told);
    }

    private static final class Broken implements ProgressFeed.Watcher {

        @Override
        public void changed(Snapshot snapshot) {
            throw new IllegalStateException("broken");
        }

        @Override
        public void heartbeat(Set<InetSocketAddress> lost) {
            throw new NoClassDefFoundError("a jar is missing");
        }

        @Override
        public void gone() {}
    }

    private record Noting(List<String> told) implements ProgressFeed.Watcher {

        @Override
        public void changed(Snapshot snapshot) {
            told.add("changed");
        }

        @Override
        public void heartbeat(Set<InetSocketAddress> lost) {
            told.add("heartbeat");
        }

        @Override
        public void gone() {
            told.add("gone");
        }
    }

    @Test
    void neither_one_user_nor_all_together_have_too_many() {
        OpenStreams streams = new OpenStreams(5, 2);
        List<String> refused = new ArrayList<>();
        for (String user : List.of("ann", "ann", "ann", "bob", "carol", "dan", "eve")) {
            try {
                streams.enter(user);
            } catch (Problem problem) {
                assertEquals(429, problem.status());
                assertEquals(10, problem.retryAfter().toSeconds());
                refused.add(user + ": " + problem.getMessage());
            }
        }
        assertEquals(List.of("ann: you have too many streams open", "eve: too many streams are open"), refused);

        streams.leave("ann");
        streams.enter("eve");
        assertThrows(Problem.class, () -> streams.enter("ann"));
    }
}
