/** Texts become audio in bulk, as durable jobs in the host's own database: job model, worker, OpenAI client. */
module dev.ttsjobs {
    requires com.fasterxml.jackson.core;
    requires com.fasterxml.jackson.databind;
    requires transitive java.sql;
    requires transitive okhttp3;
    requires okio;
    requires static org.jspecify;
    requires org.slf4j;

    exports dev.ttsjobs;
    exports dev.ttsjobs.audio;
    exports dev.ttsjobs.clip;
    exports dev.ttsjobs.cost;
    exports dev.ttsjobs.event;
    exports dev.ttsjobs.failure;
    exports dev.ttsjobs.job;
    exports dev.ttsjobs.limit;
    exports dev.ttsjobs.openai;
    exports dev.ttsjobs.queue;
    exports dev.ttsjobs.retry;
    exports dev.ttsjobs.speech;
    exports dev.ttsjobs.storage;
    exports dev.ttsjobs.testing;
    exports dev.ttsjobs.text;
    exports dev.ttsjobs.time;
    exports dev.ttsjobs.upkeep;
    exports dev.ttsjobs.webhook;
    exports dev.ttsjobs.worker;
}
