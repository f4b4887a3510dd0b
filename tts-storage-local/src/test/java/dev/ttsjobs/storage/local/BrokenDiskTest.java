package dev.ttsjobs.storage.local;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.contract.AudioStorageContract;
import dev.ttsjobs.speech.AudioFormat;
import dev.ttsjobs.storage.AudioName;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.storage.PublicName;
import dev.ttsjobs.storage.StorageException;
import dev.ttsjobs.time.ManualTime;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is seen, and what is left, when a step of a put fails: at every step, one after another. */
class BrokenDiskTest {

    private static final URI BASE = URI.create("https://audio.example/storage/tts");
    private static final AudioName NAME = AudioName.of("ab".repeat(32), AudioFormat.MP3);

    @TempDir
    Path directory;

    @TempDir
    Path outside;

    private final byte[] audio = new byte[48_000];

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whicheverStepFailsAPutCanBeRepeatedAndNoPartIsEverSeen(boolean fromTheSpool) throws Exception {
        int failures = 0;
        for (int step = 1; ; step++) {
            FailingDisk disk = new FailingDisk();
            Path root = directory.resolve("step-" + step);
            LocalAudioStorage storage = LocalAudioStorage.open(root, BASE, disk, new ManualTime());
            Path place = fromTheSpool ? storage.spoolDirectory() : outside;
            Path file = Files.write(Files.createTempFile(place, "clip", ".part"), audio);
            disk.failAt(step, "Input/output error");
            try {
                storage.put(NAME, file);
            } catch (StorageException e) {
                failures++;
                assertTrue(e.getMessage().contains("cannot be written (Input/output error)"), e.getMessage());
                assertTrue(Files.exists(file), "the file stays with the caller after step " + disk.steps);
                assertTrue(isWhole(storage) || storage.find(NAME).isEmpty(), "after " + disk.steps);
                disk.failAt(0, "");
                storage.put(NAME, file);
            }
            assertTrue(isWhole(storage), "after " + disk.steps);
            Files.deleteIfExists(file);
            assertEquals(List.of(), list(storage.spoolDirectory()));
            if (!disk.failed) {
                break;
            }
        }
        assertTrue(failures >= 6, "permit, force, folder, its permissions, root, directory at least: " + failures);
    }

    @Test
    void theContentIsForcedBeforeTheNameIsSeenAndTheNameBeforePutReturns() throws Exception {
        FailingDisk disk = new FailingDisk();
        LocalAudioStorage storage = LocalAudioStorage.open(directory, BASE, disk, new ManualTime());
        disk.steps.clear();
        Path file = Files.write(storage.spoolDirectory().resolve("clip.part"), audio);
        storage.put(NAME, file);
        String root = directory.getFileName().toString();
        String stored = "ab".repeat(32) + ".mp3";
        assertEquals(
                List.of(
                        "permit clip.part",
                        "force clip.part",
                        "createDirectory ab",
                        "permit ab",
                        "forceDirectory " + root,
                        "link " + stored,
                        "forceDirectory ab"),
                disk.steps);

        disk.steps.clear();
        storage.put(NAME, Files.write(file, audio));
        assertEquals(List.of("forceDirectory ab"), disk.steps, "another's name may not last yet");
    }

    @Test
    void aFullDiskIsCalledFull() throws Exception {
        FailingDisk disk = new FailingDisk();
        LocalAudioStorage storage = LocalAudioStorage.open(directory, BASE, disk, new ManualTime());
        Path file = Files.write(outside.resolve("own.mp3"), audio);
        disk.failAt(1, "No space left on device");
        StorageException full = assertThrows(StorageException.class, () -> storage.put(NAME, file));
        assertTrue(full.getMessage().contains("is full: free some space"), full.getMessage());
        assertEquals(List.of(), list(storage.spoolDirectory()), "half a copy is not left in the way");

        disk.failAt(1, "No space left on device");
        assertThrows(StorageException.class, storage::check);
        storage.check();
    }

    @Test
    void aDirectoryThatMayNotBeWrittenEndsTheStart() {
        FailingDisk disk = new FailingDisk();
        disk.failAt(3, "Permission denied");
        StorageException refused = assertThrows(
                StorageException.class, () -> LocalAudioStorage.open(directory, BASE, disk, new ManualTime()));
        assertTrue(refused.getMessage().contains(directory + " cannot be written (Permission denied)"));
    }

