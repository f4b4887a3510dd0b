package dev.ttsjobs.speech;

import org.jspecify.annotations.Nullable;

/**
 * What a provider's answer says beside the audio. Each part is null when it was not said. Immutable and thread-safe.
 *
 * @param requestsPerMinute the account's limit of requests a minute
 * @param requestsRemaining how many of them are left now
 * @param tokensPerMinute the account's limit of tokens a minute
 * @param tokensRemaining how many of them are left now
 * @param requestId the provider's name for the call, for its support
 */
public record ProviderHints(
        @Nullable Long requestsPerMinute,
        @Nullable Long requestsRemaining,
        @Nullable Long tokensPerMinute,
        @Nullable Long tokensRemaining,
        @Nullable String requestId) {

    /** Nothing was said. */
    public static final ProviderHints NONE = new ProviderHints(null, null, null, null, null);
}
