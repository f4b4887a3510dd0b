package dev.ttsjobs.examples.voice;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How to start an {@link OfflineVoiceServer}. Cannot be changed; made by a {@link #builder()}. */
public final class VoiceServerOptions {

    /** What speaks. */
    public enum Engine {
        /** espeak-ng when it is on the path, else FreeTTS. */
        AUTO,
        /** The program espeak-ng, which knows many languages; starting fails without it. */
        ESPEAK,
        /** FreeTTS, in Java: everything in an American accent. */
        FREETTS,
        /** Tunes instead of speech, at next to no cost. */
        TONE
    }

    private final int port;
    private final Engine engine;
    private final @Nullable String apiKey;
    private final Latency latency;
    private final RateLimit rateLimit;
    private final VoiceFaults faults;
    private final long seed;

    private VoiceServerOptions(Builder builder) {
        this.port = builder.port;
        this.engine = builder.engine;
        this.apiKey = builder.apiKey;
        this.latency = builder.latency;
        this.rateLimit = builder.rateLimit;
        this.faults = builder.faults;
        this.seed = builder.seed;
    }

    /** Starts from the defaults: any free port, engine {@link Engine#AUTO}, no key, no latency, no limit, no faults. */
    public static Builder builder() {
        return new Builder();
    }

    int port() {
        return port;
    }

    Engine engine() {
        return engine;
    }

    @Nullable
    String apiKey() {
        return apiKey;
    }

    Latency latency() {
        return latency;
    }

    RateLimit rateLimit() {
        return rateLimit;
    }

    VoiceFaults faults() {
        return faults;
    }

    long seed() {
        return seed;
    }

    /** Leaves the key out. */
    @Override
    public String toString() {
        return "VoiceServerOptions[port=" + port + ", engine=" + engine + ", latency=" + latency + ", rateLimit="
                + rateLimit + "]";
    }

    /** Collects the options; not safe for use by several threads. */
    public static final class Builder {

        private int port;
        private Engine engine = Engine.AUTO;
        private @Nullable String apiKey;
        private Latency latency = Latency.none();
        private RateLimit rateLimit = RateLimit.none();
        private VoiceFaults faults = VoiceFaults.none();
        private long seed = 1;

        private Builder() {}

        /**
         * The port on 127.0.0.1.
         *
         * @param newPort 0 for any free one, which is the default
         * @throws IllegalArgumentException when it is no port
         */
        public Builder port(int newPort) {
            if (newPort < 0 || newPort > 65_535) {
                throw new IllegalArgumentException("A port is from 0 to 65535");
            }
            port = newPort;
            return this;
        }

        /** What speaks. */
        public Builder engine(Engine newEngine) {
            engine = Objects.requireNonNull(newEngine);
            return this;
        }

        /**
         * The bearer key that calls must show; without one, any call is served.
         *
         * @throws IllegalArgumentException when it is blank
         */
        public Builder apiKey(String key) {
            if (key.isBlank()) {
                throw new IllegalArgumentException("A key is not blank");
            }
            apiKey = key;
            return this;
        }

        /** How long answers take. */
        public Builder latency(Latency newLatency) {
            latency = Objects.requireNonNull(newLatency);
            return this;
        }

        /** How much the server takes. */
        public Builder rateLimit(RateLimit limit) {
            rateLimit = Objects.requireNonNull(limit);
            return this;
        }

        /** What goes wrong from the start; {@link OfflineVoiceServer#faults} changes it later. */
        public Builder faults(VoiceFaults newFaults) {
            faults = Objects.requireNonNull(newFaults);
            return this;
        }

        /** Where the chances of faults start from; the same seed gives the same chances. The default is 1. */
        public Builder seed(long newSeed) {
            seed = newSeed;
            return this;
        }

        /** Makes the options. */
        public VoiceServerOptions build() {
            return new VoiceServerOptions(this);
        }
    }
}
