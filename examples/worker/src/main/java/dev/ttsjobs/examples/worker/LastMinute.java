package dev.ttsjobs.examples.worker;

import dev.ttsjobs.time.Ticker;

/** Counts what happened in the last minute, to the second. Thread-safe. */
final class LastMinute {

    private static final int SECONDS = 60;

    private final Ticker ticker;
    private final int[] counts = new int[SECONDS];
    /** The newest second that is counted. */
    private long newest;

    LastMinute(Ticker ticker) {
        this.ticker = ticker;
        newest = second();
    }

    synchronized void add() {
        forgetOld();
        counts[place(newest)]++;
    }

    synchronized int sum() {
        forgetOld();
        int sum = 0;
        for (int count : counts) {
            sum += count;
        }
        return sum;
    }

    private void forgetOld() {
        long now = second();
        for (long each = Math.max(newest + 1, now - SECONDS + 1); each <= now; each++) {
            counts[place(each)] = 0;
        }
        newest = Math.max(newest, now);
    }

    private static int place(long second) {
        return (int) Math.floorMod(second, (long) SECONDS);
    }

    private long second() {
        return Math.floorDiv(ticker.nanos(), 1_000_000_000L);
    }
}
