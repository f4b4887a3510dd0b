package dev.ttsjobs.openai;

import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.Response;

/** What is known of one call beside its request: how long it may be silent, and whether it got a connection. */
final class CallProgress {

    private final int firstByteMillis;
    private boolean connected;

    CallProgress(Duration firstByte) {
        this.firstByteMillis = (int) Math.min(Integer.MAX_VALUE, firstByte.toMillis());
    }

    /** Whether the request had a connection to go out on; after that, trouble is the call's and not the provider's. */
    boolean connected() {
        return connected;
    }

    /** Sets the call's own deadline for silence, in place of the client's. */
    static Response limitSilence(Interceptor.Chain chain) throws IOException {
        Request request = chain.request();
        return chain.withReadTimeout(of(request).firstByteMillis, TimeUnit.MILLISECONDS)
                .proceed(request);
    }

    /** As a network interceptor, runs once there is a connection, in the calling thread. */
    static Response noteConnection(Interceptor.Chain chain) throws IOException {
        of(chain.request()).connected = true;
        return chain.proceed(chain.request());
    }

    /**
     * As a network interceptor, keeps from OkHttp a time to wait that it cannot read: at a 503 it parses whatever is all
     * digits as an int, and throws.
     */
    static Response cutRetryAfter(Interceptor.Chain chain) throws IOException {
        Response response = chain.proceed(chain.request());
        String asked = response.header("Retry-After");
        return asked == null || asked.length() < 10 || !asked.matches("\\d+")
                ? response
                : response.newBuilder()
                        .header("Retry-After", String.valueOf(RetryAfter.LONGEST.toSeconds()))
                        .build();
    }

    private static CallProgress of(Request request) {
        return Objects.requireNonNull(request.tag(CallProgress.class), "a call of another client");
    }
}
