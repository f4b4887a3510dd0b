package dev.ttsjobs.examples.worker;

import org.jspecify.annotations.Nullable;

/** A setting cannot be used. The message is one line that names it and is fit for whoever starts the program. */
public final class SettingsException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public SettingsException(String message) {
        super(message);
    }

    /** The setting {@code name} led to a failure whose own message says more. */
    public SettingsException(String name, String what, @Nullable Throwable cause) {
        super(name + ": " + what + reason(cause), cause);
    }

    private static String reason(@Nullable Throwable cause) {
        if (cause == null) {
            return "";
        }
        String message = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return " (" + message.lines().findFirst().orElse("").strip() + ")";
    }
}
