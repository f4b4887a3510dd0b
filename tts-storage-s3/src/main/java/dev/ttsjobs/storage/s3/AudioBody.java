package dev.ttsjobs.storage.s3;

import java.io.FilterInputStream;
import java.io.IOException;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * The body of an answer, which may be closed early: the connection is given back by reading the rest when that is little,
 * else by cutting it. That a body ends too early is noticed by the HTTP client.
 */
final class AudioBody extends FilterInputStream {

    private static final long LITTLE = 65_536;

    private final ResponseInputStream<GetObjectResponse> body;
    private long missing;

    AudioBody(ResponseInputStream<GetObjectResponse> body) {
        super(body);
        this.body = body;
        this.missing = body.response().contentLength();
    }

    @Override
    public int read() throws IOException {
        int read = super.read();
        missing -= read < 0 ? 0 : 1;
        return read;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int read = super.read(bytes, offset, length);
        missing -= Math.max(read, 0);
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

    @Override
    public void close() throws IOException {
        if (missing > LITTLE) {
            body.abort();
        } else {
            body.close();
        }
    }
}
