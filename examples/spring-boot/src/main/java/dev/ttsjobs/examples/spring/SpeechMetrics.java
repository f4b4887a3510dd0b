package dev.ttsjobs.examples.spring;

import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.event.JobListener;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.queue.JobQueue;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import org.springframework.stereotype.Component;

/** What this process makes, as figures. No tag names a user, a job or a text. */
@Component
class SpeechMetrics implements JobListener {

    private final MeterRegistry registry;

    SpeechMetrics(MeterRegistry registry, JobQueue queue) {
        this.registry = registry;
        Gauge.builder("tts.queue.queued", queue, each -> each.depth().queued())
                .description("Clips that wait")
                .register(registry);
    }

    @Override
    public void clipMade(ClipKey key, boolean paid) {
        registry.counter("tts.clips.made", "paid", Boolean.toString(paid)).increment();
    }

    @Override
    public void clipFailed(ClipKey key, Failure failure, boolean givenUp) {
        String kind = failure.kind().name().toLowerCase(Locale.ROOT);
        registry.counter("tts.clips.failed", "kind", kind, "given_up", Boolean.toString(givenUp))
                .increment();
    }

    @Override
    public void jobEnded(JobId id) {
        registry.counter("tts.jobs.ended").increment();
    }
}
