package dev.ttsjobs.simulation;

import dev.ttsjobs.storage.AudioName;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.storage.PublicName;
import dev.ttsjobs.storage.StorageException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.function.BiConsumer;

/** The storage as one life of a process sees it. */
final class FaultyStorage implements AudioStorage {

    private final Effects effects;
    private final AudioStorage storage;

    FaultyStorage(Effects effects) {
        this.effects = effects;
        this.storage = effects.world().storage;
    }

    @Override
    public boolean put(AudioName name, Path file) {
        return effects.put("put", name, () -> {
            if (effects.world().spells.isOn(Fault.STORAGE_FULL)) {
                throw new StorageException("the storage is full");
            }
            return storage.put(name, file);
        });
    }

    @Override
    public OptionalLong find(AudioName name) {
        return effects.find("find", name, () -> storage.find(name));
    }

    @Override
    public InputStream open(AudioName name) {
        return effects.find("open", name, () -> storage.open(name));
    }

    @Override
    public void delete(AudioName name) {
        effects.find("delete", name, () -> {
            storage.delete(name);
            return "done";
        });
    }

    @Override
    public URI url(AudioName name) {
        return storage.url(name);
    }

    @Override
    public void publish(AudioName audio, PublicName name) {
        storage.publish(audio, name);
    }

    @Override
    public void unpublish(PublicName name) {
        storage.unpublish(name);
    }

    @Override
    public InputStream open(PublicName name) {
        return storage.open(name);
    }

    @Override
    public URI url(PublicName name) {
        return storage.url(name);
    }

    @Override
    public void published(BiConsumer<PublicName, AudioName> action) {
        storage.published(action);
    }

    @Override
    public Path spoolDirectory() {
        return storage.spoolDirectory();
    }

    @Override
    public void check() {
        if (effects.world().spells.isOn(Fault.STORAGE_FULL)) {
            throw new StorageException("the storage is full");
        }
        storage.check();
    }
}
