package dev.ttsjobs.simulation;

/** What may go wrong in a run. */
enum Fault {
    /** A process dies before or after any effect; another one starts in its place. */
    CRASH,
    /** A process stands still for 5 to 120 s and goes on as if nothing had happened. */
    PAUSE,
    /** A queue call fails and has changed nothing. */
    QUEUE_BEFORE,
    /** A queue call fails though it was committed. */
    QUEUE_AFTER,
    /** A sleep takes longer than was asked for. */
    OVERSLEEP,
    /** A wake-up is lost, or comes twice. */
    SIGNALS,
    /** A client's or a process's own clock is wrong by minutes, or jumps. */
    SKEW,
    /** 429, with or without a time to wait. */
    RATE_LIMITED,
    /** 500. */
    SERVER_ERROR,
    /** No answer within the deadline, though the provider has done the work. */
    TIMEOUT,
    /** The answer stalls for up to 100 s and then comes. */
    STALL,
    /** The connection breaks in the audio. */
    CUT,
    /** Audio that ends within a frame. */
    TRUNCATED,
    /** A page instead of audio, with status 200. */
    HTML,
    /** The text is refused. */
    REJECTED,
    /** For some minutes the account has no credit. */
    QUOTA,
    /** For some minutes the provider is down. */
    OUTAGE,
    /** Looking into the storage fails. */
    STORAGE_FIND,
    /** A file is not stored, and the call says so. */
    PUT_BEFORE,
    /** A file is stored, and the call fails. */
    PUT_AFTER,
    /** For some minutes the storage takes nothing. */
    STORAGE_FULL,
    /** Audio lies in the storage that the queue knows nothing of. */
    FOUND_AUDIO,
    /** The host's handler of events fails, or will not have one at all. */
    HANDLER
}
