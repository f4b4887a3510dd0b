package dev.ttsjobs.storage.local;

import dev.ttsjobs.storage.AudioName;
import dev.ttsjobs.storage.PublicName;
import dev.ttsjobs.storage.StorageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.UUID;
import java.util.function.BiConsumer;

/**
 * The folder of public names, and beside it one of notes, each named like a public name and holding the name of its audio.
 * A note is there before its public name and after it, so audio that is published is always known to be.
 */
final class PublicNames {

    static final String FOLDER = "named";
    static final String NOTES = ".names";

    private final Path folder;
    private final Path notes;
    private final Path spool;
    private final Disk disk;
    private final InstantSource clock;

    PublicNames(Path root, Path spool, Disk disk, InstantSource clock) {
        this.folder = root.resolve(FOLDER);
        this.notes = root.resolve(NOTES);
        this.spool = spool;
        this.disk = disk;
        this.clock = clock;
    }

    void prepare() throws IOException {
        disk.directory(folder, "rwxr-xr-x");
        disk.directory(notes, "rwx------");
    }

    Path file(PublicName name) {
        return folder.resolve(name.value());
    }

    void publish(Path file, AudioName audio, PublicName name) throws IOException {
        Path own = spool.resolve(UUID.randomUUID() + ".part");
        Path note = spool.resolve(UUID.randomUUID() + ".part");
        try {
            linkOrCopy(file, own);
            disk.touch(own, clock.instant());
            disk.write(note, audio.value().getBytes(StandardCharsets.US_ASCII));
            disk.force(note);
            disk.move(note, notes.resolve(name.value()));
            disk.forceDirectory(notes);
            disk.move(own, file(name));
            disk.forceDirectory(folder);
        } finally {
            // A link stays behind when the name showed the same file before.
            Disk.discard(own);
            Disk.discard(note);
        }
    }

    private void linkOrCopy(Path file, Path own) throws IOException {
        try {
            disk.link(own, file);
            return;
        } catch (NoSuchFileException e) {
            throw e;
        } catch (UnsupportedOperationException | FileSystemException e) {
            // One name a file, or no more: a copy will do.
        }
        disk.copy(file, own);
        disk.permit(own, "rw-r--r--");
        disk.force(own);
    }

    void unpublish(PublicName name) throws IOException {
        Files.deleteIfExists(file(name));
        disk.forceDirectory(folder);
        Files.deleteIfExists(notes.resolve(name.value()));
    }

    void forEach(BiConsumer<PublicName, AudioName> action) throws IOException {
        try (DirectoryStream<Path> all = Files.newDirectoryStream(notes)) {
            for (Path note : all) {
                tell(note, action);
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    private static void tell(Path note, BiConsumer<PublicName, AudioName> action) throws IOException {
        String name = String.valueOf(note.getFileName());
        String audio;
        try {
            audio = Files.readString(note, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            return;
        }
        if (!PublicName.isName(name) || !AudioName.isName(audio)) {
            throw new StorageException(
                    note + " does not say which audio is published, and this library never wrote it: remove it");
        }
        action.accept(PublicName.parse(name), new AudioName(audio));
    }
}
