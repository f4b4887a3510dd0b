package dev.ttsjobs.webhook;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Signs webhooks, and checks the signatures of received ones, with HMAC-SHA256 as Standard Webhooks 1.0.0
 * (standardwebhooks.com) says. With several secrets each signs, so that a receiver may change from one to the next at any
 * moment; and the signature of any is good. Immutable and thread-safe; shows no secret.
 */
public final class WebhookSigner {

    /** How old, or how far ahead of the receiver's clock, a message may be. */
    public static final Duration TOLERANCE = Duration.ofMinutes(5);

    private static final String ID = "webhook-id";
    private static final String TIMESTAMP = "webhook-timestamp";
    private static final String SIGNATURE = "webhook-signature";
    private static final String PREFIX = "whsec_";
    private static final String VERSION = "v1,";
    private static final String ALGORITHM = "HmacSHA256";

    private final List<SecretKeySpec> keys;

    private WebhookSigner(List<SecretKeySpec> keys) {
        this.keys = keys;
    }

    /**
     * A signer with these secrets, at least one.
     *
     * @param secrets each {@code whsec_} and 24 to 64 bytes in Base64
     * @throws IllegalArgumentException when there is none, or one is none; the message does not show it
     */
    public static WebhookSigner of(List<String> secrets) {
        if (secrets.isEmpty()) {
            throw new IllegalArgumentException("there is no secret to sign with");
        }
        return new WebhookSigner(secrets.stream().map(WebhookSigner::key).toList());
    }

    /** A signer with one secret; see {@link #of(List)}. */
    public static WebhookSigner of(String secret) {
        return of(List.of(secret));
    }

    private static SecretKeySpec key(String secret) {
        byte[] bytes = {};
        if (secret.startsWith(PREFIX)) {
            try {
                bytes = Base64.getDecoder().decode(secret.substring(PREFIX.length()));
            } catch (IllegalArgumentException e) {
                // Said below: the decoder's own words would show a part of the secret.
            }
        }
        if (bytes.length < 24 || bytes.length > 64) {
            throw new IllegalArgumentException("must be whsec_ and 24 to 64 bytes in Base64");
        }
        return new SecretKeySpec(bytes, ALGORITHM);
    }

    /**
     * The three headers that go with a message.
     *
     * @param id names the message, the same at every attempt; without a full stop
     * @param at when this attempt is made
     * @param body the bytes exactly as they are sent
     * @throws IllegalArgumentException when the id is empty or holds a full stop, a space or a control character
     */
    public Map<String, String> headers(String id, Instant at, byte[] body) {
        if (!isName(id)) {
            throw new IllegalArgumentException("the id of a webhook is visible ASCII without a full stop");
        }
        String timestamp = Long.toString(at.getEpochSecond());
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put(ID, id);
        headers.put(TIMESTAMP, timestamp);
        headers.put(
                SIGNATURE,
                signatures(id, timestamp, body).stream()
                        .map(mac -> VERSION + Base64.getEncoder().encodeToString(mac))
                        .collect(Collectors.joining(" ")));
        return headers;
    }

    /**
     * What is wrong with a received message; empty when it is genuine and no more than {@link #TOLERANCE} old. A genuine
     * message may still come twice: its {@code webhook-id} tells.
     *
     * @param header gives a header of the request by its lower-case name; null when it is not there
     * @param body the bytes exactly as they came
     * @param now the time by the receiver's clock
     */
    public Optional<String> problem(Function<String, @Nullable String> header, byte[] body, Instant now) {
        String id = header.apply(ID);
        String timestamp = header.apply(TIMESTAMP);
        String signature = header.apply(SIGNATURE);
        if (id == null || timestamp == null || signature == null) {
            return Optional.of("a webhook has the headers " + ID + ", " + TIMESTAMP + " and " + SIGNATURE);
        }
        if (!isName(id) || !timestamp.matches("[0-9]{1,11}")) {
            return Optional.of("the id or the timestamp is none");
        }
        Duration age = Duration.between(Instant.ofEpochSecond(Long.parseLong(timestamp)), now);
        if (age.abs().compareTo(TOLERANCE) > 0) {
            return Optional.of(age.isNegative() ? "it is from the future" : "it is too old");
        }
        return isSigned(signature, signatures(id, timestamp, body))
                ? Optional.empty()
                : Optional.of("no signature is the right one");
    }

    private static boolean isSigned(String header, List<byte[]> expected) {
        boolean signed = false;
        for (String each : header.split(" ")) {
            byte[] given = each.startsWith(VERSION) ? decoded(each.substring(VERSION.length())) : new byte[0];
            for (byte[] one : expected) {
                signed |= MessageDigest.isEqual(one, given);
            }
        }
        return signed;
    }

    private static byte[] decoded(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            return new byte[0];
        }
    }

    private static boolean isName(String id) {
        return !id.isEmpty() && id.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '.');
    }

    private List<byte[]> signatures(String id, String timestamp, byte[] body) {
        byte[] head = (id + "." + timestamp + ".").getBytes(StandardCharsets.US_ASCII);
        List<byte[]> macs = new ArrayList<>(keys.size());
        for (SecretKeySpec key : keys) {
            try {
                Mac mac = Mac.getInstance(ALGORITHM);
                mac.init(key);
                mac.update(head);
                macs.add(mac.doFinal(body));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("every Java has " + ALGORITHM, e);
            }
        }
        return macs;
    }

    @Override
    public String toString() {
        return "WebhookSigner[" + keys.size() + (keys.size() == 1 ? " secret]" : " secrets]");
    }
}
