package dev.ttsjobs.storage;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.time.ManualTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolTest {

    @TempDir
    Path directory;

    private final ManualTime time = new ManualTime();

    @Test
    void onlyFilesOlderThanADayAreSwept() throws Exception {
        Path old = file("old.part");
        Path folder = Files.createDirectory(directory.resolve("folder"));
        Files.setLastModifiedTime(folder, FileTime.from(time.instant()));
        time.advance(Duration.ofSeconds(1));
        Path young = file("young.part");
        time.advance(Spool.LEFTOVER_AGE);
        AudioStorage.sweepSpool(directory, time);
        assertFalse(Files.exists(old));
        assertTrue(Files.exists(young), "exactly a day is not older than a day");
        assertTrue(Files.exists(folder));
    }

    @Test
    void aDirectoryThatCannotBeListedIsNoTrouble() {
        assertDoesNotThrow(() -> AudioStorage.sweepSpool(directory.resolve("missing"), time));
    }

    private Path file(String name) throws IOException {
        Path file = Files.createFile(directory.resolve(name));
        Files.setLastModifiedTime(file, FileTime.from(time.instant()));
        return file;
    }
}
