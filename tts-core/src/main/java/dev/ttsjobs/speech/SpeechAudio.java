package dev.ttsjobs.speech;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Audio on its way from a provider. The body is a stream that is read once, by one thread; close it in every case.
 *
 * <p>Reading the body throws {@link SpeechException}, or an {@link IOException}, when the connection
 * breaks: bytes that were read before are then not the whole.
 */
public final class SpeechAudio implements AutoCloseable {

    private final InputStream body;
    private final ProviderHints hints;
    private final Supplier<Optional<TokenUsage>> usage;

    public SpeechAudio(InputStream body, ProviderHints hints) {
        this(body, hints, Optional::empty);
    }

    /** @param usage is asked after the end of the body, in the thread that read it */
    public SpeechAudio(InputStream body, ProviderHints hints, Supplier<Optional<TokenUsage>> usage) {
        this.body = Objects.requireNonNull(body, "body");
        this.hints = Objects.requireNonNull(hints, "hints");
        this.usage = Objects.requireNonNull(usage, "usage");
    }

    public InputStream body() {
        return body;
    }

    public ProviderHints hints() {
        return hints;
    }

    /** What the call cost, once the body has been read to its end; empty before, and when the provider did not say. */
    public Optional<TokenUsage> usage() {
        return usage.get();
    }

    /** Gives the connection back, or cuts it when the body was not read to its end. */
    @Override
    public void close() {
        try {
            body.close();
        } catch (IOException e) {
            // The caller has what it wants, or has already seen why not.
        }
    }
}
