package dev.ttsjobs.simulation;

import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.speech.ProviderHints;
import dev.ttsjobs.speech.SpeechAudio;
import dev.ttsjobs.speech.SpeechException;
import dev.ttsjobs.speech.SpeechRequest;
import dev.ttsjobs.speech.SpeechSynthesizer;
import dev.ttsjobs.testing.ScriptedSynthesizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** The provider as one life of a process sees it: no two takes of a text are alike, and not all are audio. */
final class FaultyProvider implements SpeechSynthesizer {

    /** The family of the clips that jobs want. */
    static final String FIRST = "openai";
    /** That of those who stand in. */
    static final String SECOND = "kokoro";

    private final Effects effects;
    private final World world;
    private final String family;

    /** @param family which is also its account */
    FaultyProvider(Effects effects, String family) {
        this.effects = effects;
        this.family = family;
        this.world = effects.world();
    }

    @Override
    public SpeechAudio synthesize(SpeechRequest request, CallHandle handle) {
        Scenario scenario = world.scenario;
        effects.pass(scenario.millis(1, 30));
        CallWatch.Call call = world.calls.started(effects, family, request);
        effects.trace("calls for", request.text());
        Failure failure = failure();
        if (failure != null) {
            call.failed();
            effects.pass(wait(failure, scenario));
            effects.trace("is answered", failure);
            throw new SpeechException(failure);
        }
        byte[] audio = take(request.text(), world.calls.count() % 3);
        InputStream body = new ByteArrayInputStream(audio);
        if (scenario.happens(Fault.CUT)) {
            call.failed();
            body = new SequenceInputStream(new ByteArrayInputStream(audio, 0, audio.length / 2), new Cut());
        } else if (scenario.happens(Fault.TRUNCATED)) {
            call.failed();
            body = new ByteArrayInputStream(audio, 0, audio.length - 1 - scenario.random.nextInt(190));
        } else if (scenario.happens(Fault.HTML)) {
            call.failed();
            body = new ByteArrayInputStream("<html><body>Log in</body></html>".getBytes(StandardCharsets.UTF_8));
        }
        boolean stalls = scenario.happens(Fault.STALL);
        effects.pass(stalls ? scenario.millis(5_000, 100_000) : scenario.millis(200, 1_500));
        effects.trace("hears", request.text());
        return new SpeechAudio(body, ProviderHints.NONE);
    }

    private Failure failure() {
        Scenario scenario = world.scenario;
        boolean first = family.equals(FIRST);
        if (first && world.spells.isOn(Fault.OUTAGE)) {
            return Failure.of(FailureKind.OUTAGE, "unavailable", "down");
        }
        if (first && world.spells.isOn(Fault.QUOTA)) {
            return Failure.of(FailureKind.QUOTA_EXHAUSTED, "insufficient_quota", "no credit");
        }
        if (scenario.happens(Fault.RATE_LIMITED)) {
            Duration after = scenario.oneIn(2) ? null : scenario.millis(100, 30_000);
            return new Failure(FailureKind.RATE_LIMITED, "rate_limit_exceeded", "slower", after);
        }
        if (scenario.happens(Fault.SERVER_ERROR)) {
            return Failure.of(FailureKind.SERVER, "server_error", "500");
        }
        if (scenario.happens(Fault.TIMEOUT)) {
            return Failure.of(FailureKind.TRANSPORT, "timeout", "no answer");
        }
        if (scenario.happens(Fault.REJECTED)) {
            return Failure.of(FailureKind.REJECTED, "invalid_value", "refused");
        }
        return null;
    }

    private static Duration wait(Failure failure, Scenario scenario) {
        return failure.code().equals("timeout") ? scenario.millis(10_000, 60_000) : scenario.millis(20, 400);
    }

    /** Whole audio of a text; another take is longer. */
    static byte[] take(String text, int number) {
        SpeechRequest longer = new SpeechRequest(text + " and on".repeat(number), dev.ttsjobs.contract.Jobs.VOICE);
        try (SpeechAudio audio = new ScriptedSynthesizer().synthesize(longer, new CallHandle())) {
            return audio.body().readAllBytes();
        } catch (IOException e) {
            throw new AssertionError("memory can be read", e);
        }
    }

    private static final class Cut extends InputStream {
        @Override
        public int read() throws IOException {
            throw new IOException("connection reset");
        }
    }

    @Override
    public String account() {
        return family;
    }

    @Override
    public String family() {
        return family;
    }
}
