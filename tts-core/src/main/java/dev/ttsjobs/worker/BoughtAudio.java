package dev.ttsjobs.worker;

import dev.ttsjobs.speech.AudioFormat;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a provider was paid for, on its way into the storage: a file in the spool, and in memory what the disk has had no room
 * for. The file stays open, so that its content is there even if somebody takes the file away. For one thread.
 */
final class BoughtAudio implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(BoughtAudio.class);

    private final AudioStorage storage;
    private final AudioFormat format;
    private final AtomicLong memory;
    private final Deque<ByteBuffer> held = new ArrayDeque<>();
    private long heldBytes;
    private long written;
    private Path path;
    private FileChannel file;
    private @Nullable StorageException trouble;

    /**
     * Opens a file for it.
     *
     * @param memory how many bytes may be held in memory, by all who share it
     * @throws StorageException when there is no room for another file
     */
    BoughtAudio(AudioStorage storage, AudioFormat format, AtomicLong memory) {
        this.storage = storage;
        this.format = format;
        this.memory = memory;
        this.path = newFile(storage, format);
        this.file = open(path);
    }

    static Path newFile(AudioStorage storage, AudioFormat format) {
        Path spool = storage.spoolDirectory();
        try {
            return Files.createTempFile(spool, "clip-", "." + format.wireName());
        } catch (IOException e) {
            throw StorageException.ofDisk("no file could be made in the storage's spool directory", spool, e);
        }
    }

    private static FileChannel open(Path path) {
        try {
            return FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } catch (IOException e) {
            discard(path);
            throw new StorageException("a file in the storage's spool directory could not be opened", e);
        }
    }

    Path path() {
        return path;
    }

    /** Why the disk has not taken everything; null when it has. */
    @Nullable
    StorageException trouble() {
        return trouble;
    }

    /**
     * Takes some bytes, as many as there is room for on the disk or, after that, in memory.
     *
     * @return how many
     */
    int take(byte[] bytes, int from, int count) {
        ByteBuffer rest = ByteBuffer.wrap(bytes, from, count);
        if (flush()) {
            write(rest);
        }
        int left = rest.remaining();
        if (left > 0 && memory.addAndGet(-left) >= 0) {
            byte[] copy = new byte[left];
            rest.get(copy);
            held.add(ByteBuffer.wrap(copy));
            heldBytes += left;
        } else if (left > 0) {
            memory.addAndGet(left);
        }
        return count - rest.remaining();
    }

    /**
     * Sees to it that all of it is in the file.
     *
     * @throws StorageException when there is still no room
     */
    void complete() {
        if (Files.notExists(path)) {
            moveOver();
        }
        if (!flush() && trouble != null) {
            throw trouble;
        }
    }

    private boolean flush() {
        while (!held.isEmpty() && write(held.element())) {
            held.remove();
        }
        if (held.isEmpty()) {
            memory.addAndGet(heldBytes);
            heldBytes = 0;
            trouble = null;
        }
        return held.isEmpty();
    }

    private boolean write(ByteBuffer bytes) {
        try {
            while (bytes.hasRemaining()) {
                written += file.write(bytes, written);
            }
            return true;
        } catch (IOException e) {
            trouble = StorageException.ofDisk(
                    "the audio could not be written into the storage's spool: is the disk full?",
                    storage.spoolDirectory(),
                    e);
            return false;
        }
    }

    /** The spool was emptied, or another one is in its place. */
    private void moveOver() {
        Path other = newFile(storage, format);
        FileChannel copy = open(other);
        try {
            if (file.transferTo(0, written, copy) < written) {
                throw new IOException("it was cut short");
            }
        } catch (IOException e) {
            close(copy);
            discard(other);
            throw StorageException.ofDisk("spooled audio could not be copied", other, e);
        }
        close(file);
        path = other;
        file = copy;
    }

    /** Lets go of what is left of it here. */
    @Override
    public void close() {
        memory.addAndGet(heldBytes);
        heldBytes = 0;
        held.clear();
        close(file);
        discard(path);
    }

    private static void close(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            log.warn("a spooled file could not be closed: {}", e.toString());
        }
    }

    static void discard(Path spooled) {
        try {
            Files.deleteIfExists(spooled);
        } catch (IOException e) {
            log.warn("a spooled file could not be removed; the storage sweeps it later: {}", e.toString());
        }
    }
}
