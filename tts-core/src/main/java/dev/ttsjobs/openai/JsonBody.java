package dev.ttsjobs.openai;

import java.io.IOException;
import okhttp3.MediaType;
import okhttp3.RequestBody;
import okio.BufferedSink;

/**
 * A request body that is sent once. OkHttp would send another kind a second time on its own: after a 503 with
 * {@code Retry-After: 0}, a 408 or a 421, whatever its setting for retries.
 */
final class JsonBody extends RequestBody {

    private static final MediaType JSON = MediaType.get("application/json");

    private final byte[] json;

    JsonBody(byte[] json) {
        this.json = json;
    }

    @Override
    public MediaType contentType() {
        return JSON;
    }

    @Override
    public long contentLength() {
        return json.length;
    }

    @Override
    public boolean isOneShot() {
        return true;
    }

    @Override
    public void writeTo(BufferedSink sink) throws IOException {
        sink.write(json);
    }
}
