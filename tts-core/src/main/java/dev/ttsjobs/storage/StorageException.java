package dev.ttsjobs.storage;

import dev.ttsjobs.failure.TtsException;
import org.jspecify.annotations.Nullable;

/** The audio storage could not do what was asked. The message says what to look at. */
public class StorageException extends TtsException {

    private static final long serialVersionUID = 1L;

    public StorageException(String message) {
        super(message);
    }

    public StorageException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** What is under a name is no audio and never will be: an empty file, say. It may be deleted and stored again. */
    public static final class NoAudio extends StorageException {

        private static final long serialVersionUID = 1L;

        public NoAudio(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }
}
