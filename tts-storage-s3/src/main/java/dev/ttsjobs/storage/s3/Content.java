package dev.ttsjobs.storage.s3;

import dev.ttsjobs.storage.StorageException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;

/**
 * What a file holds, in the three forms that an upload needs.
 *
 * @param size in bytes, at least 1
 * @param md5 in Base64: the server refuses an upload that does not match it. It guards against accidents only
 * @param sha256 in hexadecimal digits: kept with the object, so that it can be told later whose object it is
 */
record Content(long size, String md5, String sha256) {

    private static final int BUFFER = 16_384;

    static Content of(Path file) {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new StorageException("the file to be stored is missing, or is no regular file");
        }
        MessageDigest md5 = digest("MD5");
        MessageDigest sha256 = digest("SHA-256");
        long size = 0;
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            byte[] buffer = new byte[BUFFER];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                md5.update(buffer, 0, read);
                sha256.update(buffer, 0, read);
                size += read;
            }
        } catch (IOException e) {
            throw new StorageException("the file to be stored cannot be read", e);
        }
        if (size == 0) {
            throw new StorageException("the file to be stored is empty");
        }
        return new Content(
                size,
                Base64.getEncoder().encodeToString(md5.digest()),
                HexFormat.of().formatHex(sha256.digest()));
    }

    static String md5(byte[] bytes) {
        return Base64.getEncoder().encodeToString(digest("MD5").digest(bytes));
    }

    /** Of the next bytes of a stream. */
    static String md5(InputStream in, long length) throws IOException {
        MessageDigest md5 = digest("MD5");
        byte[] buffer = new byte[BUFFER];
        long left = length;
        while (left > 0) {
            int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (read < 0) {
                throw new EOFException("the file became shorter while it was read");
            }
            md5.update(buffer, 0, read);
            left -= read;
        }
        return Base64.getEncoder().encodeToString(md5.digest());
    }

    private static MessageDigest digest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new StorageException("this Java does not offer " + algorithm + ", which uploads need", e);
        }
    }
}
