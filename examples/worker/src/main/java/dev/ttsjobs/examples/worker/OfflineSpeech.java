package dev.ttsjobs.examples.worker;

import dev.ttsjobs.examples.voice.OfflineVoiceServer;
import dev.ttsjobs.examples.voice.VoiceServerOptions;
import dev.ttsjobs.openai.OpenAiSpeechSynthesizer;
import dev.ttsjobs.speech.SpeechAudio;
import dev.ttsjobs.speech.SpeechRequest;
import dev.ttsjobs.speech.SpeechSynthesizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;

/** The built-in voice, called over loopback just as a provider would be. Thread-safe. */
final class OfflineSpeech implements SpeechSynthesizer {

    private final OfflineVoiceServer server;
    private final OpenAiSpeechSynthesizer client;

    private OfflineSpeech(OfflineVoiceServer server) {
        this.server = server;
        this.client =
                OpenAiSpeechSynthesizer.builder().baseUrl(server.baseUrl()).build();
    }

    static OfflineSpeech start() {
        try {
            return new OfflineSpeech(
                    OfflineVoiceServer.start(VoiceServerOptions.builder().build()));
        } catch (IOException e) {
            throw new UncheckedIOException("the offline voice could not be started", e);
        }
    }

    /** Which voice it is, for people. */
    String voice() {
        return server.voice();
    }

    @Override
    public SpeechAudio synthesize(SpeechRequest request, CallHandle handle) {
        return client.synthesize(request, handle);
    }

    /** One account, though each process has a voice of its own on a port of its own. */
    @Override
    public String account() {
        return "offline-voice";
    }

    /** Never taken for a provider's, and each engine's apart: who installs a better voice wants to hear it. */
    @Override
    public String family() {
        String engine = server.voice().split(" ", 2)[0].toLowerCase(Locale.ROOT);
        return "offline-" + engine.replaceAll("[^a-z0-9._-]", "-");
    }

    @Override
    public void close() {
        client.close();
        server.close();
    }
}
