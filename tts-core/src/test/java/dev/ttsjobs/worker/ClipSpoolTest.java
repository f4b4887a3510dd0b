package dev.ttsjobs.worker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.ttsjobs.storage.StorageException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.junit.jupiter.api.Test;

/** Whose fault it is when a body cannot be copied: the provider is called again for its own only. */
class ClipSpoolTest {

    private static final byte[] BODY = new byte[100_000];

    @Test
    void aBodyIsCopiedAsAWhole() throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        ClipMaker.spool(new ByteArrayInputStream(BODY), file);
        assertArrayEquals(BODY, file.toByteArray());
    }

    @Test
    void whatTheDiskDoesNotTakeIsTheStoragesFault() {
        OutputStream full = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("no space left on device");
            }
        };
        assertThrows(StorageException.class, () -> ClipMaker.spool(new ByteArrayInputStream(BODY), full));
    }

    /** As network file systems do, which write when a file is closed. */
    @Test
    void whatTheDiskDoesNotTakeInTheEndIsTheStoragesFaultToo() {
        OutputStream full = new FilterOutputStream(OutputStream.nullOutputStream()) {
            @Override
            public void close() throws IOException {
                throw new IOException("disk quota exceeded");
            }
        };
        assertThrows(StorageException.class, () -> ClipMaker.spool(new ByteArrayInputStream(BODY), full));
    }

    @Test
    void aBodyThatBreaksOffIsTheProvidersFault() {
        InputStream cut = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("connection reset");
            }
        };
        IOException thrown =
                assertThrows(IOException.class, () -> ClipMaker.spool(cut, OutputStream.nullOutputStream()));
        assertEquals("connection reset", thrown.getMessage());
    }
}
