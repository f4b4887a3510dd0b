package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.examples.worker.Secret;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.job.PhraseResult;
import dev.ttsjobs.job.Priority;
import dev.ttsjobs.job.Usage;
import dev.ttsjobs.speech.AudioFormat;
import dev.ttsjobs.storage.AudioName;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.storage.StorageException;
import dev.ttsjobs.time.ManualTime;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Parts that need no server around them. */
class SmallPartsTest {

    @Test
    void a_barred_account_is_free_again_after_a_minute() {
        ManualTime time = new ManualTime();
        LoginGuard guard = new LoginGuard(time);
        for (int i = 1; i < LoginGuard.BARRED_FROM; i++) {
            guard.enter("ann", "address " + i);
        }
        assertEquals(
                429,
                assertThrows(Problem.class, () -> guard.enter("ann", "new")).status());
        time.advance(Duration.ofSeconds(59));
        assertThrows(Problem.class, () -> guard.enter("ann", "new"));
        time.advance(Duration.ofSeconds(1));
        assertDoesNotThrow(() -> guard.enter("ann", "new"));
    }

    @Test
    void right_logins_are_not_held_against_anybody() {
        LoginGuard guard = new LoginGuard(new ManualTime());
        for (int i = 0; i < 1000; i++) {
            guard.enter("ann", "here");
            guard.wasRight("ann", "here");
        }
    }

    @Test
    void names_of_files_are_plain() {
        assertEquals("ca-va-bien", Archive.slug("Ça va bien?"));
        assertEquals("etc-passwd", Archive.slug("../../etc/passwd\u0000"));
        assertEquals("", Archive.slug("你好"));
        assertEquals(40, Archive.slug("a".repeat(100)).length());
    }

    @Test
    void cells_of_a_table_are_no_formulas() {
        assertEquals("\"'=1+1\"", Archive.cell("=1+1"));
        assertEquals("\"'-1\"", Archive.cell("-1"));
        assertEquals("\"'@x\"", Archive.cell("@x"));
        assertEquals("\"say \"\"hi\"\"\"", Archive.cell("say \"hi\""));
        assertEquals("\"\"", Archive.cell(""));
    }

    @Test
    void a_limited_stream_ends_early() throws IOException {
        byte[] bytes = {1, 2, 3, 4, 5};
        try (LimitedStream in = new LimitedStream(new ByteArrayInputStream(bytes), 3)) {
            assertEquals(1, in.read());
            assertEquals(2, in.readAllBytes().length);
            assertEquals(-1, in.read());
            assertEquals(0, in.available());
        }
    }

    @Test
    void a_made_secret_is_kept_and_nobody_elses_business(@TempDir Path dir) throws IOException {
        Secret made = MadeSecret.in(dir);

        assertEquals(made, MadeSecret.in(dir));
        assertEquals("***", made.toString());
        assertTrue(made.value().length() >= 64);
        Path file = dir.resolve("jwt-secret");
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertEquals(1, dir.toFile().list().length);
    }

    @Test
    void the_demo_deck_has_forty_cards_of_two_sides() {
        Decks.Deck deck = DemoDeck.of("demo");

        assertEquals(40, deck.cards().size());
        assertEquals(40, deck.cards().stream().map(Decks.Card::id).distinct().count());
        deck.cards().forEach(card -> {
            assertFalse(card.question().isBlank());
            assertFalse(card.answers().get(0).isBlank());
            assertFalse((card.question() + card.answers()).contains("("), card.question());
        });
        assertEquals(deck, DemoDeck.of("demo"));
    }

    @Test
    void an_archive_that_breaks_off_is_no_whole_file(@TempDir Path dir) throws IOException {
        AudioName name = AudioName.of("ab".repeat(32), AudioFormat.MP3);
        AudioStorage failing = (AudioStorage) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {AudioStorage.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("find")) {
                        return OptionalLong.of(9);
                    }
                    throw new StorageException("the disk is gone", null);
                });
        PhraseResult.Audio audio = new PhraseResult.Audio(name, Duration.ofSeconds(1), 9, false);
        List<PhraseResult> results =
                List.of(new PhraseResult(0, "card", Map.of("en", new PhraseResult.Side(audio, null))));
        Path file = dir.resolve("audio.zip");

        try (OutputStream out = Files.newOutputStream(file)) {
            assertThrows(StorageException.class, () -> new Archive(failing, Map.of()).write(results, out));
        }
        assertThrows(ZipException.class, () -> new ZipFile(file.toFile()).close());
    }

    private static Job job(Job.@Nullable WaitingFor waiting) {
        return new Job(
                JobId.parse("019b5a00-0000-7000-8000-000000000001"),
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
        String running = ProgressFeed.stamp(job(null));
        String noCredit = ProgressFeed.stamp(job(new Job.WaitingFor(quota, Instant.EPOCH)));
        String noKey = ProgressFeed.stamp(job(new Job.WaitingFor(key, Instant.EPOCH)));

        assertEquals(3, Set.of(running, noCredit, noKey).size());
        for (String stamp : List.of(running, noCredit, noKey)) {
            assertEquals(
                    stamp, EventStream.LastEvent.parse(stamp + "-" + "abc-end").stamp());
        }
    }

    @Test
    void a_pause_that_comes_and_goes_is_told_though_its_end_was_known() throws IOException {
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        EventStream stream = new EventStream(
                InetSocketAddress.createUnresolved("client", 1),
                new ServletOutputStream() {
                    @Override
                    public boolean isReady() {
                        return true;
                    }

                    @Override
                    public void setWriteListener(WriteListener listener) {}

                    @Override
                    public void write(int b) {
                        sent.write(b);
                    }
                },
                new AtomicLong()::incrementAndGet,
                EventStream.LastEvent.parse("7-0-1"));
        stream.onWritePossible();

        stream.changed(new ProgressFeed.Snapshot("7-0", null, "known".getBytes(StandardCharsets.UTF_8)));
        stream.changed(new ProgressFeed.Snapshot("7-1", null, "paused".getBytes(StandardCharsets.UTF_8)));
        stream.changed(new ProgressFeed.Snapshot("7-0", null, "resumed".getBytes(StandardCharsets.UTF_8)));

        assertEquals(
                List.of("data: paused", "data: resumed"),
                sent.toString(StandardCharsets.UTF_8)
                        .lines()
                        .filter(line -> line.startsWith("data"))
                        .toList());
    }

    @Test
    void who_answers_nothing_is_found_in_the_kernels_table() throws IOException {
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
        InetSocketAddress client = InetSocketAddress.createUnresolved("client", 1);
        EventStream stream = new EventStream(
                client,
                new ServletOutputStream() {
                    @Override
                    public boolean isReady() {
                        return false;
                    }

                    @Override
                    public void setWriteListener(WriteListener listener) {}

                    @Override
                    public void write(int b) {}
                },
                new AtomicLong()::incrementAndGet,
                EventStream.LastEvent.NONE);

        stream.heartbeat(Set.of());
        assertFalse(stream.over().isDone());
        stream.heartbeat(Set.of(client));
        assertTrue(stream.over().isDone());
    }
}
