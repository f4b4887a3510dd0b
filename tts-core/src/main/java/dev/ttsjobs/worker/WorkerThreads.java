package dev.ttsjobs.worker;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/** Daemon threads: a worker never keeps a host from ending, for nothing is lost if it dies. */
final class WorkerThreads implements ThreadFactory {

    private final AtomicInteger count = new AtomicInteger();

    @Override
    public Thread newThread(Runnable work) {
        Thread thread = new Thread(work, "tts-worker-" + count.incrementAndGet());
        thread.setDaemon(true);
        return thread;
    }
}
