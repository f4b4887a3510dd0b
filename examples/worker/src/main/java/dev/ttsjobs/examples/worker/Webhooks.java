package dev.ttsjobs.examples.worker;

import dev.ttsjobs.job.Job;
import dev.ttsjobs.queue.EventQueue;
import dev.ttsjobs.webhook.WebhookHandler;
import dev.ttsjobs.webhook.WebhookSigner;
import dev.ttsjobs.worker.EventWorker;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the addresses that users named of the ends of their jobs. Any number of processes may do so at once: each delivery
 * is one's at a time. Thread-safe.
 */
public final class Webhooks implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Webhooks.class);

    /** The attribute under which a job keeps where its end is to be told. */
    public static final String URL = "webhookUrl";

    /** The handler's name in the outbox. */
    public static final String HANDLER = "webhook";

    /** How long a delivery under way may take to end; one that is cut is made again. */
    private static final Duration GRACE = Duration.ofSeconds(4);

    private final EventWorker worker;
    private final WebhookHandler handler;

    private Webhooks(EventWorker worker, WebhookHandler handler) {
        this.worker = worker;
        this.handler = handler;
    }

    static Webhooks start(
            EventQueue events, WebhookSigner signer, Settings.Web web, Consumer<WebhookHandler.Attempt> attempts) {
        WebhookHandler handler = WebhookHandler.builder(signer, Webhooks::url)
                .guard(web.webhookGuard())
                .data(Webhooks::data)
                .onAttempt(attempt -> {
                    // The job and its request are named by the context.
                    log.info("webhook of event {}: {}", attempt.event().id(), attempt.outcome());
                    attempts.accept(attempt);
                })
                .build();
        // At once, so that the end of no job that is accepted from now on goes by.
        events.subscribe(handler.name());
        return new Webhooks(EventWorker.builder(events).handler(handler).build().start(), handler);
    }

    /** Where the end of a job is to be told; empty for nowhere. */
    public static Optional<String> url(Job job) {
        return Optional.ofNullable(job.details().attributes().get(URL));
    }

    private static Map<String, @Nullable Object> data(Job job) {
        Job.Progress progress = job.progress();
        Map<String, @Nullable Object> data = new LinkedHashMap<>();
        data.put("jobId", job.id().toString());
        data.put("deckId", job.details().reference());
        data.put("status", job.status().name().toLowerCase(Locale.ROOT));
        data.put("totalPhrases", progress.total());
        data.put("processedCount", progress.processed());
        data.put("failedCount", progress.failed());
        data.put("errorMessage", progress.errorMessage());
        data.put("statusUrl", "/api/tts/status/" + job.id());
        return data;
    }

    /** Lets deliveries under way end, for 4 s. */
    @Override
    public void close() {
        worker.close(GRACE);
        handler.close();
    }
}
