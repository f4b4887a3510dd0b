package dev.ttsjobs.storage;

import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * Where audio files live. A name is either absent or shows the whole file, at every moment, to every process: no reader
 * ever sees a part. Implementations are thread-safe, and several processes may use the same place at once.
 *
 * <p>Every method throws {@link StorageException} when the storage cannot be reached or refuses.
 */
public interface AudioStorage extends AutoCloseable {

    /**
     * Stores a finished file under a name, durably: when this returns, the audio survives the death of the process and,
     * where the storage can promise it, of the machine. Idempotent: when the name is there already with the same size,
     * nothing is changed; names are made from what the content is made from, so two writers of one name mean the same.
     *
     * @param file the finished file; it may be moved away, and the caller deletes what is left of it
     */
    void put(AudioName name, Path file);

    /** The size of the file in bytes, or empty when there is none. */
    OptionalLong find(AudioName name);

    /**
     * Opens a file for reading. The caller closes it.
     *
     * @throws StorageException when there is none
     */
    InputStream open(AudioName name);

    /** Removes a file; does nothing when there is none. */
    void delete(AudioName name);

    /** The address at which listeners fetch the file; says nothing about whether it is there. */
    URI url(AudioName name);

    /**
     * An existing directory for files in the making, from which {@link #put} is cheapest: on the same disk as the store
     * where there is one. What a killed process leaves there is swept by the storage.
     */
    Path spoolDirectory();

    /**
     * Throws when the storage would not take a file now; for health checks. Costs no more than a small request.
     */
    void check();

    @Override
    default void close() {}
}
