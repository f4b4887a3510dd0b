package dev.ttsjobs.examples.voice;

import java.io.IOException;
import java.util.SplittableRandom;

/**
 * Serves OpenAI's {@code POST /v1/audio/speech} on 127.0.0.1, without a network, a key or a bill, and really speaks.
 *
 * <p>It answers with OpenAI's error bodies and rate-limit headers, makes mp3, wav and pcm, and can be told to be slow, to
 * limit and to fail, so that tests, demos and benchmarks can use it alike. Safe for use by many threads. Its threads are
 * daemons: they keep no program alive.
 */
public final class OfflineVoiceServer implements AutoCloseable {

    private final VoiceEngine engine;
    private final FaultDice dice;
    private final VoiceLedger ledger = new VoiceLedger();
    private final LoopbackHttp http;

    private OfflineVoiceServer(VoiceServerOptions options, VoiceEngine engine, VoiceClock clock) throws IOException {
        this.engine = engine;
        this.dice = new FaultDice(new SplittableRandom(options.seed()));
        dice.set(options.faults());
        SpeechDesk desk = new SpeechDesk(options, engine, clock, dice, ledger);
        this.http = new LoopbackHttp(options.port(), new VoiceRoutes(desk, engine.describe(), dice, ledger));
    }

    /**
     * Starts a server.
     *
     * @throws IOException when the port is taken, or when espeak-ng was asked for and is not on the path
     */
    public static OfflineVoiceServer start(VoiceServerOptions options) throws IOException {
        return start(options, VoiceClock.system());
    }

    static OfflineVoiceServer start(VoiceServerOptions options, VoiceClock clock) throws IOException {
        return start(options, engine(options.engine(), String.valueOf(System.getenv("PATH"))), clock);
    }

    static OfflineVoiceServer start(VoiceServerOptions options, VoiceEngine engine, VoiceClock clock)
            throws IOException {
        return new OfflineVoiceServer(options, engine, clock);
    }

    static VoiceEngine engine(VoiceServerOptions.Engine wanted, String searchPath) throws IOException {
        return switch (wanted) {
            case TONE -> new ToneVoice();
            case FREETTS -> new FreeTtsVoice();
            case ESPEAK ->
                EspeakVoice.find(searchPath).orElseThrow(() -> new IOException("espeak-ng is not on the path"));
            case AUTO ->
                EspeakVoice.find(searchPath).<VoiceEngine>map(found -> found).orElseGet(FreeTtsVoice::new);
        };
    }

    /** What to give a client as its base URL: {@code http://127.0.0.1:PORT/v1}. */
    public String baseUrl() {
        return "http://127.0.0.1:" + http.port() + "/v1";
    }

    /** Which voice speaks, for people: {@code espeak-ng 1.51} or {@code FreeTTS kevin16 (English accent)}. */
    public String voice() {
        return engine.describe();
    }

    /** Replaces what goes wrong from the next call on, the rest of an earlier script too. */
    public void faults(VoiceFaults faults) {
        dice.set(faults);
    }

    /** What this server was paid for. */
    public VoiceLedger ledger() {
        return ledger;
    }

    /** Stops serving; answers under way are cut off. */
    @Override
    public void close() {
        http.close();
        engine.close();
    }
}
