package dev.ttsjobs.openai;

import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.speech.ProviderHints;
import dev.ttsjobs.speech.SpeechAudio;
import dev.ttsjobs.speech.SpeechException;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.Response;
import okio.Buffer;
import okio.BufferedSource;
import okio.GzipSource;
import okio.Okio;
import org.jspecify.annotations.Nullable;

/** What a server answered to one request: audio on its way, or the reason why there is none. For one thread. */
final class SpeechAnswer {

    private static final int MOST_OF_AN_ERROR = 64 * 1024;

    /** No error is worth a longer wait for its last words: its status and headers are there. */
    private static final Duration ERROR_BODY_DEADLINE = Duration.ofSeconds(5);

    private final Call call;
    private final Response response;
    private final BufferedSource source;
    private final TransportFailures failures;
    private final ErrorClassifier classifier;
    private final InstantSource clock;
    private final Duration idle;
    private final ProviderHints hints;

    /** @param idle the longest silence once the audio has begun */
    SpeechAnswer(
            Call call,
            Response response,
            TransportFailures failures,
            ErrorClassifier classifier,
            InstantSource clock,
            Duration idle) {
        this.call = call;
        this.response = response;
        this.source = unzipped(response);
        this.failures = failures;
        this.classifier = classifier;
        this.clock = clock;
        this.idle = idle;
        this.hints = RateLimitHeaders.hints(response.headers());
    }

    /**
     * The audio, once it has begun to arrive and looks like audio from outside. The response is closed in every other case.
     *
     * @param events whether events were asked for; a server that does not know them sends plain audio
     */
    SpeechAudio audio(boolean events, long maxBytes) {
        SpeechAudio audio = null;
        try {
            requireSense();
            boolean eventsCame = events && AnswerKind.isEvents(response.body().contentType());
            if (!mayBeAudio(response.code())
                    || !eventsCame && AnswerKind.isText(response.body().contentType())) {
                throw failed(classify(), null);
            }
            audio = eventsCame ? fromEvents(maxBytes) : plain(maxBytes);
            source.timeout().timeout(idle.toNanos(), TimeUnit.NANOSECONDS);
            return audio;
        } catch (IOException e) {
            throw failed(failures.beforeAudio(e), TransportFailures.cause(e));
        } finally {
            if (audio == null) {
                close();
            }
        }
    }

    /** Some web frameworks answer every POST with 201, and a proxy that touched an answer may say 203: it is paid for. */
    private static boolean mayBeAudio(int status) {
        return status == 200 || status == 201 || status == 203;
    }

    /** Compressed it is not to come, but some servers do not listen: an error must be read all the same. */
    private static BufferedSource unzipped(Response response) {
        BufferedSource body = response.body().source();
        return "gzip".equalsIgnoreCase(response.header("Content-Encoding")) ? Okio.buffer(new GzipSource(body)) : body;
    }

    /** OkHttp takes a length below 0 as it is, and neither reads nor closes such a body without an exception of its own. */
    private void requireSense() {
        if (response.body().contentLength() < -1) {
            throw failed(Failure.of(FailureKind.TRANSPORT, "connection_cut", "The answer's length is below 0."), null);
        }
    }

    private void close() {
        if (response.body().contentLength() < -1) {
            call.cancel();
        } else {
            response.close();
        }
    }

    private SpeechAudio plain(long maxBytes) throws IOException {
        if (response.body().contentLength() > maxBytes) {
            call.cancel();
            throw failed(AudioBody.tooLarge(maxBytes), null);
        }
        requireAudio(source.request(1));
        if (AnswerKind.looksLikeText(source)) {
            throw failed(classify(), null);
        }
        return new SpeechAudio(new AudioBody(call, response, source.inputStream(), failures, hints, maxBytes), hints);
    }

    private SpeechAudio fromEvents(long maxBytes) throws IOException {
        EventAudio events = new EventAudio(source, hints, classifier::classifyEvent);
        requireAudio(events.request());
        AudioBody body = new AudioBody(call, response, events, failures, hints, maxBytes);
        return new SpeechAudio(body, hints, events::usage);
    }

    private void requireAudio(boolean there) {
        if (!there) {
            throw failed(Failure.of(FailureKind.BAD_AUDIO, "empty_audio", "The answer holds no byte of audio."), null);
        }
    }

    private SpeechException failed(Failure failure, @Nullable IOException cause) {
        return new SpeechException(failure, hints, cause);
    }

    private Failure classify() {
        return classifier.classify(response.code(), response.headers(), beginning(), clock.instant());
    }

    /** The beginning of an error's body; what came of it when the rest does not come. */
    private byte[] beginning() {
        Buffer beginning = new Buffer();
        Duration patience = idle.compareTo(ERROR_BODY_DEADLINE) < 0 ? idle : ERROR_BODY_DEADLINE;
        source.timeout().deadline(patience.toNanos(), TimeUnit.NANOSECONDS);
        try {
            while (beginning.size() < MOST_OF_AN_ERROR
                    && source.read(beginning, MOST_OF_AN_ERROR - beginning.size()) >= 0) {
                // Reads on until the end or the limit.
            }
        } catch (IOException e) {
            // The status and what there is of the body say enough.
        }
        return beginning.readByteArray();
    }
}
