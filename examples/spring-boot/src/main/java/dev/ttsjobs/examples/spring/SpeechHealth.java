package dev.ttsjobs.examples.spring;

import dev.ttsjobs.limit.RateLimiter;
import dev.ttsjobs.queue.JobQueue;
import dev.ttsjobs.speech.SpeechSynthesizer;
import dev.ttsjobs.storage.AudioStorage;
import org.springframework.boot.actuate.health.AbstractHealthIndicator;
import org.springframework.boot.actuate.health.Health;
import org.springframework.stereotype.Component;

/**
 * How speech is: down when queue or storage cannot be used. A paused account is said, and no reason to restart anything:
 * its work waits.
 */
@Component
class SpeechHealth extends AbstractHealthIndicator {

    private final JobQueue queue;
    private final AudioStorage storage;
    private final SpeechSynthesizer synthesizer;
    private final SpeechProperties tts;

    SpeechHealth(JobQueue queue, AudioStorage storage, SpeechSynthesizer synthesizer, SpeechProperties tts) {
        super("speech cannot be used");
        this.queue = queue;
        this.storage = storage;
        this.synthesizer = synthesizer;
        this.tts = tts;
    }

    @Override
    protected void doHealthCheck(Health.Builder health) {
        storage.check();
        RateLimiter account = queue.limiter(synthesizer.account(), tts.limit());
        health.up()
                .withDetail("queued", queue.depth().queued())
                .withDetail(
                        "account",
                        account.pause()
                                .map(pause -> "paused: " + pause.failure().code())
                                .orElse("usable"));
    }
}
