package dev.ttsjobs.audio;

import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.failure.TtsException;

/**
 * Bytes that should be one whole audio file are not. {@link #failure()} is of kind {@link FailureKind#BAD_AUDIO} and has
 * one of the codes below; the message never quotes the bytes.
 */
public class BadAudioException extends TtsException {

    /** There is nothing to hear: no byte at all, or tags and headers without a sample. */
    public static final String EMPTY = "empty_audio";
    /** A page, an error message or something unknown stands in the place of audio. */
    public static final String NOT_AUDIO = "not_audio";
    /** The end is missing. */
    public static final String TRUNCATED = "truncated_audio";
    /** It is audio, but not of the format that was asked for. */
    public static final String UNEXPECTED_FORMAT = "unexpected_format";
    /** The format is right, but something in the middle is broken. */
    public static final String DAMAGED = "damaged_audio";

    /** It is whole as a file, but far too short for its text; see {@link AudioInspector#tooShort}. */
    public static final String TOO_SHORT = "audio_too_short";

    private static final long serialVersionUID = 1L;

    private final transient Failure failure;

    BadAudioException(String code, String message) {
        super(message);
        this.failure = Failure.of(FailureKind.BAD_AUDIO, code, message);
    }

    /** What is wrong, in the form that is stored and shown. */
    public Failure failure() {
        return failure;
    }

    static BadAudioException empty(String what) {
        return new BadAudioException(EMPTY, "there is no audio: " + what);
    }

    static BadAudioException notAudio(String what) {
        return new BadAudioException(NOT_AUDIO, "this is not audio: " + what);
    }

    static BadAudioException truncated(String what) {
        return new BadAudioException(TRUNCATED, "the end of the audio is missing: " + what);
    }

    static BadAudioException damaged(String what) {
        return new BadAudioException(DAMAGED, "the audio is damaged: " + what);
    }
}
