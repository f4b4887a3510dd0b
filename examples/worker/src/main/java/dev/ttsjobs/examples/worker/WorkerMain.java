package dev.ttsjobs.examples.worker;

import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does nothing but make audio and tell of it by webhooks, on the same database and storage as the server, until it is told
 * to stop. How it is, it tells on a port of its own.
 */
public final class WorkerMain {

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

    private static void run(Settings settings) throws InterruptedException {
        Logger log = LoggerFactory.getLogger(WorkerMain.class);
        Workshop workshop = Workshop.open(settings);
        InstantSource clock = InstantSource.system();
        Health health = new Health(workshop, clock);
        Metrics metrics = new Metrics(workshop, health, clock);
        HealthPort port = HealthPort.open(settings, health, metrics);
        Shift shift = workshop.startShift(Crew.Kind.WORKER, metrics);
        Optional<Webhooks> webhooks = workshop.startWebhooks(metrics::attempted);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            log.info("stopping: calls under way are let end");
            shift.close();
            webhooks.ifPresent(Webhooks::close);
            // To the last, so that it can be seen how far the stop is.
            port.close();
            workshop.close();
            log.info("stopped");
        }));
        log.info("working; health on http://{}:{}; speaking: {}", settings.web().host(), port.port(), workshop.voice());
        // For ever: a signal ends the program.
        new CountDownLatch(1).await();
    }
}
