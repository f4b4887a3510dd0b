package dev.ttsjobs.storage.local;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ttsjobs.contract.Jobs;
import dev.ttsjobs.contract.RealTime;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.queue.JobQueue;
import dev.ttsjobs.speech.AudioFormat;
import dev.ttsjobs.storage.AudioName;
import dev.ttsjobs.storage.StorageException;
import dev.ttsjobs.testing.ScriptedSynthesizer;
import dev.ttsjobs.time.Ticker;
import dev.ttsjobs.worker.SpeechWorker;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that put the same names at the same moment, one of them killed, and a disk that is really full. */
class RealDiskTest {

    private static final URI BASE = URI.create("https://audio.example/storage/tts");
    private static final int NAMES = 300;
    private static final int CLIP = 48_000;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void end() throws Exception {
        for (Process process : processes) {
            process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
    }

    /** Puts all names in turn, as soon as it is told to, and says of which it was the first: a process of its own. */
    static final class Writer {

        private Writer() {}

        public static void main(String[] arguments) throws IOException {
            LocalAudioStorage storage = LocalAudioStorage.open(Path.of(arguments[0]), BASE);
            int writer = Integer.parseInt(arguments[1]);
            System.out.println("ready");
            System.in.read();
            for (int i = 0; i < NAMES; i++) {
                Path file = Files.createTempFile(storage.spoolDirectory(), "clip", ".part");
                Files.write(file, bytes(writer, i));
                if (storage.put(name(i), file)) {
                    System.out.println(i);
                }
                Files.deleteIfExists(file);
            }
            System.out.println("done");
        }
    }

    private static AudioName name(int number) {
        return AudioName.of("%064x".formatted(number * 0x9e3779b97f4aL), AudioFormat.MP3);
    }

    private static byte[] bytes(int writer, int number) {
        byte[] bytes = new byte[CLIP + writer];
        Arrays.fill(bytes, (byte) (writer * 31 + number));
        return bytes;
    }

    private Process writer(Path root, int number) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Writer.class.getName(),
                        root.toString(),
                        String.valueOf(number))
                .redirectError(directory.resolve(number + ".err").toFile())
                .start();
        processes.add(process);
        return process;
    }

    @Test
    void ofProcessesThatPutOneNameOneWinsAndWhoIsKilledLeavesNothingPartial() throws Exception {
        Path root = directory.resolve("root");
        List<BufferedReader> said = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            said.add(writer(root, i).inputReader());
        }
        for (BufferedReader each : said) {
            assertEquals("ready", each.readLine());
        }
        for (Process process : processes) {
            process.getOutputStream().write('\n');
            process.getOutputStream().flush();
        }
        // The last one dies as soon as it has won anything.
        String firstWin = said.get(2).readLine();
        processes.get(2).destroyForcibly().waitFor(10, TimeUnit.SECONDS);

        Map<Integer, Integer> winners = new HashMap<>();
        for (int writer = 0; writer < 2; writer++) {
            for (String line = said.get(writer).readLine();
                    !"done".equals(line);
                    line = said.get(writer).readLine()) {
                assertEquals(null, winners.put(Integer.parseInt(line), writer), "two were told that they were first");
            }
        }
        LocalAudioStorage storage = LocalAudioStorage.open(root, BASE);
        int ofTheDead = 0;
        for (int i = 0; i < NAMES; i++) {
            byte[] shown;
            try (InputStream in = storage.open(name(i))) {
                shown = in.readAllBytes();
            }
            int writer = shown.length - CLIP;
            assertArrayEquals(bytes(writer, i), shown);
            // What the dead one did not live to say is its own.
            assertEquals(winners.getOrDefault(i, 2), writer);
            ofTheDead += writer == 2 ? 1 : 0;
        }
        assertTrue(ofTheDead > 0 || firstWin.equals("done"), "it was killed in the middle");

        // The leftovers of the dead go with a start a day later.
        LocalAudioStorage.open(
                root,
                BASE,
                new Disk(),
                () -> Instant.now().plus(Duration.ofDays(1)).plusSeconds(60));
        try (Stream<Path> left = Files.list(storage.spoolDirectory())) {
            assertEquals(List.of(), left.toList());
        }
    }

    @Test
    void aDiskThatIsReallyFullTakesWholeFilesOrNoneAndGoesOnOnceThereIsRoom() throws Exception {
        Path disk = Files.createDirectory(directory.resolve("disk"));
        assumeTrue(
                mounted("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk.toString()), "no disk can be made here");
        try {
            LocalAudioStorage storage = LocalAudioStorage.open(disk.resolve("root"), BASE);
            int stored = 0;
            StorageException full = null;
            while (full == null) {
                Path file = Files.write(directory.resolve("own.mp3"), bytes(0, stored));
                int number = stored;
                try {
                    assertTrue(storage.put(name(number), file));
                    stored++;
                } catch (StorageException e) {
                    full = e;
                    assertTrue(Files.exists(file));
                }
            }
            assertTrue(full.getMessage().contains("is full: free some space"), full.getMessage());
            assertTrue(stored > 10 && stored < 22, stored + " files of 48 kB on 1 MiB");
            assertEquals(OptionalLong.empty(), storage.find(name(stored)));
            for (int i = 0; i < stored; i++) {
                assertShows(storage, i);
            }
            try (Stream<Path> left = Files.list(storage.spoolDirectory())) {
                assertEquals(List.of(), left.toList(), "half a copy would be in the way");
            }

            // To the last byte: not even a check fits.
            Files.write(disk.resolve("ballast"), new byte[1]);
            assertThrows(IOException.class, () -> Files.write(disk.resolve("ballast"), new byte[1 << 20]));
            assertThrows(StorageException.class, storage::check);
            Files.delete(disk.resolve("ballast"));

            storage.delete(name(0));
            storage.check();
            assertTrue(storage.put(name(stored), Files.write(directory.resolve("own.mp3"), bytes(0, stored))));
            assertShows(storage, stored);
        } finally {
            assertTrue(mounted("umount", disk.toString()));
        }
        assertFalse(Files.exists(disk.resolve("root")));
    }

    /** What was bought is kept while there is no room, in the spool and in memory, and nothing more is bought. */
    @Test
    void aWorkerOnAFullDiskKeepsWhatItBoughtAndGoesOnOnceThereIsRoom() throws Exception {
        Path disk = Files.createDirectory(directory.resolve("disk"));
        assumeTrue(
                mounted("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk.toString()), "no disk can be made here");
        int texts = 40;
        CountDownLatch room = new CountDownLatch(1);
        ScriptedSynthesizer provider = new ScriptedSynthesizer();
        JobQueue queue = JobQueue.inMemory(InstantSource.system());
        try {
            LocalAudioStorage storage = LocalAudioStorage.open(disk.resolve("root"), BASE);
            Path ballast = Files.write(disk.resolve("ballast"), new byte[8_000 * 1024]);
            Jobs.Builder job = Jobs.of("ann");
            for (int i = 0; i < texts; i++) {
                job.say("text " + i + " of some length".repeat(10));
            }
            JobId id = queue.submit(job.build()).id();
            SpeechWorker worker = SpeechWorker.builder(queue, storage, provider)
                    .limit(RateLimit.UNLIMITED)
                    .concurrency(4)
                    .time(Ticker.system(), rest -> room.await(rest.toNanos(), TimeUnit.NANOSECONDS))
                    .build();
            try (worker) {
                worker.start();
                Supplier<Job> now = () -> queue.find(id).orElseThrow();
                RealTime.await(PATIENCE, () -> now.get().progress().waitingFor() != null);
                assertEquals(
                        "storage_full",
                        now.get().progress().waitingFor().failure().code());
                int made = now.get().progress().processed();
                int bought = provider.calls().size();
                assertTrue(bought - made <= 8 && bought < texts, bought + " bought, " + made + " stored");

                Files.delete(ballast);
                room.countDown();
                RealTime.await(PATIENCE, () -> now.get().status().hasEnded());
                assertEquals(JobStatus.COMPLETED, now.get().status());
                assertEquals(texts, provider.calls().size(), "nothing was bought twice");
                assertEquals(texts, now.get().usage().billedClips());
            }
            try (Stream<Path> left = Files.list(storage.spoolDirectory())) {
                assertEquals(List.of(), left.toList());
            }
        } finally {
            queue.close();
            assertTrue(mounted("umount", disk.toString()));
        }
    }

    private static void assertShows(LocalAudioStorage storage, int number) throws IOException {
        try (InputStream in = storage.open(name(number))) {
            assertArrayEquals(bytes(0, number), in.readAllBytes());
        }
    }

    private boolean mounted(String... command) throws Exception {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("mount.log").toFile())
                    .start();
            return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
