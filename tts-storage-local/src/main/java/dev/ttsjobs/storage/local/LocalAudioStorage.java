package dev.ttsjobs.storage.local;

import dev.ttsjobs.storage.AudioName;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.storage.PublicName;
import dev.ttsjobs.storage.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.InstantSource;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;

/**
 * Audio files in a directory: {@code root/ab/abcd….mp3}, readable by all, complete from the moment they are seen, for a
 * web server to serve as they are, and published ones again as {@code root/named/card-7_de.mp3}. Files in the making are in
 * {@code root/.spool}, and which audio was published under which name is in {@code root/.names}; only this user may enter.
 *
 * <p>Several processes may share the directory. It must be one file system, and should be one that can give a file a
 * second name (all of Linux, macOS and Windows NTFS can): where it cannot, two <em>processes</em> that put one name at the
 * same moment may both be told that they were first; what is seen is a whole file even then. Thread-safe.
 */
public final class LocalAudioStorage implements AudioStorage {

    private final Path root;
    private final Path spool;
    private final String baseUrl;
    private final Disk disk;
    private final PublicNames names;
    /** The folders that are known to survive a power cut. */
    private final Set<Path> lastingFolders = ConcurrentHashMap.newKeySet();

    private LocalAudioStorage(Path root, URI publicBaseUrl, Disk disk, InstantSource clock) {
        this.root = root.toAbsolutePath().normalize();
        this.spool = this.root.resolve(".spool");
        this.baseUrl = baseUrl(publicBaseUrl);
        this.disk = disk;
        this.names = new PublicNames(this.root, this.spool, disk, clock);
    }

    /**
     * Opens the storage in a directory, which is made if it is not there, and removes what processes that were killed left
     * in its spool more than a day ago.
     *
     * @param root the directory
     * @param publicBaseUrl the address at which the directory is served, for instance
     *     {@code https://example.org/storage/tts}; a slash at its end makes no difference
     * @throws IllegalArgumentException when the address is not absolute or has a query, fragment, user name or password
     * @throws StorageException when the directory cannot be made or written
     */
    public static LocalAudioStorage open(Path root, URI publicBaseUrl) {
        return open(root, publicBaseUrl, new Disk(), InstantSource.system());
    }

    static LocalAudioStorage open(Path root, URI publicBaseUrl, Disk disk, InstantSource clock) {
        LocalAudioStorage storage = new LocalAudioStorage(root, publicBaseUrl, disk, clock);
        storage.prepare();
        storage.check();
        AudioStorage.sweepSpool(storage.spool, clock);
        return storage;
    }

    private static String baseUrl(URI url) {
        if (String.valueOf(url.getRawAuthority()).contains("@")) {
            throw new IllegalArgumentException("the public address of the audio must not hold a user name or password:"
                    + " everybody who may listen would read it");
        }
        if (!url.isAbsolute() || url.isOpaque() || url.getRawQuery() != null || url.getRawFragment() != null) {
            throw new IllegalArgumentException(
                    "the public address of the audio must be absolute, without query and fragment: " + url);
        }
        String text = url.toString();
        return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    }

    private void prepare() {
        try {
            if (!Files.isDirectory(root)) {
                Files.createDirectories(root);
                disk.permit(root, "rwxr-xr-x");
            }
            disk.directory(spool, "rwx------");
            names.prepare();
            disk.forceDirectory(root);
        } catch (IOException e) {
            throw cannotWrite(e);
        }
    }

    @Override
    public boolean put(AudioName name, Path file) {
        Path target = target(name);
        Path folder = root.resolve(name.value().substring(0, 2));
        Path copy = null;
        try {
            if (isThere(target)) {
                // Whoever put it may not have come to force the directory yet.
                lasting(folder);
                disk.forceDirectory(folder);
                return false;
            }
            requireFile(file);
            if (!file.toAbsolutePath().normalize().startsWith(spool)) {
                copy = spool.resolve(UUID.randomUUID() + ".part");
                disk.copy(file, copy);
            }
            Path own = copy == null ? file : copy;
            disk.permit(own, "rw-r--r--");
            disk.force(own);
            boolean first = publish(own, target, folder);
            disk.forceDirectory(folder);
            if (first) {
                // Only now: until here a failed put can be repeated.
                Disk.discard(own);
            }
            return first;
        } catch (IOException e) {
            throw cannotWrite(e);
        } finally {
            Disk.discard(copy);
        }
    }

    private static void requireFile(Path file) throws IOException {
        BasicFileAttributes facts;
        try {
            facts = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            throw new StorageException("the file to be stored is missing", e);
        }
        if (!facts.isRegularFile() || facts.size() == 0) {
            throw new StorageException("the file to be stored is empty, or is no regular file");
        }
    }

    private boolean publish(Path file, Path target, Path folder) throws IOException {
        lasting(folder);
        try {
            return link(file, target);
        } catch (NoSuchFileException e) {
            // The folder was removed by hand since it was last used.
            lastingFolders.remove(folder);
            lasting(folder);
            return link(file, target);
        }
    }

    private boolean link(Path file, Path target) throws IOException {
        try {
            disk.link(target, file);
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        } catch (NoSuchFileException e) {
            throw e;
        } catch (UnsupportedOperationException | FileSystemException e) {
            return moveWithoutLinks(file, target, e);
        }
    }

