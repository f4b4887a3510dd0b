package dev.ttsjobs.worker;

import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Tells a text that is refused as if the account were at fault from an account that is: a filter between us and the
 * provider may answer a single text with 401, 403 or 503. A clip that fails so again, although others were answered since
 * it last did, is the trouble itself. Once that is known of a code, any clip that meets it straight after a success is
 * suspected; a real outage shows by the next failure without a success in between.
 *
 * <p>An empty purse is never put on a text. Remembers the last 1,000 failures of this process. Thread-safe.
 */
final class Suspects {

    private static final int REMEMBERED = 1_000;

    /** Stands for a clip that stays the trouble until it is answered, also when no other is left to show it. */
    private static final long PROVEN = -1;

    private long answered;
    /** How many calls had been answered when a clip last failed as if the account were at fault. */
    private final Map<ClipKey, Long> failedAt = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ClipKey, Long> eldest) {
            return size() > REMEMBERED;
        }
    };

    /** By code: how many calls had been answered when it was last met, for codes that have been put on a text. */
    private final Map<String, Long> codes = new HashMap<>();

    /** A call brought audio. */
    synchronized void answered(ClipKey key) {
        answered++;
        failedAt.remove(key);
    }

    /** The failure as it is to be treated: the account's, or this clip's alone. */
    synchronized Failure judge(ClipKey key, Failure failure) {
        if (!failure.kind().pausesAccount() || failure.kind() == FailureKind.QUOTA_EXHAUSTED) {
            return failure;
        }
        Long before = failedAt.get(key);
        boolean itself = before != null && before < answered;
        failedAt.put(key, itself ? PROVEN : answered);
        Long ofCode = codes.get(failure.code());
        boolean another = ofCode != null && ofCode < answered;
        if (itself || ofCode != null) {
            codes.put(failure.code(), answered);
        }
        return itself || another
                ? new Failure(
                        FailureKind.SERVER,
                        failure.code(),
                        failure.message() + " (other texts are answered, so it may be this one)",
                        failure.retryAfter())
                : failure;
    }
}
