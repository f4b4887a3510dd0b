package dev.ttsjobs.examples.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.audio.AudioInspector;
import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobRequest;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.job.PhraseResult;
import dev.ttsjobs.queue.jdbc.JdbcJobQueue;
import dev.ttsjobs.queue.jdbc.QueueDataSources;
import dev.ttsjobs.speech.AudioFormat;
import dev.ttsjobs.speech.Voice;
import dev.ttsjobs.storage.AudioName;
import dev.ttsjobs.testing.FakeProvider;
import dev.ttsjobs.testing.TtsHarness;
import dev.ttsjobs.time.Sleeper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A whole book as one phrase, eleven hours of audio, in a process with 64 MB of heap that is killed in the middle and once more
 * at the end. Waits for real processes and for leases that really run out, for half a minute or more, and so is not part of the
 * build: {@code mvn test -pl examples/worker -am -Dtest=Book -Dsurefire.failIfNoSpecifiedTests=false}.
 */
class Book {

    private static final int LENGTH = 600_000;
    private static final Duration FRAME = Duration.ofMillis(24);

    /** Jane Austen, Pride and Prejudice (1813). */
    private static final List<String> SENTENCES = List.of(
            "It is a truth universally acknowledged, that a single man in possession of a good fortune, must be in want "
                    + "of a wife.",
            "However little known the feelings or views of such a man may be on his first entering a neighbourhood, this "
                    + "truth is so well fixed in the minds of the surrounding families, that he is considered as the "
                    + "rightful property of some one or other of their daughters.",
            "“My dear Mr. Bennet,” said his lady to him one day, “have you heard that Netherfield Park is let at last?”",
            "Mr. Bennet replied that he had not.",
            "“But it is,” returned she; “for Mrs. Long has just been here, and she told me all about it.”",
            "Mr. Bennet made no answer.",
            "“Do not you want to know who has taken it?” cried his wife, impatiently.",
            "“You want to tell me, and I have no objection to hearing it.”",
            "This was invitation enough.");

    @TempDir
    Path folder;

    private final FakeProvider provider = FakeProvider.start().latency(Duration.ofMillis(20));
    private final JobId id = JobId.parse("01930000-0000-7000-8000-000000000600");
    private Process process;

    @AfterEach
    void end() throws InterruptedException {
        provider.close();
        process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    }

    @Test
    void aBookInASmallHeapSurvivesKillsAndBuysNoPartAgain() throws Exception {
        String book = book();
        assertTrue(book.length() >= LENGTH);
        Files.writeString(folder.resolve("book.txt"), book);
        int parts = parts(book);

        start();
        await(() -> provider.paid().size() >= parts / 2);
        kill();
        Map<String, Long> storedHalfway = stored();
        assertTrue(storedHalfway.size() >= parts / 3, "stored: " + storedHalfway.size());

        start();
        await(() -> calls().size() == parts);
        kill();
        Map<String, Long> storedAtTheEnd = stored();

        start();
        await(() -> !process.isAlive());
        assertEquals(0, process.exitValue(), Files.readString(folder.resolve("log")));

        Map<String, Long> calls = calls();
        assertEquals(parts, calls.size());
        storedHalfway.forEach((part, then) -> assertEquals(then, calls.get(part), "a stored part was bought again"));
        storedAtTheEnd.forEach((part, then) -> assertEquals(then, calls.get(part), "a stored part was bought again"));
        int again = provider.paid().size() - parts;
        assertTrue(again <= 2 * BookMain.CALLS_AT_ONCE, again + " calls beyond the parts");
        assertWhole(calls.keySet());
    }

    private void assertWhole(Set<String> parts) throws IOException {
        try (HikariDataSource source = QueueDataSources.sqlite(folder.resolve("queue.db"));
                JdbcJobQueue queue = JdbcJobQueue.open(source)) {
            Job job = queue.find(id).orElseThrow();
            assertEquals(JobStatus.COMPLETED, job.status());
            PhraseResult.Audio audio =
                    queue.results(id, 0, 1).get(0).sides().get("en").audio();
            assertNotNull(audio);
            Duration sum = Duration.ZERO;
            for (String part : parts) {
                sum = sum.plus(
                        AudioInspector.inspect(file(part), AudioFormat.MP3).duration());
            }
            Path joined = folder.resolve("audio").resolve(audio.name().value());
            assertEquals(Files.size(joined), audio.bytes());
            Duration whole = AudioInspector.inspect(joined, AudioFormat.MP3).duration();
            assertEquals(whole, audio.duration());
            assertTrue(whole.minus(sum).abs().compareTo(FRAME) <= 0, sum + " became " + whole);
            assertTrue(whole.toHours() >= 10, whole.toString());
        }
    }

    /** How often each part was bought. */
    private Map<String, Long> calls() {
        return provider.paid().stream().collect(Collectors.groupingBy(FakeProvider.Call::text, Collectors.counting()));
    }

    /** The same of those parts whose audio is in the storage. */
    private Map<String, Long> stored() {
        Map<String, Long> stored = calls();
        stored.keySet().removeIf(text -> Files.notExists(file(text)));
        return stored;
    }

    private Path file(String text) {
        String key = ClipKey.of("openai", Voice.of("alloy"), text).hex();
        return folder.resolve("audio")
                .resolve(AudioName.of(key, AudioFormat.MP3).value());
    }

    /** How many calls a book takes. */
    private static int parts(String book) {
        try (TtsHarness tts = TtsHarness.inMemory()) {
            return tts.jobs()
                    .preview(JobRequest.builder("reader")
                            .phrase("book", "en", book)
                            .build())
                    .get(0)
                    .get("en")
                    .size();
        }
    }

    private static String book() {
        StringBuilder book = new StringBuilder();
        for (int paragraph = 1; book.length() < LENGTH; paragraph++) {
            book.append("Paragraph ").append(paragraph).append(".");
            for (int i = 0; i < 5; i++) {
                book.append(' ').append(SENTENCES.get((paragraph * 7 + i * 2) % SENTENCES.size()));
            }
            book.append('\n');
        }
        return book.toString();
    }

    private void start() throws IOException {
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.ttsjobs.examples.worker.BookMain",
                        folder.toString(),
                        provider.baseUrl(),
                        id.toString())
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
                .start();
    }

    private void kill() throws InterruptedException {
        assertTrue(process.isAlive());
        process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    }

    private void await(BooleanSupplier condition) throws Exception {
        for (long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(5); !condition.getAsBoolean(); ) {
            if (System.nanoTime() > end) {
                throw new AssertionError("not within 5 minutes: " + Files.readString(folder.resolve("log")));
            }
            Sleeper.system().sleep(Duration.ofMillis(20));
        }
    }
}
