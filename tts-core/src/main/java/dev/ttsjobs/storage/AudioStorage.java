package dev.ttsjobs.storage;

import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.OptionalLong;
import java.util.function.BiConsumer;

/**
 * Where audio files live. A name is either absent or shows one whole file, at every moment, to every process: no reader
 * ever sees a part, and what a name shows changes only by {@link #delete}, or, for public names, {@link #publish}. Implementations are thread-safe, and several
 * processes may use the same place at once.
 *
 * <p>Every method but {@link #close} throws {@link StorageException} when the storage cannot be reached or refuses. A
 * storage that cannot look must do so, and not answer that there is nothing: audio would be bought again.
 */
public interface AudioStorage extends AutoCloseable {

    /**
     * Stores a finished file under a name, durably: when this returns, with either answer, what the name shows survives
     * the death of the process and, where the storage can promise it, of the machine.
     *
     * <p>The first writer wins: when the name is there already, nothing is changed. A name is made from what the audio is
     * made from, not from its bytes, and speech does not come out the same twice; so a second file for a name is as good
     * as the first, but may have another size. After {@code false}, what there is to say about the audio is to be read
     * from what the name shows, not from the file.
     *
     * @param file the finished file; it may be moved away, and the caller deletes what is left of it. When this throws,
     *     it is still there, and may be put again
     * @return true when the name now shows the bytes of this file; false when another file was there first and stays
     * @throws StorageException also when the file is missing, empty or no regular file; the name is then as it was. After
     *     any other failure the name may show the whole file: putting it again clears that up
     */
    boolean put(AudioName name, Path file);

    /**
     * The size of the file in bytes, at least 1, or empty when there is none.
     *
     * @throws StorageException.NoAudio when what is there was never stored by this library, and is no audio
     */
    OptionalLong find(AudioName name);

    /**
     * Opens a file for reading. The caller closes it, and may do so before the end.
     *
     * @throws StorageException when there is none
     */
    InputStream open(AudioName name);

    /** Removes a file; does nothing when there is none. */
    void delete(AudioName name);

    /** The address at which listeners fetch the file; says nothing about whether it is there. Its path ends in the name. */
    URI url(AudioName name);

    /**
     * Publishes audio under a readable name, too. The name shows a whole file at every moment: what it showed before, or
     * from now on this. It is a copy of its own (a second link, where the storage has such): {@link #delete} does not
     * touch it. Of two who publish under one name at the same moment either may be last.
     *
     * <p>Unlike an {@link AudioName}, what a public name shows may change; caches must be told to ask again.
     *
     * @throws IllegalArgumentException when the formats differ
     * @throws StorageException when there is no such audio; the name is then as it was
     */
    void publish(AudioName audio, PublicName name);

    /** Takes a public name away; does nothing when there is none. The audio stays under its own. */
    void unpublish(PublicName name);

    /**
     * Opens what a public name shows. The caller closes it, and may do so before the end.
     *
     * @throws StorageException when nothing is published under it
     */
    InputStream open(PublicName name);

    /** The address of a public name; says nothing about whether it is there. Its path ends in {@code named/} and the name. */
    URI url(PublicName name);

    /**
     * Tells all public names with the audio that each was last published for, in any order. Names that come or go
     * meanwhile may be told or not; what the action throws ends it.
     */
    void published(BiConsumer<PublicName, AudioName> action);

    /**
     * An existing directory for files in the making, from which {@link #put} is cheapest: on the same disk as the store
     * where there is one. What a killed process leaves there is swept by the storage.
     */
    Path spoolDirectory();

    /**
     * Throws when the storage would not take a file now; for health checks. Costs no more than a small request.
     */
    void check();

    /** Gives back what the storage holds open; does not throw. What is stored stays, except in memory. */
    @Override
    default void close() {}

    /**
     * Removes the files of a spool directory that were last written more than a day ago: what killed processes left. For
     * adapters, at their start. Several processes may do so at once; what cannot be removed stays for the next time, and
     * subdirectories are left alone.
     *
     * @param clock the time that file times are compared with
     */
    static void sweepSpool(Path directory, InstantSource clock) {
        Spool.sweep(directory, clock);
    }

    /**
     * A storage in the memory of this process, for tests and trials: it needs room for all audio, and is empty again after
     * a restart. Its addresses ({@code memory:///…}) can be fetched by nobody.
     */
    static AudioStorage inMemory() {
        return new InMemoryAudioStorage();
    }
}
