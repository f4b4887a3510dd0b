package dev.ttsjobs.storage;

import dev.ttsjobs.failure.TtsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
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

    /**
     * What a disk that refused has to say, as the kind of exception that it is.
     *
     * @param place where on the disk
     */
    public static StorageException ofDisk(String message, Path place, IOException e) {
        return Full.isReason(place, e) ? new Full(message, e) : new StorageException(message, e);
    }

    /** There is no room: what is smaller may fit, but a file that was refused will not, until somebody makes room. */
    public static final class Full extends StorageException {

        private static final long serialVersionUID = 1L;
        private static final List<String> WORDS = List.of("no space left", "quota exceeded", "not enough space");
        private static final long NEXT_TO_NOTHING = 4096;

        public Full(String message, @Nullable Throwable cause) {
            super(message, cause);
        }

        /** Whether a disk refuses for want of room: by its words, or, in other languages, by what is left of it. */
        public static boolean isReason(Path place, IOException e) {
            String words = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
            return WORDS.stream().anyMatch(words::contains) || isFull(place);
        }

        private static boolean isFull(Path place) {
            try {
                return Files.getFileStore(place).getUsableSpace() < NEXT_TO_NOTHING;
            } catch (IOException e) {
                return false;
            }
        }
    }

    /** What is under a name is no audio and never will be: an empty file, say. It may be deleted and stored again. */
    public static final class NoAudio extends StorageException {

        private static final long serialVersionUID = 1L;

        public NoAudio(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }
}
