package dev.ttsjobs.failure;

import org.jspecify.annotations.Nullable;

/** The base of everything this library throws on purpose. Unchecked; the message says what is wrong and what to do. */
public class TtsException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public TtsException(String message) {
        super(message);
    }

    public TtsException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
