package dev.ttsjobs.queue;

/** Where a clip stands in the queue. */
enum ClipState {
    /** Waits for a worker, perhaps until a time (a retry). */
    QUEUED,
    /** A worker has it. */
    LEASED,
    /** A long text whose parts are still being made. */
    WAITING,
    /** Its audio is stored. */
    DONE,
    /** Given up; queued again when somebody asks for it again. */
    FAILED,
    /** No job wants it any longer, and it was never made; queued again when somebody asks for it. */
    WITHDRAWN
}
