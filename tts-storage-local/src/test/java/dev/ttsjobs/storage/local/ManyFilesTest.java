package dev.ttsjobs.storage.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.speech.AudioFormat;
import dev.ttsjobs.storage.AudioName;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Measures whether a directory of very many files stays as fast as an empty one: {@code mvn test -pl tts-storage-local -am
 * -Dtest=ManyFilesTest -Dtts.files=1000000 -Dsurefire.failIfNoSpecifiedTests=false}; {@code -Djava.io.tmpdir} says on which
 * disk. Filled without forcing anything, measured with all of it.
 */
@EnabledIfSystemProperty(
        named = "tts.files",
        matches = "\\d+",
        disabledReason = "a measurement, for -Dtts.files=1000000")
class ManyFilesTest {

    private static final int SAMPLES = 1000;
    private static final byte[] AUDIO = new byte[400];

    @TempDir
    Path directory;

    private final Random random = new Random(7);
    private int count;

    @Test
    void aMillionFilesAreAsFastAsNone() throws Exception {
        LocalAudioStorage unforced = LocalAudioStorage.open(
                directory.resolve("root"),
                URI.create("https://audio.example"),
                new Disk() {
                    @Override
                    void force(Path file) {}

                    @Override
                    void forceDirectory(Path directory) {}
                },
                InstantSource.system());
        LocalAudioStorage storage =
                LocalAudioStorage.open(directory.resolve("root"), URI.create("https://audio.example"));
        // The folders are made, and the machine is warm.
        fill(unforced, 10_000);
        measure(storage);
        double[] first = measure(storage);
        double[] last = first;
        int most = Integer.getInteger("tts.files", 0);
        for (int next = 100_000; next <= most; next *= 10) {
            fill(unforced, next);
            last = measure(storage);
        }
        assertTrue(last[0] < first[0] * 3, "put became slow");
        assertTrue(last[1] < first[1] * 3, "find became slow");
    }

    private void fill(LocalAudioStorage storage, int until) throws IOException {
        for (; count < until; count++) {
            put(storage, newName());
        }
    }

    /** The median microseconds of a put, of a look that finds and of one that does not. */
    private double[] measure(LocalAudioStorage storage) throws IOException {
        long[] put = new long[SAMPLES];
        long[] found = new long[SAMPLES];
        long[] absent = new long[SAMPLES];
        for (int i = 0; i < SAMPLES; i++) {
            AudioName name = newName();
            Path file = spooled(storage);
            long start = System.nanoTime();
            storage.put(name, file);
            long stored = System.nanoTime();
            OptionalLong size = storage.find(name);
            long seen = System.nanoTime();
            OptionalLong none = storage.find(newName());
            absent[i] = System.nanoTime() - seen;
            found[i] = seen - stored;
            put[i] = stored - start;
            assertEquals(OptionalLong.of(AUDIO.length), size);
            assertEquals(OptionalLong.empty(), none);
            count++;
        }
        double[] medians = {median(put), median(found), median(absent)};
        System.out.printf(
                Locale.ROOT,
                "%,9d files: put %.0f us, found %.1f us, absent %.1f us%n",
                count,
                medians[0],
                medians[1],
                medians[2]);
        return medians;
    }

    private static double median(long[] nanos) {
        Arrays.sort(nanos);
        return nanos[nanos.length / 2] / 1000.0;
    }

    private AudioName newName() {
        byte[] key = new byte[32];
        random.nextBytes(key);
        return AudioName.of(HexFormat.of().formatHex(key), AudioFormat.MP3);
    }

    private static Path spooled(LocalAudioStorage storage) throws IOException {
        return Files.write(storage.spoolDirectory().resolve("clip.part"), AUDIO);
    }

    private static void put(LocalAudioStorage storage, AudioName name) throws IOException {
        storage.put(name, spooled(storage));
    }
}
