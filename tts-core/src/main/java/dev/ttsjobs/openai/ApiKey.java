package dev.ttsjobs.openai;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * A provider's secret key. Nothing prints it: {@link #toString()} is {@code ***}, and only this package can read it.
 * Immutable and thread-safe.
 */
public final class ApiKey {

    private final String secret;

    private ApiKey(String secret) {
        this.secret = secret;
    }

    /**
     * That key.
     *
     * @param secret printable ASCII without spaces
     * @throws IllegalArgumentException when it is empty or holds anything that cannot stand in a header, such as the line
     *     break at the end of a file; the message does not show it
     */
    public static ApiKey of(String secret) {
        requireHeaderText(secret, "the API key");
        return new ApiKey(secret);
    }

    static void requireHeaderText(String value, String what) {
        if (value.isEmpty() || !value.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new IllegalArgumentException(
                    what + " must be printable ASCII without spaces or line breaks; remove them where it is read from");
        }
    }

    String reveal() {
        return secret;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ApiKey key
                && MessageDigest.isEqual(
                        secret.getBytes(StandardCharsets.US_ASCII), key.secret.getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public int hashCode() {
        return secret.hashCode();
    }

    /** Always {@code ***}. */
    @Override
    public String toString() {
        return "***";
    }
}