    /** On file systems that give a file one name only. The lock keeps this process from replacing its own files. */
    private synchronized boolean moveWithoutLinks(Path file, Path target, Exception whyNoLink) throws IOException {
        if (isThere(target)) {
            return false;
        }
        try {
            disk.move(file, target);
            return true;
        } catch (IOException e) {
            e.addSuppressed(whyNoLink);
            throw e;
        }
    }

    /** Sees to it that the folder is there and will still be after a power cut. */
    private void lasting(Path folder) throws IOException {
        if (!lastingFolders.contains(folder)) {
            requireRoot();
            disk.directory(folder, "rwxr-xr-x");
            disk.forceDirectory(root);
            lastingFolders.add(folder);
        }
    }

    @Override
    public OptionalLong find(AudioName name) {
        try {
            BasicFileAttributes facts =
                    Files.readAttributes(target(name), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (!facts.isRegularFile() || facts.size() == 0) {
                throw new StorageException.NoAudio(
                        "in the local storage path " + root + ", " + name
                                + " is empty or no regular file, which this library never wrote: remove it",
                        null);
            }
            return OptionalLong.of(facts.size());
        } catch (NoSuchFileException e) {
            requireRoot();
            return OptionalLong.empty();
        } catch (IOException e) {
            throw cannotRead(e);
        }
    }

    private static boolean isThere(Path target) throws IOException {
        try {
            Files.readAttributes(target, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /** Where the whole root is gone, so may a disk be: then nothing is absent, it only cannot be seen. */
    private void requireRoot() {
        if (!Files.isDirectory(spool, LinkOption.NOFOLLOW_LINKS)) {
            throw new StorageException("the local storage path " + root
                    + " is no longer what it was at the start: mount it again, or restart to begin with an empty one");
        }
    }

    @Override
    public InputStream open(AudioName name) {
        try {
            return Files.newInputStream(target(name), LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            requireRoot();
            throw new StorageException("there is no audio " + name, e);
        } catch (IOException e) {
            throw cannotRead(e);
        }
    }

    @Override
    public void delete(AudioName name) {
        try {
            Files.deleteIfExists(target(name));
        } catch (DirectoryNotEmptyException e) {
            setAside(target(name));
        } catch (IOException e) {
            throw cannotWrite(e);
        }
    }

    /** Somebody's folder with somebody's files, which is only to be out of the way. */
    private void setAside(Path strange) {
        try {
            disk.move(strange, spool.resolve("aside-" + UUID.randomUUID()));
        } catch (IOException e) {
            throw cannotWrite(e);
        }
    }

    @Override
    public URI url(AudioName name) {
        return URI.create(baseUrl + "/" + name);
    }

    /**
     * {@inheritDoc}
     *
     * <p>The name is a hard link, or a copy where the file system has none. Its time of change is the time of publishing,
     * by which web servers tell it from what it showed before.
     */
    @Override
    public void publish(AudioName audio, PublicName name) {
        if (audio.format() != name.format()) {
            throw new IllegalArgumentException("audio in one format cannot be published as another");
        }
        if (find(audio).isEmpty()) {
            throw new StorageException("there is no audio " + audio);
        }
        try {
            names.publish(target(audio), audio, name);
        } catch (IOException e) {
            throw cannotWrite(e);
        }
    }

    @Override
    public void unpublish(PublicName name) {
        try {
            names.unpublish(name);
        } catch (IOException e) {
            throw cannotWrite(e);
        }
    }

    @Override
    public InputStream open(PublicName name) {
        try {
            return Files.newInputStream(names.file(name), LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            requireRoot();
            throw new StorageException("nothing is published as " + name, e);
        } catch (IOException e) {
            throw cannotRead(e);
        }
    }

    @Override
    public URI url(PublicName name) {
        return URI.create(baseUrl + "/" + PublicNames.FOLDER + "/" + name);
    }

    @Override
    public void published(BiConsumer<PublicName, AudioName> action) {
        requireRoot();
        try {
            names.forEach(action);
        } catch (IOException e) {
            throw cannotRead(e);
        }
    }

    @Override
    public Path spoolDirectory() {
        return spool;
    }

    /** Writes a small file and removes it, and looks whether folders may be made. */
    @Override
    public void check() {
        requireRoot();
        if (!Files.isWritable(root)) {
            throw cannotWrite(new AccessDeniedException(root.toString(), null, "no folder may be made in it"));
        }
        Path probe = spool.resolve("check-" + UUID.randomUUID());
        try {
            disk.write(probe, new byte[] {1});
            Files.delete(probe);
        } catch (IOException e) {
            Disk.discard(probe);
            throw cannotWrite(e);
        }
    }

    @Override
    public String toString() {
        return "LocalAudioStorage[" + root + "]";
    }

    private Path target(AudioName name) {
        return root.resolve(name.value());
    }

    private StorageException cannotWrite(IOException e) {
        String reason = reason(e);
        if (StorageException.Full.isReason(spool, e)) {
            return new StorageException.Full(
                    "the disk of the local storage path " + root + " is full: free some space", e);
        }
        return new StorageException(
                "the local storage path " + root + " cannot be written (" + reason
                        + "): it must be a directory that the user of this process may write to, on a sound disk",
                e);
    }

    private StorageException cannotRead(IOException e) {
        return new StorageException(
                "the local storage path " + root + " cannot be read (" + reason(e)
                        + "): it must be a directory that the user of this process may read, on a sound disk",
                e);
    }

    private static String reason(IOException e) {
        String reason = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
        return reason == null ? e.getClass().getSimpleName() : reason;
    }
}
