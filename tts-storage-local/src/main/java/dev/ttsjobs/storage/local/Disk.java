package dev.ttsjobs.storage.local;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The writing steps of a put, one by one, so that a test can let each of them fail. */
class Disk {

    /** Gives a file or directory the permissions {@code rw-r--r--} style, where the file system knows such. */
    void permit(Path path, String permissions) throws IOException {
        PosixFileAttributeView view =
                Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        if (view != null) {
            view.setPermissions(PosixFilePermissions.fromString(permissions));
        }
    }

    /** Returns when the content of the file would survive a power cut. */
    void force(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
            channel.force(true);
        }
    }

    /** Returns when the names in the directory would survive a power cut, where the system can say so. */
    void forceDirectory(Path directory) throws IOException {
        FileChannel channel;
        try {
            channel = FileChannel.open(directory, StandardOpenOption.READ);
        } catch (AccessDeniedException e) {
            if (isWindows()) {
                // Windows opens no directories; NTFS keeps its names in a journal of its own.
                return;
            }
            throw e;
        }
        try (channel) {
            channel.force(true);
        }
    }

    private static boolean isWindows() {
        return java.io.File.separatorChar == '\\';
    }

    void createDirectory(Path directory) throws IOException {
        Files.createDirectory(directory);
    }

    /** Sees to it that a directory is there; one that is made gets these permissions. */
    void directory(Path directory, String permissions) throws IOException {
        try {
            createDirectory(directory);
            permit(directory, permissions);
        } catch (FileAlreadyExistsException e) {
            // A link would lead out of the root, to where others may write.
            if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
                throw new FileSystemException(directory.toString(), null, "is there and is not a directory");
            }
        }
    }

    /** Gives a file a second name, which must be free. */
    void link(Path name, Path file) throws IOException {
        Files.createLink(name, file);
    }

    /** Gives a file another name in one step; replaces what has that name. */
    void move(Path file, Path name) throws IOException {
        Files.move(file, name, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Says that a file is newer than what web servers told about another one of the same size. */
    void touch(Path file, Instant now) throws IOException {
        Files.setLastModifiedTime(file, FileTime.from(now));
    }

    void copy(Path file, Path copy) throws IOException {
        Files.copy(file, copy, LinkOption.NOFOLLOW_LINKS);
    }

    void write(Path file, byte[] bytes) throws IOException {
        Files.write(file, bytes, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    static void discard(@Nullable Path copy) {
        if (copy != null) {
            try {
                Files.deleteIfExists(copy);
            } catch (IOException e) {
                // Swept at a later start.
            }
        }
    }
}
