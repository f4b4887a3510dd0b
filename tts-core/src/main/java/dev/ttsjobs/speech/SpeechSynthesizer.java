package dev.ttsjobs.speech;

/**
 * Turns one text into audio by one call to a provider. Implementations are thread-safe, make exactly one request for
 * each call (no retry and no redirect of their own), and never block longer than their stated deadlines.
 */
public interface SpeechSynthesizer extends AutoCloseable {

    /**
     * Makes the call and returns as soon as the audio begins to arrive.
     *
     * @param handle cuts the exchange when it is aborted; the call then throws {@link SpeechException}
     * @throws SpeechException when no audio comes, with the reason classified
     */
    SpeechAudio synthesize(SpeechRequest request, CallHandle handle);

    /**
     * Names what a limit or an empty purse applies to: equal for synthesizers that share one. At most 100 characters of
     * {@code [A-Za-z0-9._:/-]}; never holds a key.
     */
    String account();

    /**
     * Names the family of endpoints whose audio is interchangeable; part of every clip key, so
     * that another provider's audio is never taken for this one's. {@code openai} for the API and its proxies.
     */
    String family();

    /** Gives connections back. Calls under way may fail. */
    @Override
    default void close() {}
}
