package dev.ttsjobs.queue.jdbc;

import dev.ttsjobs.failure.TtsException;
import org.jspecify.annotations.Nullable;

/** The database of the queue cannot be used. The message says what to do, and holds no password. */
public final class QueueException extends TtsException {

    private static final long serialVersionUID = 1L;

    public QueueException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
