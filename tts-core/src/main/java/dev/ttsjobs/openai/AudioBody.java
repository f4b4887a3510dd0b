package dev.ttsjobs.openai;

import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.speech.ProviderHints;
import dev.ttsjobs.speech.SpeechException;
import dev.ttsjobs.speech.SpeechRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import okhttp3.Call;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * The audio as it arrives. Everything that ends it early is thrown as a {@link SpeechException}: a cut, a stall, a deadline,
 * an abort, more bytes than the cap. For one thread.
 */
final class AudioBody extends InputStream {

    private static final long LEAST_LIMIT = 8L << 20;
    private static final long LOSSY_BYTES_PER_CHARACTER = 16L << 10;
    private static final long LOSSLESS_BYTES_PER_CHARACTER = 64L << 10;

    private final Call call;
    private final Response response;
    private final InputStream in;
    private final TransportFailures failures;
    private final ProviderHints hints;
    private final long maxBytes;
    private long count;
    private boolean ended;
    private @Nullable SpeechException failed;

    /** @param in the audio in the response's body, which may be wrapped there */
    AudioBody(
            Call call,
            Response response,
            InputStream in,
            TransportFailures failures,
            ProviderHints hints,
            long maxBytes) {
        this.call = call;
        this.response = response;
        this.in = in;
        this.failures = failures;
        this.hints = hints;
        this.maxBytes = maxBytes;
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, buffer.length);
        if (failed != null) {
            throw failed;
        }
        if (length == 0) {
            return 0;
        }
        int n;
        try {
            n = in.read(buffer, offset, length);
        } catch (IOException e) {
            throw fail(failures.duringAudio(e), TransportFailures.cause(e));
        } catch (SpeechException e) {
            failed = e;
            throw e;
        }
        if (n < 0) {
            ended = true;
            return -1;
        }
        count += n;
        if (count > maxBytes) {
            throw fail(tooLarge(maxBytes), null);
        }
        return n;
    }

    /** The most that a text can reasonably take in its format and at its speed, with a wide margin. */
    static long limitFor(SpeechRequest request) {
        long perCharacter = switch (request.voice().format()) {
            case MP3, OPUS, AAC -> LOSSY_BYTES_PER_CHARACTER;
            case FLAC, WAV, PCM -> LOSSLESS_BYTES_PER_CHARACTER;
        };
        double stretch = Math.max(1.0, 1.0 / request.voice().speed());
        return LEAST_LIMIT + (long) (request.text().length() * perCharacter * stretch);
    }

    static Failure tooLarge(long maxBytes) {
        return Failure.of(
                FailureKind.BAD_AUDIO,
                "too_large",
                "More than " + maxBytes + " bytes came, which is far more than such a text takes to say.");
    }

    private SpeechException fail(Failure failure, @Nullable IOException cause) {
        failed = new SpeechException(failure, hints, cause);
        return failed;
    }

    /** Gives the connection back after the end; before it, cuts it, so that the rest is neither awaited nor drained. */
    @Override
    public void close() {
        if (!ended) {
            call.cancel();
        }
        response.close();
    }
}
