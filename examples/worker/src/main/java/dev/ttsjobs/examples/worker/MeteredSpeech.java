package dev.ttsjobs.examples.worker;

import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.speech.SpeechAudio;
import dev.ttsjobs.speech.SpeechException;
import dev.ttsjobs.speech.SpeechRequest;
import dev.ttsjobs.speech.SpeechSynthesizer;
import dev.ttsjobs.time.Ticker;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/** Another's calls, counted and timed; it stays the other's to close. Thread-safe. */
final class MeteredSpeech implements SpeechSynthesizer {

    /** What an answer has met that was not read to its end. */
    private static final String CUT = Metrics.word(FailureKind.TRANSPORT);

    private static final String ABORTED = "aborted";

    private final SpeechSynthesizer inner;
    private final Metrics metrics;
    private final Ticker ticker;

    MeteredSpeech(SpeechSynthesizer inner, Metrics metrics, Ticker ticker) {
        this.inner = inner;
        this.metrics = metrics;
        this.ticker = ticker;
    }

    @Override
    public SpeechAudio synthesize(SpeechRequest request, CallHandle handle) {
        long begun = ticker.nanos();
        metrics.callBegan();
        String status = "failed";
        SpeechAudio audio = null;
        try {
            audio = inner.synthesize(request, handle);
            metrics.charged(request);
        } catch (SpeechException e) {
            status = handle.isAborted() ? ABORTED : Metrics.word(e.failure().kind());
            throw e;
        } finally {
            if (audio == null) {
                ended(status, begun);
            }
        }
        InputStream body = new Body(audio.body(), handle, begun);
        return new SpeechAudio(body, audio.hints(), audio::usage);
    }

    private void ended(String status, long begun) {
        metrics.callEnded(status, Duration.ofNanos(ticker.nanos() - begun));
    }

    @Override
    public String account() {
        return inner.account();
    }

    @Override
    public String family() {
        return inner.family();
    }

    /** Sees whether the answer came to its end. For one thread. */
    private final class Body extends FilterInputStream {

        private final CallHandle handle;
        private final long begun;
        private String status = CUT;
        private boolean closed;

        Body(InputStream in, CallHandle handle, long begun) {
            super(in);
            this.handle = handle;
            this.begun = begun;
        }

        @Override
        public int read() throws IOException {
            try {
                return seen(super.read());
            } catch (SpeechException e) {
                status = Metrics.word(e.failure().kind());
                throw e;
            }
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            try {
                return seen(super.read(bytes, from, length));
            } catch (SpeechException e) {
                status = Metrics.word(e.failure().kind());
                throw e;
            }
        }

        private int seen(int read) {
            if (read < 0) {
                status = "ok";
            }
            return read;
        }

        @Override
        public void close() throws IOException {
            if (!closed) {
                closed = true;
                ended(status.equals(CUT) && handle.isAborted() ? ABORTED : status, begun);
            }
            super.close();
        }
    }
}
