package dev.ttsjobs.worker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.ttsjobs.speech.AudioFormat;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.storage.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of the bytes that were paid for, where the spool gives way. */
class ClipSpoolTest {

    private final AudioStorage storage = AudioStorage.inMemory();
    private final AtomicLong memory = new AtomicLong(100_000);
    private final byte[] body = new byte[50_000];

    ClipSpoolTest() {
        new Random(1).nextBytes(body);
    }

    @AfterEach
    void close() {
        storage.close();
    }

    @Test
    void aBodyIsCopiedAsAWholeAndNothingIsLeftBehind() throws IOException {
        try (BoughtAudio bought = new BoughtAudio(storage, AudioFormat.MP3, memory)) {
            assertEquals(20_000, bought.take(body, 0, 20_000));
            assertEquals(30_000, bought.take(body, 20_000, 30_000));
            bought.complete();
            assertNull(bought.trouble());
            assertArrayEquals(body, Files.readAllBytes(bought.path()));
        }
        assertEquals(100_000, memory.get());
        try (Stream<Path> left = Files.list(storage.spoolDirectory())) {
            assertEquals(0, left.count());
        }
    }

    /** As when somebody empties the folder, or takes the disk away and brings it back. */
    @Test
    void aFileThatWasTakenAwayIsWrittenOnceMore() throws IOException {
        try (BoughtAudio bought = new BoughtAudio(storage, AudioFormat.MP3, memory)) {
            bought.take(body, 0, body.length);
            Path spool = storage.spoolDirectory();
            Files.delete(bought.path());
            Files.delete(spool);
            assertThrows(StorageException.class, bought::complete);
            Files.createDirectory(spool);
            bought.complete();
            assertArrayEquals(body, Files.readAllBytes(bought.path()));
        }
    }

    @Test
    void aFullDiskIsKnownByItsWordsOrByWhatIsLeftOfIt() {
        Path here = storage.spoolDirectory();
        for (String words : new String[] {"No space left on device", "Disk quota exceeded"}) {
            assertEquals(
                    StorageException.Full.class,
                    StorageException.ofDisk("x", here, new IOException(words)).getClass());
        }
        assertEquals(
                StorageException.class,
                StorageException.ofDisk("x", here, new IOException("Read-only file system"))
                        .getClass());
        assertNotNull(StorageException.ofDisk("x", Path.of("/nowhere"), new IOException()));
    }
}
