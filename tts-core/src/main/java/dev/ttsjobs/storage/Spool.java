package dev.ttsjobs.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.stream.Stream;

/** The directory of files in the making. */
final class Spool {

    /** A call takes minutes at most, but finished audio may wait in the spool until a database is back. */
    static final Duration LEFTOVER_AGE = Duration.ofDays(1);

    private Spool() {}

    static void sweep(Path directory, InstantSource clock) {
        Instant before = clock.instant().minus(LEFTOVER_AGE);
        try (Stream<Path> leftovers = Files.list(directory)) {
            leftovers.forEach(leftover -> removeIfOlder(leftover, before));
        } catch (IOException | UncheckedIOException e) {
            // Nobody is worse off for a leftover more.
        }
    }

    private static void removeIfOlder(Path leftover, Instant before) {
        try {
            BasicFileAttributes facts =
                    Files.readAttributes(leftover, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (!facts.isDirectory() && facts.lastModifiedTime().toInstant().isBefore(before)) {
                Files.deleteIfExists(leftover);
            }
        } catch (IOException e) {
            // Another process sweeps at the same moment, or it is not ours to remove.
        }
    }
}
