package dev.ttsjobs.examples.spring;

import dev.ttsjobs.limit.RateLimit;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What {@code tts.*} says. Does not print the key.
 *
 * @param apiKey the provider's key; blank for none
 * @param baseUrl an OpenAI-compatible server; null for the provider itself
 * @param audioFolder where the audio goes
 * @param audioUrl where listeners fetch it from
 * @param requestsPerMinute how fast the account may be called, by all processes together
 * @param pollInterval how often to look for jobs; on PostgreSQL workers are woken as well
 * @param grace how long calls under way may take to end when the application stops
 * @param worker whether this process works, too
 */
@ConfigurationProperties("tts")
record SpeechProperties(
        @DefaultValue("") String apiKey,
        @Nullable URI baseUrl,
        @DefaultValue("./cards-audio") Path audioFolder,
        @DefaultValue("http://localhost:8080/audio") URI audioUrl,
        @DefaultValue("120") double requestsPerMinute,
        @DefaultValue("1s") Duration pollInterval,
        @DefaultValue("25s") Duration grace,
        @DefaultValue("true") boolean worker) {

    SpeechProperties {
        if (grace.isNegative()) {
            throw new IllegalArgumentException("tts.grace must not be negative");
        }
    }

    RateLimit limit() {
        return RateLimit.perMinute(requestsPerMinute);
    }

    @Override
    public String toString() {
        return "SpeechProperties[" + audioFolder + ", " + requestsPerMinute + " requests a minute]";
    }
}
