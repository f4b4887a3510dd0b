package dev.ttsjobs.examples.voice;

import java.io.IOException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs the server by itself until it is stopped. */
@Command(
        name = "offline-voice",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Serves OpenAI's POST /v1/audio/speech on 127.0.0.1 and really speaks. A key that calls must show"
                + " is read from the environment variable OFFLINE_VOICE_KEY.")
public final class OfflineVoice implements Callable<Integer> {

    private static final String DEFAULT = " Default: ${DEFAULT-VALUE}.";

    @Option(names = "--port", defaultValue = "8765", description = "The port; 0 for any free one." + DEFAULT)
    private int port;

    @Option(names = "--engine", defaultValue = "auto", description = "One of auto, espeak, freetts, tone." + DEFAULT)
    private String engine = "auto";

    @Option(names = "--latency-ms", defaultValue = "0", description = "How long every answer takes." + DEFAULT)
    private long latencyMillis;

    @Option(names = "--character-us", defaultValue = "0", description = "Microseconds more per character." + DEFAULT)
    private long characterMicros;

    @Option(names = "--rpm", defaultValue = "0", description = "Calls a minute; 0 for no limit." + DEFAULT)
    private int requestsPerMinute;

    @Option(names = "--burst", defaultValue = "0", description = "Calls at once; 0 for a whole minute's." + DEFAULT)
    private int burst;

    @Option(names = "--tpm", defaultValue = "0", description = "Input tokens a minute; 0 for no limit." + DEFAULT)
    private int tokensPerMinute;

    @Option(names = "--fault", description = "How likely a fault is: rate_limit=0.3. May be given more than once.")
    private @Nullable Map<String, Double> faults;

    @Option(names = "--seed", defaultValue = "1", description = "Where chance starts from." + DEFAULT)
    private long seed;

    /** Starts the server; for the arguments, see {@code --help}. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new OfflineVoice()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        try (OfflineVoiceServer server = OfflineVoiceServer.start(options(System.getenv("OFFLINE_VOICE_KEY")))) {
            System.out.println("Base URL: " + server.baseUrl());
            System.out.println("Voice: " + server.voice());
            System.out.flush();
            // For ever: a signal ends the program.
            new CountDownLatch(1).await();
            return 0;
        }
    }

    VoiceServerOptions options(@Nullable String key) {
        Map<FaultKind, Double> odds = new EnumMap<>(FaultKind.class);
        if (faults != null) {
            faults.forEach((name, chance) -> odds.put(
                    FaultKind.named(name).orElseThrow(() -> new IllegalArgumentException("There is no such fault")),
                    chance));
        }
        int atOnce = burst > 0 ? burst : Math.max(1, requestsPerMinute);
        VoiceServerOptions.Builder options = VoiceServerOptions.builder()
                .port(port)
                .engine(VoiceServerOptions.Engine.valueOf(engine.toUpperCase(Locale.ROOT)))
                .latency(new Latency(
                        Duration.ofMillis(latencyMillis), Duration.ofNanos(Math.multiplyExact(characterMicros, 1000))))
                .rateLimit(new RateLimit(requestsPerMinute, atOnce, tokensPerMinute))
                .faults(VoiceFaults.odds(odds))
                .seed(seed);
        if (key != null && !key.isBlank()) {
            options.apiKey(key);
        }
        return options.build();
    }
}
