package dev.ttsjobs.examples.benchmark;

import dev.ttsjobs.audio.AudioFacts;
import dev.ttsjobs.audio.AudioInspector;
import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.limit.LimiterState;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.speech.AudioFormat;
import dev.ttsjobs.speech.SpeechRequest;
import dev.ttsjobs.speech.SpeechSynthesizer.CallHandle;
import dev.ttsjobs.speech.Voice;
import dev.ttsjobs.testing.ScriptedSynthesizer;
import dev.ttsjobs.text.TextSplitter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What a clip costs in arithmetic: its key, the walk over its frames, its time slot, the cuts in a long text. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PureParts {

    private static final Voice VOICE = Voice.of("alloy");
    private static final String SENTENCE = "Where is the nearest railway station, please? ";

    private final TextSplitter splitter = new TextSplitter(TextSplitter.MAX_CHARACTERS, TextSplitter.MAX_TOKENS);
    private final RateLimit limit = RateLimit.perMinute(500).withTokensPerMinute(100_000.0);
    private final LimiterState fresh = LimiterState.fresh();
    private final Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private String book = "";
    private byte[] minute = {};

    /** A minute of audio and 100,000 characters of text. */
    @Setup
    public void prepare() throws IOException {
        book = SENTENCE.repeat(100_000 / SENTENCE.length());
        SpeechRequest request = new SpeechRequest(SENTENCE.repeat(20), VOICE);
        try (var audio = new ScriptedSynthesizer().synthesize(request, new CallHandle())) {
            minute = audio.body().readAllBytes();
        }
    }

    /** The key of one sentence. */
    @Benchmark
    public ClipKey key() {
        return ClipKey.of("openai", VOICE, SENTENCE);
    }

    /** Every frame of about a minute of MP3 checked, measured and hashed. */
    @Benchmark
    public AudioFacts mp3Walk() throws IOException {
        return AudioInspector.inspect(new ByteArrayInputStream(minute), AudioFormat.MP3);
    }

    /** Time slots for eight clips. */
    @Benchmark
    public LimiterState.Granted limiter() {
        return fresh.reserve(now, limit, List.of(20, 20, 20, 20, 20, 20, 20, 20));
    }

    /** 100,000 characters cut into parts. */
    @Benchmark
    public List<String> splitter() {
        return splitter.split(book, Locale.ENGLISH);
    }
}
