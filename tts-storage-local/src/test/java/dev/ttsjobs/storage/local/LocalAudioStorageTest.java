package dev.ttsjobs.storage.local;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ttsjobs.contract.AudioStorageContract;
import dev.ttsjobs.speech.AudioFormat;
import dev.ttsjobs.storage.AudioName;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.storage.StorageException;
import dev.ttsjobs.time.ManualTime;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LocalAudioStorageTest extends AudioStorageContract {

    private static final URI BASE = URI.create("https://audio.example/storage/tts");
    private static final AudioName NAME = AudioName.of("ab".repeat(32), AudioFormat.MP3);
    private static final byte[] AUDIO = {1, 2, 3};

    @TempDir
    Path directory;

    @Override
    protected AudioStorage open(Path place) {
        return LocalAudioStorage.open(place.resolve("made/when/missing"), BASE);
    }

    @Test
    void theLayoutIsTheName() throws Exception {
        AudioStorage local = LocalAudioStorage.open(directory, BASE);
        local.put(NAME, spooled(local));
        assertArrayEquals(AUDIO, Files.readAllBytes(directory.resolve("ab").resolve("ab".repeat(32) + ".mp3")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://audio.example/storage/tts", "https://audio.example/storage/tts/"})
    void addressesAreTheBaseAndTheName(String base) {
        AudioStorage local = LocalAudioStorage.open(directory, URI.create(base));
        assertEquals(URI.create(BASE + "/" + NAME), local.url(NAME));
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://ann:s3cret@a.example/tts", "https://ann@a.example", "https://s3cret@a_b.example/"})
    void aBaseThatTellsEverybodyAPasswordIsRefused(String base) {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> LocalAudioStorage.open(directory, URI.create(base)));
        assertTrue(refused.getMessage().contains("must not hold a user name or password"), refused.getMessage());
        assertFalse(refused.getMessage().contains("s3cret"), refused.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/storage/tts", "mailto:someone", "https://a.example/x?y=z", "https://a.example/x#y"})
    void aBaseThatNamesCannotBeAddedToIsRefused(String base) {
        assertThrows(IllegalArgumentException.class, () -> LocalAudioStorage.open(directory, URI.create(base)));
    }

    @Test
    void aWebServerOfAnotherUserMayReadWhatIsStoredButNotTheSpool() throws Exception {
        assumeTrue(posix(), "this file system knows no permissions");
        Path root = directory.resolve("root");
        AudioStorage local = LocalAudioStorage.open(root, BASE);
        Path file = spooled(local);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        local.put(NAME, file);
        assertEquals("rwxr-xr-x", permissions(root));
        assertEquals("rwxr-xr-x", permissions(root.resolve("ab")));
        assertEquals("rw-r--r--", permissions(root.resolve(NAME.value())));
        assertEquals("rwx------", permissions(local.spoolDirectory()));
    }

    @Test
    void aFileFromAnotherDiskIsStored() throws Exception {
        Path memory = Path.of("/dev/shm");
        assumeTrue(
                Files.isWritable(memory) && !Files.getFileStore(memory).equals(Files.getFileStore(directory)),
                "no second disk here");
        AudioStorage local = LocalAudioStorage.open(directory, BASE);
        Path file = Files.createTempFile(memory, "clip", ".mp3");
        try {
            Files.write(file, AUDIO);
            assertTrue(local.put(NAME, file));
            assertShowsAudio(local);
        } finally {
            Files.deleteIfExists(file);
        }
    }

    @Test
    void aSymbolicLinkIsNotStored() throws Exception {
        AudioStorage local = LocalAudioStorage.open(directory, BASE);
        Path secret = Files.write(directory.resolve("secret"), AUDIO);
        Path link = Files.createSymbolicLink(local.spoolDirectory().resolve("link.part"), secret);
        assertThrows(StorageException.class, () -> local.put(NAME, link));
        assertEquals(OptionalLong.empty(), local.find(NAME));
    }

    @Test
    void aFolderOrAFileThatIsALinkIsNotFollowed() throws Exception {
        Path outside = Files.createDirectory(directory.resolve("outside"));
        Path root = directory.resolve("root");
        AudioStorage local = LocalAudioStorage.open(root, BASE);
        Files.createSymbolicLink(root.resolve("ab"), outside);
        Path file = spooled(local);
        assertThrows(StorageException.class, () -> local.put(NAME, file));
        assertTrue(Files.exists(file));
        assertEquals(0, list(outside));

        Files.delete(root.resolve("ab"));
        Files.createDirectory(root.resolve("ab"));
        Files.createSymbolicLink(root.resolve(NAME.value()), Files.write(outside.resolve("secret"), AUDIO));
        assertThrows(StorageException.class, () -> local.find(NAME));
        assertThrows(StorageException.class, () -> local.open(NAME).close());
    }

    @Test
    void anEmptyFileUnderANameIsTroubleAndNotAudio() throws Exception {
        AudioStorage local = LocalAudioStorage.open(directory, BASE);
        Files.createDirectory(directory.resolve("ab"));
        Files.createFile(directory.resolve(NAME.value()));
        String message =
                assertThrows(StorageException.class, () -> local.find(NAME)).getMessage();
        assertTrue(message.contains(NAME.value()) && message.contains("remove it"), message);
    }

    @Test
    void aRemovedFolderIsMadeAgain() throws Exception {
        AudioStorage local = LocalAudioStorage.open(directory, BASE);
        local.put(NAME, spooled(local));
        Files.delete(directory.resolve(NAME.value()));
        Files.delete(directory.resolve("ab"));
        assertEquals(OptionalLong.empty(), local.find(NAME));
        assertTrue(local.put(NAME, spooled(local)));
        assertShowsAudio(local);
    }

    @Test
    void aRootThatIsGoneIsTroubleAndNotAnEmptyStorage() throws Exception {
        Path root = directory.resolve("root");
        AudioStorage local = LocalAudioStorage.open(root, BASE);
        local.put(NAME, spooled(local));
        Path elsewhere = Files.write(directory.resolve("own.mp3"), AUDIO);
        remove(root);
        assertThrows(StorageException.class, () -> local.find(NAME));
        assertThrows(StorageException.class, local::check);
        assertThrows(StorageException.class, () -> local.put(NAME, elsewhere));

        // As after an unmount: the place is there, and empty.
        Files.createDirectory(root);
        String message =
                assertThrows(StorageException.class, () -> local.find(NAME)).getMessage();
        assertTrue(message.contains(root.toString()) && message.contains("mount"), message);
        assertThrows(StorageException.class, () -> local.open(NAME).close());
        assertThrows(StorageException.class, local::check);
        assertThrows(StorageException.class, () -> local.put(NAME, elsewhere));
        assertEquals(0, list(root));

        assertEquals(OptionalLong.empty(), LocalAudioStorage.open(root, BASE).find(NAME));
    }

    @Test
    void aRootThatCannotBeADirectoryIsNamed() throws Exception {
        Path file = Files.write(directory.resolve("file"), AUDIO);
        for (Path root : new Path[] {file, file.resolve("below")}) {
            String message = assertThrows(StorageException.class, () -> LocalAudioStorage.open(root, BASE))
                    .getMessage();
            assertTrue(message.contains(root.toString()) && message.contains("cannot be written"), message);
        }
    }

    @Test
    void aStartSweepsWhatIsOldFromTheSpoolAndNothingElse() throws Exception {
        AudioStorage before = LocalAudioStorage.open(directory, BASE);
        before.put(NAME, spooled(before));
        Files.setLastModifiedTime(directory.resolve(NAME.value()), FileTime.from(Instant.EPOCH));
        Path old = spooled(before);
        Path young = spooled(before);
        Path ownersFolder = Files.createDirectory(before.spoolDirectory().resolve("folder"));
        ManualTime time = new ManualTime();
        Files.setLastModifiedTime(old, FileTime.from(time.instant()));
        Files.setLastModifiedTime(ownersFolder, FileTime.from(time.instant()));
        time.advance(Duration.ofSeconds(1));
        Files.setLastModifiedTime(young, FileTime.from(time.instant()));
        time.advance(Duration.ofDays(1));

        AudioStorage after = LocalAudioStorage.open(directory, BASE, new Disk(), time);
        assertFalse(Files.exists(old));
        assertTrue(Files.exists(young));
        assertTrue(Files.exists(ownersFolder));
        assertShowsAudio(after);
    }

    @Test
    void whatItPrintsAsIsItsPlace() {
        assertEquals(
                "LocalAudioStorage[" + directory + "]",
                LocalAudioStorage.open(directory, BASE).toString());
    }

    private static Path spooled(AudioStorage storage) throws IOException {
        return Files.write(Files.createTempFile(storage.spoolDirectory(), "clip", ".part"), AUDIO);
    }

    private static void assertShowsAudio(AudioStorage storage) throws IOException {
        assertEquals(OptionalLong.of(AUDIO.length), storage.find(NAME));
        try (InputStream in = storage.open(NAME)) {
            assertArrayEquals(AUDIO, in.readAllBytes());
        }
    }

    private boolean posix() throws IOException {
        return Files.getFileStore(directory).supportsFileAttributeView("posix");
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private static long list(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.count();
        }
    }

    private static void remove(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Test
    void aFolderWithFilesInTheFilesPlaceIsSetAsideAndNotDeleted() throws Exception {
        Path strange = Files.createDirectories(directory.resolve(NAME.value()));
        Files.writeString(strange.resolve("letter.txt"), "Dear Ann");
        LocalAudioStorage local = LocalAudioStorage.open(directory, BASE);
        assertThrows(StorageException.NoAudio.class, () -> local.find(NAME));
        local.delete(NAME);
        assertTrue(local.find(NAME).isEmpty());
        Path file = Files.write(Files.createTempFile(local.spoolDirectory(), "clip", ".mp3"), new byte[100]);
        assertTrue(local.put(NAME, file));
        try (Stream<Path> aside = Files.list(local.spoolDirectory())) {
            assertEquals(
                    "Dear Ann", Files.readString(aside.findFirst().orElseThrow().resolve("letter.txt")));
        }
    }
}
