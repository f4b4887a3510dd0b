package dev.ttsjobs.examples.spring;

import dev.ttsjobs.event.JobListener;
import dev.ttsjobs.queue.JobQueue;
import dev.ttsjobs.speech.SpeechSynthesizer;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.worker.SpeechWorker;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * The worker: begins when everything else is ready, and ends before anything else goes. What it still held then goes back
 * into the queue.
 */
@Component
class WorkerLifecycle implements SmartLifecycle {

    private final JobQueue queue;
    private final AudioStorage storage;
    private final SpeechSynthesizer synthesizer;
    private final JobListener listener;
    private final SpeechProperties tts;

    private @Nullable SpeechWorker worker;

    WorkerLifecycle(
            JobQueue queue,
            AudioStorage storage,
            SpeechSynthesizer synthesizer,
            JobListener listener,
            SpeechProperties tts) {
        this.queue = queue;
        this.storage = storage;
        this.synthesizer = synthesizer;
        this.listener = listener;
        this.tts = tts;
    }

    @Override
    public boolean isAutoStartup() {
        return tts.worker();
    }

    @Override
    public synchronized void start() {
        if (worker == null) {
            worker = SpeechWorker.builder(queue, storage, synthesizer)
                    .limit(tts.limit())
                    .pollInterval(tts.pollInterval())
                    .listener(listener)
                    .build()
                    .start();
        }
    }

    @Override
    public synchronized void stop() {
        if (worker != null) {
            worker.close(tts.grace());
            worker = null;
        }
    }

    @Override
    public synchronized boolean isRunning() {
        return worker != null;
    }
}
