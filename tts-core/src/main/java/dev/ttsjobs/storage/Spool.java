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

/** What storages that keep their files in the making in a directory have in common. */
public final class Spool {

    /**
     * How old a leftover must be to be removed: a day. A call takes minutes at most, but finished audio may wait in the
     * spool until a database is back.
     */
    public static final Duration LEFTOVER_AGE = Duration.ofDays(1);

    private Spool() {}

    /**
     * Removes the files that were last written more than {@link #LEFTOVER_AGE} ago: what killed processes left. Several
     * processes may do so at once. What cannot be removed stays for the next time; subdirectories are left alone.
     *
     * @param directory the spool directory
     * @param clock the time that file times are compared with
     */
    public static void sweep(Path directory, InstantSource clock) {
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
