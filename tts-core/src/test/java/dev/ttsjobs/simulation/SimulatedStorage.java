package dev.ttsjobs.simulation;

import dev.ttsjobs.audio.AudioFacts;
import dev.ttsjobs.audio.AudioInspector;
import dev.ttsjobs.audio.BadAudioException;
import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.job.PhraseResult;
import dev.ttsjobs.storage.AudioName;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.storage.PublicName;
import dev.ttsjobs.storage.StorageException;
import dev.ttsjobs.time.ManualTime;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.BiConsumer;

/** A storage that outlives processes, and what the watchers know of it. */
final class SimulatedStorage implements AudioStorage {

    private record Stored(byte[] bytes, Instant at) {}

    private final Map<AudioName, Stored> files = new HashMap<>();
    private final Map<AudioName, AudioFacts> inspected = new HashMap<>();
    private final ManualTime time;
    private final Path spool;

    SimulatedStorage(ManualTime time, Path spool) {
        this.time = time;
        this.spool = spool;
    }

    @Override
    public boolean put(AudioName name, Path file) {
        try {
            return files.putIfAbsent(name, new Stored(Files.readAllBytes(file), time.instant())) == null;
        } catch (IOException e) {
            throw new StorageException("the file to be stored cannot be read", e);
        }
    }

    /** Sets what a name shows, whatever it was before. */
    void overwrite(AudioName name, byte[] bytes) {
        files.put(name, new Stored(bytes, time.instant()));
        inspected.remove(name);
    }

    @Override
    public OptionalLong find(AudioName name) {
        Stored stored = files.get(name);
        return stored == null ? OptionalLong.empty() : OptionalLong.of(stored.bytes.length);
    }

    @Override
    public InputStream open(AudioName name) {
        Stored stored = files.get(name);
        if (stored == null) {
            throw new StorageException("there is no audio " + name);
        }
        return new ByteArrayInputStream(stored.bytes);
    }

    @Override
    public void delete(AudioName name) {
        files.remove(name);
        inspected.remove(name);
    }

    @Override
    public URI url(AudioName name) {
        return URI.create("memory:///" + name);
    }

    @Override
    public void publish(AudioName audio, PublicName name) {
        throw new UnsupportedOperationException("nothing is published in the simulation");
    }

    @Override
    public void unpublish(PublicName name) {
        throw new UnsupportedOperationException("nothing is published in the simulation");
    }

    @Override
    public InputStream open(PublicName name) {
        throw new UnsupportedOperationException("nothing is published in the simulation");
    }

    @Override
    public URI url(PublicName name) {
        throw new UnsupportedOperationException("nothing is published in the simulation");
    }

    @Override
    public void published(BiConsumer<PublicName, AudioName> action) {
        throw new UnsupportedOperationException("nothing is published in the simulation");
    }

    @Override
    public Path spoolDirectory() {
        return spool;
    }

    @Override
    public void check() {
        // It always takes a file; that it may not is the business of the faults before it.
    }

    // For watchers

    static AudioName nameOf(Clip clip) {
        return AudioName.of(clip.key().hex(), clip.voice().format());
    }

    boolean wasThereAt(Clip clip, Instant then) {
        Stored stored = files.get(nameOf(clip));
        return stored != null && stored.at.isBefore(then);
    }

    /** The facts of the whole file of a clip; null when there is none. */
    AudioFacts facts(Clip clip) {
        return facts(nameOf(clip));
    }

    private AudioFacts facts(AudioName name) {
        Stored stored = files.get(name);
        return stored == null ? null : inspected.computeIfAbsent(name, any -> inspect(any, stored.bytes));
    }

    private static AudioFacts inspect(AudioName name, byte[] bytes) {
        try {
            return AudioInspector.inspect(new ByteArrayInputStream(bytes), name.format());
        } catch (BadAudioException e) {
            throw new Violation("what is stored is not whole: " + e.getMessage());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void requireWhole(PhraseResult.Audio audio) {
        AudioFacts facts = facts(audio.name());
        Violation.unless(facts != null, () -> "audio that was made is not stored: " + audio);
        Violation.unless(facts.bytes() == audio.bytes(), () -> "another file is stored than was made: " + audio);
    }

    void requireAllWhole() {
        files.keySet().forEach(this::facts);
    }
}
