package dev.ttsjobs.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ttsjobs.speech.AudioFormat;
import dev.ttsjobs.storage.AudioName;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.storage.PublicName;
import dev.ttsjobs.storage.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every {@link AudioStorage} holds to. */
public abstract class AudioStorageContract {

    /** What not every storage can do. A test that needs what is missing is skipped, and seen to be. */
    public enum Capability {
        /** What one instance stored, another one on the same place sees, at once and after the first is closed. */
        SHARED,
        /** Of several writers of one name exactly one is told that it won. */
        FIRST_WRITER_WINS
    }

    private static final PublicName CARD = PublicName.of("card-7_de", AudioFormat.MP3);
    private static final int THREADS = 8;
    private static final int CLIP = 48_000;

    @TempDir
    Path place;

    @TempDir
    Path elsewhere;

    protected AudioStorage storage;
    private final List<AudioStorage> opened = new ArrayList<>();
    private final Random random = new Random(20_261_124);

    /**
     * A storage on a place of its own for each directory, empty at first. The same directory twice is the same place; an
     * adapter that keeps nothing in directories takes it for a name.
     */
    protected abstract AudioStorage open(Path place) throws Exception;

    /** What the adapter can do; everything unless it says otherwise. */
    protected Set<Capability> capabilities() {
        return EnumSet.allOf(Capability.class);
    }

    @BeforeEach
    void openStorage() throws Exception {
        storage = another();
    }

    @AfterEach
    void closeStorages() {
        opened.forEach(AudioStorage::close);
    }

    private AudioStorage another() throws Exception {
        AudioStorage another = open(place);
        opened.add(another);
        return another;
    }

    // One file

    @Test
    void aNameThatWasNeverPutIsAbsent() {
        AudioName name = newName();
        assertEquals(OptionalLong.empty(), storage.find(name));
        assertThrows(StorageException.class, () -> storage.open(name).close());
        assertDoesNotThrow(() -> storage.delete(name));
    }

    @Test
    void aPutFileIsFoundAndReadWhole() throws Exception {
        AudioName name = newName();
        byte[] bytes = bytes(CLIP);
        assertTrue(storage.put(name, spooled(bytes)), "nothing was there: this file is what the name shows");
        assertShows(bytes, name);
        assertShows(bytes, name);
        assertEquals(OptionalLong.empty(), storage.find(newName()), "other names stay absent");
    }

    @Test
    void everyFormatAndTheSmallestFileCanBeStored() throws Exception {
        for (AudioFormat format : AudioFormat.values()) {
            AudioName name = newName(format);
            assertTrue(storage.put(name, spooled(new byte[] {1})));
            assertShows(new byte[] {1}, name);
        }
    }

    @Test
    void filesOfOneFolderAndOneKeyAreKeptApart() throws Exception {
        AudioName mp3 = AudioName.of("ab" + "0".repeat(62), AudioFormat.MP3);
        AudioName wav = AudioName.of("ab" + "0".repeat(62), AudioFormat.WAV);
        AudioName neighbour = AudioName.of("ab" + "0".repeat(61) + "1", AudioFormat.MP3);
        List<AudioName> names = List.of(mp3, wav, neighbour);
        for (AudioName name : names) {
            assertTrue(storage.put(name, spooled(name.value().getBytes("UTF-8"))));
        }
        for (AudioName name : names) {
            assertShows(name.value().getBytes("UTF-8"), name);
        }
        storage.delete(mp3);
        assertEquals(OptionalLong.empty(), storage.find(mp3));
        assertShows(wav.value().getBytes("UTF-8"), wav);
    }

    @Test
    void aLargeFileComesBackByteForByte() throws Exception {
        AudioName name = newName();
        byte[] bytes = bytes(8 << 20);
        assertTrue(storage.put(name, spooled(bytes)));
        assertShows(bytes, name);
    }