    @Test
    void whicheverStepOfPublishingFailsTheNameShowsTheOldOrTheNewAudioAndTheNewIsKnown() throws Exception {
        AudioName other = AudioName.of("cd".repeat(32), AudioFormat.MP3);
        PublicName card = PublicName.of("card-7_de", AudioFormat.MP3);
        int failures = 0;
        for (int step = 1; ; step++) {
            FailingDisk disk = new FailingDisk();
            LocalAudioStorage storage =
                    LocalAudioStorage.open(directory.resolve("step-" + step), BASE, disk, new ManualTime());
            for (AudioName name : List.of(NAME, other)) {
                byte[] bytes = name.equals(NAME) ? audio : new byte[] {1, 2, 3};
                storage.put(name, Files.write(storage.spoolDirectory().resolve("clip.part"), bytes));
            }
            storage.publish(NAME, card);
            disk.failAt(step, "Input/output error");
            boolean thrown = false;
            try {
                storage.publish(other, card);
            } catch (StorageException e) {
                thrown = true;
                failures++;
            }
            long shown;
            try (InputStream in = storage.open(card)) {
                shown = in.readAllBytes().length;
            }
            assertTrue(thrown ? shown == 3 || shown == audio.length : shown == 3, shown + " after " + disk.steps);
            List<AudioName> known = new ArrayList<>();
            storage.published((name, of) -> known.add(of));
            assertTrue(
                    known.equals(List.of(other)) || (shown == audio.length && known.equals(List.of(NAME))),
                    known + " after " + disk.steps);
            assertEquals(List.of(), list(storage.spoolDirectory()));
            if (!disk.failed) {
                break;
            }
        }
        assertTrue(failures >= 6, "note, force, two moves, two directories at least: " + failures);
    }

    /** The whole contract, on a file system that gives a file one name only. */
    @Nested
    class WithoutLinks extends AudioStorageContract {

        @Override
        protected AudioStorage open(Path place) {
            return LocalAudioStorage.open(
                    place,
                    BASE,
                    new Disk() {
                        @Override
                        void link(Path name, Path file) throws IOException {
                            throw new FileSystemException(name.toString(), file.toString(), "Operation not permitted");
                        }
                    },
                    new ManualTime());
        }
    }

    private boolean isWhole(AudioStorage storage) throws IOException {
        if (!storage.find(NAME).equals(OptionalLong.of(audio.length))) {
            return false;
        }
        try (InputStream in = storage.open(NAME)) {
            assertArrayEquals(audio, in.readAllBytes());
            return true;
        }
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    /** A disk that fails at one step, counted from when it was told so, and writes a part first where a step writes. */
    private static final class FailingDisk extends Disk {

        private final List<String> steps = new ArrayList<>();
        private int countdown;
        private String reason = "";
        private boolean failed;

        void failAt(int step, String reason) {
            countdown = step;
            this.reason = reason;
        }

        private void step(String what, Path path) throws IOException {
            steps.add(what + " " + path.getFileName());
            if (countdown > 0 && --countdown == 0) {
                failed = true;
                throw new FileSystemException(path.toString(), null, reason);
            }
        }

        @Override
        void permit(Path path, String permissions) throws IOException {
            step("permit", path);
            super.permit(path, permissions);
        }

        @Override
        void force(Path file) throws IOException {
            step("force", file);
            super.force(file);
        }

        @Override
        void forceDirectory(Path path) throws IOException {
            step("forceDirectory", path);
            super.forceDirectory(path);
        }

        @Override
        void createDirectory(Path path) throws IOException {
            step("createDirectory", path);
            super.createDirectory(path);
        }

        @Override
        void link(Path name, Path file) throws IOException {
            step("link", name);
            super.link(name, file);
        }

        @Override
        void move(Path file, Path name) throws IOException {
            step("move", name);
            super.move(file, name);
        }

        @Override
        void copy(Path file, Path copy) throws IOException {
            Files.write(copy, new byte[] {1});
            step("copy", copy);
            Files.delete(copy);
            super.copy(file, copy);
        }

        @Override
        void write(Path file, byte[] bytes) throws IOException {
            step("write", file);
            super.write(file, bytes);
        }
    }
}
