package dev.ttsjobs.upkeep;

import dev.ttsjobs.audio.AudioFacts;
import dev.ttsjobs.queue.JobStore;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.storage.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Compares what a storage shows with what is on record about it. */
final class StoredBytes {

    enum Look {
        SOUND,
        MISSING,
        DAMAGED
    }

    private StoredBytes() {}

    /** Reads the file to its end. */
    static Look look(AudioStorage storage, JobStore.AudioRecord record) {
        long size = storage.find(record.name()).orElse(0);
        if (size == 0) {
            return Look.MISSING;
        }
        if (size != record.facts().bytes()) {
            return Look.DAMAGED;
        }
        return copy(storage, record, OutputStream.nullOutputStream()) ? Look.SOUND : Look.DAMAGED;
    }

    /** @return whether the bytes were those on record */
    static boolean copy(AudioStorage storage, JobStore.AudioRecord record, OutputStream to) {
        AudioFacts facts = record.facts();
        MessageDigest digest = sha256();
        try (InputStream in = storage.open(record.name());
                DigestOutputStream out = new DigestOutputStream(to, digest)) {
            long bytes = in.transferTo(out);
            return bytes == facts.bytes()
                    && HexFormat.of().formatHex(digest.digest()).equals(facts.sha256());
        } catch (IOException e) {
            throw new StorageException("audio " + record.name() + " could not be read to its end: try again", e);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
