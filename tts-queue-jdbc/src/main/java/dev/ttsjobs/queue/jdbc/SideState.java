package dev.ttsjobs.queue.jdbc;

/** What has become of one text of a phrase in its job, whatever becomes of its clip later. */
final class SideState {

    static final int OPEN = 0;
    static final int MADE = 1;
    static final int CACHED = 2;
    static final int FAILED = 3;

    private SideState() {}
}