    @Test
    void aFileFromOutsideTheSpoolIsStoredToo() throws Exception {
        AudioName name = newName();
        byte[] bytes = bytes(CLIP);
        Path file = Files.write(elsewhere.resolve("own.mp3"), bytes);
        assertTrue(storage.put(name, file));
        assertShows(bytes, name);
    }

    @Test
    void whatHappensToTheFileAfterwardsDoesNotTouchWhatIsStored() throws Exception {
        byte[] bytes = bytes(CLIP);
        for (Path file : List.of(spooled(bytes), Files.write(elsewhere.resolve("own.mp3"), bytes))) {
            AudioName name = newName();
            storage.put(name, file);
            if (Files.exists(file)) {
                Files.write(file, new byte[] {0}, StandardOpenOption.TRUNCATE_EXISTING);
                assertShows(bytes, name);
                Files.delete(file);
            }
            assertShows(bytes, name);
        }
    }

    // A name that is taken

    @Test
    void puttingTheSameAgainChangesNothing() throws Exception {
        AudioName name = newName();
        byte[] bytes = bytes(CLIP);
        storage.put(name, spooled(bytes));
        storage.put(name, spooled(bytes));
        assertShows(bytes, name);
    }

    @Test
    void theFirstFileStaysAndTheSecondWriterIsTold() throws Exception {
        assumeTrue(capabilities().contains(Capability.FIRST_WRITER_WINS), "the storage cannot refuse a second writer");
        AudioName name = newName();
        byte[] first = bytes(CLIP);
        storage.put(name, spooled(first));
        for (int size : List.of(CLIP, CLIP - 1, CLIP + 1, 1)) {
            assertFalse(storage.put(name, spooled(bytes(size))), "a file of " + size + " bytes came second");
            assertShows(first, name);
        }
    }

