package dev.ttsjobs.failure;

/**
 * What sort of failure a call or a clip met, decided once where it happened; everything later (retry, pause, report)
 * follows from it.
 */
public enum FailureKind {
    /** The provider asked for a slower pace. Costs no attempt; everybody on the account waits. */
    RATE_LIMITED(false, true),
    /** The account has no credit or reached a spending limit. Costs no attempt; the account is paused. */
    QUOTA_EXHAUSTED(false, true),
    /** The key, or what it may do, was refused. Costs no attempt; the account is paused. */
    KEY_REFUSED(false, true),
    /** The provider cannot be reached or says it is unavailable. Costs no attempt; the account is paused. */
    OUTAGE(false, true),
    /** The provider refused this text, voice or model. Final: the same request would be refused again. */
    REJECTED(true, false),
    /** The provider answered with something that is not whole audio of the wanted format. Tried again. */
    BAD_AUDIO(true, true),
    /** The connection broke or went silent in the middle of a call. Tried again. */
    TRANSPORT(true, true),
    /** The provider failed on this request (5xx). Tried again. */
    SERVER(true, true),
    /** The audio could not be stored. Costs no attempt: storage is ours, and nothing is bought until it works. */
    STORAGE(false, true),
    /** The host's own part in a completion failed. Costs no attempt: what was made is kept, and completed later. */
    HOST(false, true),
    /** Somebody paused the account by hand. Costs no attempt: nothing is called until it is resumed. */
    PAUSED(false, true),
    /**
     * The clip could not be made from its parts, what is stored of it is spoilt each time, workers die of it, or none can read
     * its row. Final until asked for again. Also what a kind is taken for that this version does not know.
     */
    UNAVAILABLE(true, false);

    private final boolean costsAttempt;
    private final boolean retryable;

    FailureKind(boolean costsAttempt, boolean retryable) {
        this.costsAttempt = costsAttempt;
        this.retryable = retryable;
    }

    /** Whether this failure uses up one of the clip's attempts. */
    public boolean costsAttempt() {
        return costsAttempt;
    }

    /** Whether the same request may succeed later. */
    public boolean retryable() {
        return retryable;
    }

    /** Whether the trouble lies with the account, not with the clip, so that no other call would fare better now. */
    public boolean pausesAccount() {
        return this == QUOTA_EXHAUSTED || this == KEY_REFUSED || this == OUTAGE;
    }
}
