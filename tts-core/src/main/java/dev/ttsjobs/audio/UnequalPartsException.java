package dev.ttsjobs.audio;

import dev.ttsjobs.failure.TtsException;

/** Two parts differ in what all of one file must share. */
final class UnequalPartsException extends TtsException {

    private static final long serialVersionUID = 1L;

    UnequalPartsException(String message) {
        super(message);
    }
}