    @Test
    void ofSeveralWritersOfOneNameExactlyOneWins() throws Exception {
        assumeTrue(capabilities().contains(Capability.FIRST_WRITER_WINS), "the storage cannot refuse a second writer");
        for (int round = 0; round < 10; round++) {
            AudioName name = newName();
            List<byte[]> files = new ArrayList<>();
            List<Callable<Boolean>> writers = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                byte[] bytes = bytes(CLIP + i);
                Path file = spooled(bytes);
                files.add(bytes);
                writers.add(() -> storage.put(name, file));
            }
            List<Boolean> won = atOnce(writers);
            assertEquals(1, won.stream().filter(w -> w).count(), "of all writers one won");
            assertShows(files.get(won.indexOf(true)), name);
        }
    }

    @Test
    void manyThreadsPutManyNames() throws Exception {
        List<AudioName> names = new ArrayList<>();
        List<byte[]> files = new ArrayList<>();
        List<Callable<Boolean>> writers = new ArrayList<>();
        for (int i = 0; i < THREADS * 8; i++) {
            AudioName name = newName();
            byte[] bytes = bytes(CLIP + i);
            Path file = spooled(bytes);
            names.add(name);
            files.add(bytes);
            writers.add(() -> storage.put(name, file));
        }
        for (int from = 0; from < writers.size(); from += THREADS) {
            assertFalse(atOnce(writers.subList(from, from + THREADS)).contains(false), "every name was free");
        }
        for (int i = 0; i < names.size(); i++) {
            assertShows(files.get(i), names.get(i));
        }
    }

    @Test
    void noReaderEverSeesAPart() throws Exception {
        int rounds = 20;
        List<AudioName> names = Stream.generate(this::newName).limit(rounds).toList();
        List<byte[]> files = Stream.generate(() -> bytes(400_000)).limit(rounds).toList();
        List<Path> spooled = new ArrayList<>();
        for (byte[] file : files) {
            spooled.add(spooled(file));
        }
        AtomicInteger current = new AtomicInteger();
        AtomicInteger looked = new AtomicInteger();
        AtomicInteger readers = new AtomicInteger(2);
        List<Callable<Boolean>> tasks = new ArrayList<>();
        tasks.add(() -> {
            try {
                for (int i = 0; i < rounds; i++) {
                    current.set(i);
                    // Readers are at it before, while and after the file comes, however busy the machine is.
                    int before = looked.get();
                    while (looked.get() == before && readers.get() == 2) {
                        Thread.onSpinWait();
                    }
                    storage.put(names.get(i), spooled.get(i));
                }
                return true;
            } finally {
                current.set(-1);
            }
        });
        for (int reader = 0; reader < 2; reader++) {
            tasks.add(() -> {
                try {
                    for (int i = current.get(); i >= 0; i = current.get()) {
                        assertWholeIfThere(files.get(i), names.get(i));
                        looked.incrementAndGet();
                    }
                    return true;
                } finally {
                    readers.decrementAndGet();
                }
            });
        }
        atOnce(tasks);
        assertTrue(looked.get() > 0, "a reader looked while files were put");
        for (int i = 0; i < rounds; i++) {
            assertShows(files.get(i), names.get(i));
        }
    }

    // Removing

    @Test
    void aDeletedFileIsAbsentAndItsNameIsFreeAgain() throws Exception {
        AudioName name = newName();
        storage.put(name, spooled(bytes(CLIP)));
        storage.delete(name);
        assertEquals(OptionalLong.empty(), storage.find(name));
        assertThrows(StorageException.class, () -> storage.open(name).close());
        storage.delete(name);

        byte[] second = bytes(CLIP / 2);
        assertTrue(storage.put(name, spooled(second)), "the name was free again");
        assertShows(second, name);
    }

    // Public names

    @Test
    void aPublishedNameShowsTheAudioAndIsListedWithIt() throws Exception {
        AudioName audio = newName();
        byte[] bytes = bytes(CLIP);
        storage.put(audio, spooled(bytes));
        assertEquals(Map.of(), published(), "nothing is published by itself");
        storage.publish(audio, CARD);
        storage.publish(audio, PublicName.of("Karte 7/../x_de", AudioFormat.MP3));
        storage.publish(audio, CARD);
        assertPublished(bytes, CARD);
        assertShows(bytes, audio);
        assertEquals(Map.of(CARD, audio, PublicName.of("Karte 7/../x_de", AudioFormat.MP3), audio), published());
        assertTrue(storage.url(CARD).isAbsolute());
        assertTrue(
                storage.url(CARD).getPath().endsWith("/named/card-7_de.mp3"),
                storage.url(CARD).getPath());
        assertNothingInTheSpool();
    }

    @Test
    void publishingAgainReplacesAndTheLastAudioIsListed() throws Exception {
        for (int size : List.of(CLIP, CLIP + 1, 1)) {
            AudioName audio = newName();
            byte[] bytes = bytes(size);
            storage.put(audio, spooled(bytes));
            storage.publish(audio, CARD);
            assertPublished(bytes, CARD);
            assertEquals(Map.of(CARD, audio), published());
            assertShows(bytes, audio);
        }
    }

    @Test
    void aPublishedNameOutlivesItsAudio() throws Exception {
        AudioName audio = newName();
        byte[] bytes = bytes(CLIP);
        storage.put(audio, spooled(bytes));
        storage.publish(audio, CARD);
        storage.delete(audio);
        assertEquals(OptionalLong.empty(), storage.find(audio));
        assertPublished(bytes, CARD);
    }

    @Test
    void audioThatIsNotThereCannotBePublishedAndTheNameStaysAsItWas() throws Exception {
        assertThrows(StorageException.class, () -> storage.publish(newName(), CARD));
        assertThrows(StorageException.class, () -> storage.open(CARD).close());
        assertEquals(Map.of(), published());

        AudioName audio = newName();
        byte[] bytes = bytes(CLIP);
        storage.put(audio, spooled(bytes));
        storage.publish(audio, CARD);
        assertThrows(StorageException.class, () -> storage.publish(newName(), CARD));
        PublicName other = PublicName.of("card-7_de", AudioFormat.WAV);
        assertThrows(IllegalArgumentException.class, () -> storage.publish(audio, other));
        assertPublished(bytes, CARD);
        assertEquals(Map.of(CARD, audio), published());
    }

    @Test
    void whatIsUnpublishedIsGoneAndTheAudioStays() throws Exception {
        AudioName audio = newName();
        byte[] bytes = bytes(CLIP);
        storage.put(audio, spooled(bytes));
        storage.publish(audio, CARD);
        storage.unpublish(CARD);
        assertThrows(StorageException.class, () -> storage.open(CARD).close());
        assertEquals(Map.of(), published());
        assertShows(bytes, audio);
        storage.unpublish(CARD);
    }

    @Test
    void noReaderOfAPublicNameSeesAPartOrNothingWhileItIsReplaced() throws Exception {
        List<AudioName> two = List.of(newName(), newName());
        List<byte[]> files = List.of(bytes(200_000), bytes(100_000));
        for (int i = 0; i < 2; i++) {
            storage.put(two.get(i), spooled(files.get(i)));
        }
        storage.publish(two.get(0), CARD);
        AtomicInteger looked = new AtomicInteger();
        AtomicInteger atIt = new AtomicInteger(2);
        atOnce(List.of(
                () -> {
                    try {
                        for (int round = 1; round <= 20 || (looked.get() < 5 && atIt.get() == 2); round++) {
                            storage.publish(two.get(round % 2), CARD);
                        }
                        return true;
                    } finally {
                        atIt.decrementAndGet();
                    }
                },
                () -> {
                    try {
                        while (atIt.get() == 2) {
                            try (InputStream in = storage.open(CARD)) {
                                byte[] seen = in.readAllBytes();
                                assertArrayEquals(files.get(seen.length == 200_000 ? 0 : 1), seen);
                            }
                            looked.incrementAndGet();
                        }
                        return true;
                    } finally {
                        atIt.decrementAndGet();
                    }
                }));
        assertTrue(looked.get() >= 5, "a reader looked while the name was replaced");
    }

    private Map<PublicName, AudioName> published() {
        Map<PublicName, AudioName> all = new HashMap<>();
        storage.published((name, audio) -> assertNull(all.put(name, audio), "told once"));
        return all;
    }

    private void assertPublished(byte[] bytes, PublicName name) throws IOException {
        try (InputStream in = storage.open(name)) {
            assertArrayEquals(bytes, in.readAllBytes());
        }
    }

    private void assertNothingInTheSpool() throws IOException {
        try (Stream<Path> left = Files.list(storage.spoolDirectory())) {
            assertEquals(
                    List.of(),
                    left.filter(file -> !file.getFileName().toString().startsWith("clip"))
                            .toList());
        }
    }

    // What cannot be stored

    @Test
    void aMissingFileIsRefusedAndLeavesNothingBehind() {
        AudioName name = newName();
        Path missing = storage.spoolDirectory().resolve("missing.part");
        assertThrows(StorageException.class, () -> storage.put(name, missing));
        assertEquals(OptionalLong.empty(), storage.find(name));
    }

    @Test
    void anEmptyFileAndADirectoryAreRefusedAndLeaveNothingBehind() throws Exception {
        AudioName name = newName();
        Path empty = spooled(new byte[0]);
        assertThrows(StorageException.class, () -> storage.put(name, empty));
        assertThrows(StorageException.class, () -> storage.put(name, elsewhere));
        assertEquals(OptionalLong.empty(), storage.find(name));
        assertTrue(Files.exists(empty), "a refused file stays with the caller");
        Files.delete(empty);

        assertTrue(storage.put(name, spooled(bytes(CLIP))), "the name stayed free");
    }

    // Around it

    @Test
    void anOpenedFileMayBeClosedBeforeItsEnd() throws Exception {
        AudioName name = newName();
        byte[] bytes = bytes(400_000);
        storage.put(name, spooled(bytes));
        for (int i = 0; i < 100; i++) {
            try (InputStream in = storage.open(name)) {
                assertEquals(bytes[0], (byte) in.read());
            }
        }
        assertShows(bytes, name);
    }

    @Test
    void theSpoolIsAPlaceToWriteAndNothingGathersThere() throws Exception {
        Path spool = storage.spoolDirectory();
        assertTrue(Files.isDirectory(spool));
        assertEquals(spool, storage.spoolDirectory());

        AudioName name = newName();
        for (int i = 0; i < 3; i++) {
            Path file = spooled(bytes(CLIP + i));
            storage.put(name, file);
            Files.deleteIfExists(file);
        }
        Path outside = Files.write(elsewhere.resolve("own.mp3"), bytes(CLIP));
        storage.put(newName(), outside);
        storage.check();
        try (Stream<Path> left = Files.list(spool)) {
            assertEquals(List.of(), left.toList());
        }
    }

    @Test
    void aWorkingStoragePassesItsCheckAgainAndAgain() {
        for (int i = 0; i < 3; i++) {
            assertDoesNotThrow(storage::check);
        }
    }

    @Test
    void addressesAreAbsoluteAndTheirPathEndsInTheName() {
        AudioName name = newName();
        assertTrue(storage.url(name).isAbsolute());
        assertTrue(storage.url(name).getPath().endsWith("/" + name), "of " + storage.url(name));
        assertNotEquals(storage.url(name), storage.url(newName()));
    }

    @Test
    void anotherInstanceSeesWhatOneStoredAndMayCloseWithoutHarm() throws Exception {
        assumeTrue(capabilities().contains(Capability.SHARED), "the storage lives in one instance only");
        AudioName name = newName();
        byte[] bytes = bytes(CLIP);
        AudioStorage other = another();
        assertTrue(other.put(name, Files.write(elsewhere.resolve("own.mp3"), bytes)));
        assertShows(bytes, name);
        other.close();
        assertShows(bytes, name);

        storage.close();
        storage = another();
        assertShows(bytes, name);
        storage.delete(name);
        assertEquals(OptionalLong.empty(), another().find(name));
    }

    private void assertShows(byte[] bytes, AudioName name) throws IOException {
        assertEquals(OptionalLong.of(bytes.length), storage.find(name));
        try (InputStream in = storage.open(name)) {
            assertArrayEquals(bytes, in.readAllBytes());
        }
    }

    private void assertWholeIfThere(byte[] bytes, AudioName name) throws IOException {
        OptionalLong size = storage.find(name);
        if (size.isPresent()) {
            assertEquals(bytes.length, size.getAsLong(), "a name showed a part");
            assertShows(bytes, name);
        }
    }

    private AudioName newName() {
        return newName(AudioFormat.MP3);
    }

    private AudioName newName(AudioFormat format) {
        return AudioName.of(HexFormat.of().formatHex(bytes(32)), format);
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private Path spooled(byte[] bytes) throws IOException {
        return Files.write(Files.createTempFile(storage.spoolDirectory(), "clip", ".part"), bytes);
    }

    private static <T> List<T> atOnce(List<Callable<T>> tasks) throws Exception {
        CyclicBarrier start = new CyclicBarrier(tasks.size());
        ExecutorService threads = Executors.newFixedThreadPool(tasks.size());
        try {
            List<Future<T>> running = new ArrayList<>();
            for (Callable<T> task : tasks) {
                running.add(threads.submit(() -> {
                    start.await(30, TimeUnit.SECONDS);
                    return task.call();
                }));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> task : running) {
                results.add(task.get(60, TimeUnit.SECONDS));
            }
            return results;
        } finally {
            threads.shutdownNow();
        }
    }
}
