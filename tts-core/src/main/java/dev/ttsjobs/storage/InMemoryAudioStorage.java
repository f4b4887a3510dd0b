package dev.ttsjobs.storage;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Files as arrays in a map. Only the spool is on disk: a temporary directory that is made when it is first asked for. */
final class InMemoryAudioStorage implements AudioStorage {

    private final Map<AudioName, byte[]> files = new ConcurrentHashMap<>();
    private final Map<PublicName, Published> published = new ConcurrentHashMap<>();
    private @Nullable Path spool;

    private record Published(AudioName audio, byte[] bytes) {}

    @Override
    public boolean put(AudioName name, Path file) {
        byte[] bytes = read(file);
        return files.putIfAbsent(name, bytes) == null;
    }

    private static byte[] read(Path file) {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (IOException e) {
            throw new StorageException("the file to be stored cannot be read", e);
        }
        if (bytes.length == 0) {
            throw new StorageException("the file to be stored is empty");
        }
        return bytes;
    }

    @Override
    public OptionalLong find(AudioName name) {
        byte[] bytes = files.get(name);
        return bytes == null ? OptionalLong.empty() : OptionalLong.of(bytes.length);
    }

    @Override
    public InputStream open(AudioName name) {
        return new ByteArrayInputStream(bytes(name));
    }

    private byte[] bytes(AudioName name) {
        byte[] bytes = files.get(name);
        if (bytes == null) {
            throw new StorageException("there is no audio " + name);
        }
        return bytes;
    }

    @Override
    public void delete(AudioName name) {
        files.remove(name);
    }

    @Override
    public URI url(AudioName name) {
        return URI.create("memory:///" + name);
    }

    @Override
    public void publish(AudioName audio, PublicName name) {
        if (audio.format() != name.format()) {
            throw new IllegalArgumentException("audio in one format cannot be published as another");
        }
        published.put(name, new Published(audio, bytes(audio)));
    }

    @Override
    public void unpublish(PublicName name) {
        published.remove(name);
    }

    @Override
    public InputStream open(PublicName name) {
        Published shown = published.get(name);
        if (shown == null) {
            throw new StorageException("nothing is published as " + name);
        }
        return new ByteArrayInputStream(shown.bytes);
    }

    @Override
    public URI url(PublicName name) {
        return URI.create("memory:///named/" + name);
    }

    @Override
    public void published(BiConsumer<PublicName, AudioName> action) {
        published.forEach((name, shown) -> action.accept(name, shown.audio));
    }

    @Override
    public synchronized Path spoolDirectory() {
        if (spool == null) {
            try {
                spool = Files.createTempDirectory("tts-spool");
            } catch (IOException e) {
                throw new StorageException("no directory can be made for files in the making: check the disk", e);
            }
        }
        return spool;
    }

    @Override
    public void check() {
        // Memory takes a file or the process ends.
    }

    @Override
    public synchronized void close() {
        files.clear();
        published.clear();
        if (spool == null) {
            return;
        }
        try (Stream<Path> leftovers = Files.list(spool)) {
            for (Path leftover : leftovers.toList()) {
                Files.deleteIfExists(leftover);
            }
            Files.deleteIfExists(spool);
        } catch (IOException e) {
            // A directory of the system's temporary ones stays behind: the system sweeps those.
        }
        spool = null;
    }
}
