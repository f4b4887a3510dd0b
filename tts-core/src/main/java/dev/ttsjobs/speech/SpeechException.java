package dev.ttsjobs.speech;

import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.TtsException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A call to a speech provider did not bring audio. {@link #failure()} says why, classified. */
public class SpeechException extends TtsException {

    private static final long serialVersionUID = 1L;

    private final transient Failure failure;
    private final transient ProviderHints hints;

    public SpeechException(Failure failure, ProviderHints hints, @Nullable Throwable cause) {
        super(failure.code() + ": " + failure.message(), cause);
        this.failure = Objects.requireNonNull(failure, "failure");
        this.hints = Objects.requireNonNull(hints, "hints");
    }

    public SpeechException(Failure failure) {
        this(failure, ProviderHints.NONE, null);
    }

    public Failure failure() {
        return failure;
    }

    /** What the provider said of its limits in the same answer. */
    public ProviderHints hints() {
        return hints;
    }
}
