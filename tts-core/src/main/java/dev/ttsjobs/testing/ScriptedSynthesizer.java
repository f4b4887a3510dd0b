package dev.ttsjobs.testing;

import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.speech.AudioFormat;
import dev.ttsjobs.speech.ProviderHints;
import dev.ttsjobs.speech.SpeechAudio;
import dev.ttsjobs.speech.SpeechException;
import dev.ttsjobs.speech.SpeechRequest;
import dev.ttsjobs.speech.SpeechSynthesizer;
import java.io.ByteArrayInputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A provider that answers from a script and remembers what it was asked: silent but valid audio of a plausible length, as
 * {@code mp3}, {@code wav} or {@code pcm} (other formats are refused), or the failures it was told. Without a network; the
 * whole client in a test is what {@link FakeProvider} is for. Thread-safe.
 */
public final class ScriptedSynthesizer implements SpeechSynthesizer {

    private final List<SpeechRequest> calls = new ArrayList<>();
    private final Deque<Failure> nextFailures = new ArrayDeque<>();
    private final Map<String, Failure> failingTexts = new HashMap<>();

    /** The next calls fail in this order, one failure each, whatever they say. */
    public synchronized ScriptedSynthesizer failNext(Failure... failures) {
        nextFailures.addAll(List.of(failures));
        return this;
    }

    /** Every call for that text fails. */
    public synchronized ScriptedSynthesizer failText(String text, Failure failure) {
        failingTexts.put(text, failure);
        return this;
    }

    /** No call fails any longer. */
    public synchronized void recover() {
        nextFailures.clear();
        failingTexts.clear();
    }

    /** Every call so far, failed ones among them. */
    public synchronized List<SpeechRequest> calls() {
        return List.copyOf(calls);
    }

    @Override
    public synchronized SpeechAudio synthesize(SpeechRequest request, CallHandle handle) {
        if (handle.isAborted()) {
            throw new SpeechException(Failure.of(FailureKind.TRANSPORT, "aborted", "The call was aborted before."));
        }
        calls.add(request);
        AudioFormat format = request.voice().format();
        if (!SilentAudio.speaks(format)) {
            throw new SpeechException(Failure.of(
                    FailureKind.REJECTED, "unsupported_value", "the script has no " + format.wireName() + " audio"));
        }
        Failure failure = nextFailures.isEmpty() ? failingTexts.get(request.text()) : nextFailures.poll();
        if (failure != null) {
            throw new SpeechException(failure);
        }
        return new SpeechAudio(new ByteArrayInputStream(SilentAudio.of(request.text(), format)), ProviderHints.NONE);
    }

    @Override
    public String account() {
        return "scripted";
    }

    @Override
    public String family() {
        return "openai";
    }
}
