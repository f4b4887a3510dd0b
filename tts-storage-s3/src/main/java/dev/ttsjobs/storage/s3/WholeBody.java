package dev.ttsjobs.storage.s3;

import java.io.FilterInputStream;
import java.io.IOException;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * The body of an answer, which ends where it should or throws. Closing it early gives the connection back: by reading
 * the rest when that is little, else by cutting it.
 */
final class WholeBody extends FilterInputStream {

    private static final long LITTLE = 65_536;

    private final ResponseInputStream<GetObjectResponse> body;
    private long missing;

    WholeBody(ResponseInputStream<GetObjectResponse> body) {
        super(body);
        this.body = body;
        this.missing = body.response().contentLength();
    }

    @Override
    public int read() throws IOException {
        int read = super.read();
        count(read < 0 ? -1 : 1);
        return read;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int read = super.read(bytes, offset, length);
        count(read);
        return read;
    }

    @Override
    public long skip(long n) throws IOException {
        long skipped = super.skip(n);
        missing -= skipped;
        return skipped;
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    private void count(int read) throws IOException {
        if (read >= 0) {
            missing -= read;
        } else if (missing > 0) {
            throw new IOException("the audio ended " + missing + " bytes too early");
        }
    }

    @Override
    public void close() throws IOException {
        if (missing > LITTLE) {
            body.abort();
        } else {
            body.close();
        }
    }
}
