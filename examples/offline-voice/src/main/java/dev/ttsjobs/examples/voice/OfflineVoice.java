package dev.ttsjobs.examples.voice;

import dev.ttsjobs.examples.voice.VoiceServerOptions.Engine;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumMap;
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
        sortOptions = false,
        description = "Serves OpenAI's POST /v1/audio/speech on 127.0.0.1 and really speaks. A key that calls must show"
                + " is read from the environment variable OFFLINE_VOICE_KEY.")
public final class OfflineVoice implements Callable<Integer> {

    private static final String DEFAULT = " Default: ${DEFAULT-VALUE}.";

    @Option(names = "--port", defaultValue = "8765", description = "The port; 0 for any free one." + DEFAULT)
    private int port;

    @Option(names = "--engine", defaultValue = "AUTO", description = "One of ${COMPLETION-CANDIDATES}." + DEFAULT)
    private Engine engine = Engine.AUTO;

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
    private Map<FaultKind, Double> faults = new EnumMap<>(FaultKind.class);

    @Option(names = "--seed", defaultValue = "1", description = "Where chance starts from." + DEFAULT)
    private long seed;

    @Option(names = "--help", usageHelp = true, description = "Shows this.")
    private boolean help;

    /** Starts the server; for the arguments, see {@code --help}. */
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new OfflineVoice())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((e, line, parsed) -> {
                    // A taken port, a missing program, a number out of range: the message says it, the trace does not.
                    line.getErr().println(e.getMessage());
                    return line.getCommandSpec().exitCodeOnExecutionException();
                });
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
        int atOnce = burst > 0 ? burst : Math.max(1, requestsPerMinute);
        VoiceServerOptions.Builder options = VoiceServerOptions.builder()
                .port(port)
                .engine(engine)
                .latency(new Latency(
                        Duration.ofMillis(latencyMillis), Duration.ofNanos(Math.multiplyExact(characterMicros, 1000))))
                .rateLimit(new RateLimit(requestsPerMinute, atOnce, tokensPerMinute))
                .faults(VoiceFaults.odds(faults))
                .seed(seed);
        if (key != null && !key.isBlank()) {
            options.apiKey(key);
        }
        return options.build();
    }
}
