package dev.ttsjobs.examples.worker;

import dev.ttsjobs.event.JobListener;
import dev.ttsjobs.failure.TtsException;
import dev.ttsjobs.worker.SpeechWorker;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does nothing but make audio and tell of it by webhooks, on the same database and storage as the server, until it is told to stop. */
public final class WorkerMain {

    /** How long calls under way may take to end; a little less than what container platforms wait before they kill. */
    private static final Duration GRACE = Duration.ofSeconds(25);

    private WorkerMain() {}

    /** Starts the worker; settings are environment variables, the same as the server's. */
    public static void main(String[] arguments) throws InterruptedException {
        try {
            run(Settings.from(System.getenv()));
        } catch (SettingsException e) {
            System.err.println(e.getMessage());
            System.exit(2);
        }
    }

    /** Lets calls under way end, within the grace, and gives back the rest. */
    public static void stop(SpeechWorker worker) {
        try {
            worker.close(GRACE);
        } catch (TtsException e) {
            // The database is gone before us. What was held goes back by itself when the lease runs out.
            LoggerFactory.getLogger(WorkerMain.class).warn("stopped without saying so: {}", e.toString());
        }
    }

    private static void run(Settings settings) throws InterruptedException {
        Logger log = LoggerFactory.getLogger(WorkerMain.class);
        Workshop workshop = Workshop.open(settings);
        SpeechWorker worker = workshop.startWorker(new JobListener() {});
        Optional<Webhooks> webhooks = workshop.startWebhooks(attempt -> {});
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            log.info("stopping: calls under way are let end");
            stop(worker);
            webhooks.ifPresent(Webhooks::close);
            workshop.close();
            log.info("stopped");
        }));
        log.info("working; speaking: {}", workshop.voice());
        // For ever: a signal ends the program.
        new CountDownLatch(1).await();
    }
}
