package dev.ttsjobs.examples.server;

import dev.ttsjobs.examples.worker.Secret;
import dev.ttsjobs.examples.worker.SettingsException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;

/** A secret that is made once and kept in a file that only this user may read. Stateless, thread-safe. */
final class MadeSecret {

    private static final int BYTES = 48;

    private MadeSecret() {}

    /** The secret kept in a folder; several servers that start at once agree on one. */
    static Secret in(Path dir) {
        Path file = dir.resolve("jwt-secret");
        try {
            if (Files.notExists(file)) {
                make(dir, file);
            }
            String secret = Files.readString(file).strip();
            if (secret.length() < 2 * BYTES) {
                throw new SettingsException("TTS_DATA_DIR: the file jwt-secret in it is not whole; remove it");
            }
            return new Secret(secret);
        } catch (IOException e) {
            throw new SettingsException("TTS_DATA_DIR", "the file jwt-secret in it cannot be made or read", e);
        }
    }

    private static void make(Path dir, Path file) throws IOException {
        byte[] secret = new byte[BYTES];
        new SecureRandom().nextBytes(secret);
        Path whole = Files.createTempFile(dir, "jwt-secret", ".new", onlyOwner());
        try {
            Files.writeString(whole, HexFormat.of().formatHex(secret) + "\n");
            // A link appears at once and whole, and never in the place of another.
            Files.createLink(file, whole);
        } catch (FileAlreadyExistsException e) {
            // Another server was quicker: its secret is everybody's.
        } finally {
            Files.deleteIfExists(whole);
        }
    }

    private static FileAttribute<?>[] onlyOwner() {
        boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        return posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }
}
