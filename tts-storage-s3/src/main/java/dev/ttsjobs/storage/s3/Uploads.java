package dev.ttsjobs.storage.s3;

import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.storage.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The directory of files on their way: the host's, swept at the start, or a temporary one, removed at the end. */
final class Uploads {

    private final boolean temporary;
    private final Path directory;

    Uploads(@Nullable Path given, InstantSource clock) {
        this.temporary = given == null;
        try {
            this.directory = given == null
                    ? Files.createTempDirectory("tts-uploads")
                    : Files.createDirectories(given.toAbsolutePath().normalize());
        } catch (IOException e) {
            throw new StorageException(
                    "no directory can be made for files on their way to S3" + (given == null ? "" : ": " + given), e);
        }
        if (!temporary) {
            AudioStorage.sweepSpool(directory, clock);
        }
    }

    Path directory() {
        if (!Files.isWritable(directory)) {
            throw new StorageException("the directory for files on their way to S3 cannot be written: " + directory);
        }
        return directory;
    }

    void close() {
        if (!temporary) {
            return;
        }
        try (Stream<Path> leftovers = Files.list(directory)) {
            for (Path leftover : leftovers.toList()) {
                Files.deleteIfExists(leftover);
            }
            Files.deleteIfExists(directory);
        } catch (IOException e) {
            // It is among the system's temporary ones, and the system sweeps those.
        }
    }
}
