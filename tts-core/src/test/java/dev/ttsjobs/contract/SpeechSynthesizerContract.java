package dev.ttsjobs.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ttsjobs.audio.AudioFacts;
import dev.ttsjobs.audio.AudioInspector;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.speech.AudioFormat;
import dev.ttsjobs.speech.SpeechAudio;
import dev.ttsjobs.speech.SpeechException;
import dev.ttsjobs.speech.SpeechRequest;
import dev.ttsjobs.speech.SpeechSynthesizer;
import dev.ttsjobs.speech.SpeechSynthesizer.CallHandle;
import dev.ttsjobs.speech.Voice;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every {@link SpeechSynthesizer} holds to. */
@Timeout(30)
public abstract class SpeechSynthesizerContract {

    /** What not every synthesizer can do, or be shown to do. A test that needs what is missing is skipped, and seen to be. */
    public enum Capability {
        /** Its provider can go silent or break off in the middle, so that calls can be cut and cuts be seen. */
        STREAMS
    }

    /** What the provider behind the synthesizer does to the calls that follow. */
    public enum Provider {
        /** Speaks. */
        SPEAKS(null),
        /** Asks for a slower pace. */
        WANTS_A_SLOWER_PACE(FailureKind.RATE_LIMITED),
        /** Has no credit for the account. */
        WANTS_MONEY(FailureKind.QUOTA_EXHAUSTED),
        /** Does not take the key. */
        REFUSES_THE_KEY(FailureKind.KEY_REFUSED),
        /** Does not take the text. */
        REFUSES_THE_TEXT(FailureKind.REJECTED),
        /** Breaks down on this call. */
        BREAKS_DOWN(FailureKind.SERVER),
        /** Serves nobody. */
        SERVES_NOBODY(FailureKind.OUTAGE),
        /** Takes the call and says nothing. Needs {@link Capability#STREAMS}. */
        SAYS_NOTHING(null),
        /** Begins the audio and then says nothing. Needs {@link Capability#STREAMS}. */
        STOPS_TALKING(null),
        /** Begins the audio and hangs up. Needs {@link Capability#STREAMS}. */
        HANGS_UP(null);

        private final FailureKind failure;

        Provider(FailureKind failure) {
            this.failure = failure;
        }
    }

    private static final int THREADS = 8;
    private static final String SECRET = "Mon numéro secret est le quarante-deux mille sept cents.";
    private static final SpeechRequest REQUEST = request(SECRET);

    private SpeechSynthesizer synthesizer;

    /** A synthesizer whose provider speaks; one for each test, closed after it. */
    protected abstract SpeechSynthesizer open() throws Exception;

    /** Makes the provider of the synthesizer that was opened last do this from now on. */
    protected abstract void provider(Provider behaviour);

    /** The texts of all calls that have reached that provider, as they came. */
    protected abstract List<String> asked();

    /** The key that the synthesizer was given; null for none. */
    protected abstract String key();

    /** What it can do; everything unless it says otherwise. */
    protected Set<Capability> capabilities() {
        return EnumSet.allOf(Capability.class);
    }

    @BeforeEach
    void openSynthesizer() throws Exception {
        synthesizer = open();
    }

    @AfterEach
    void closeSynthesizer() {
        synthesizer.close();
    }

    // Audio

    @Test
    void theAudioIsWholeAndOfTheFormatAskedFor() throws Exception {
        for (AudioFormat format : new AudioFormat[] {AudioFormat.MP3, AudioFormat.WAV, AudioFormat.PCM}) {
            SpeechRequest request = new SpeechRequest(SECRET, Voice.of("alloy").withFormat(format));
            AudioFacts facts = AudioInspector.inspect(new ByteArrayInputStream(speak(request)), format);
            assertTrue(facts.duration().toMillis() > 1000, facts.toString());
        }
    }

    @Test
    void theTextReachesTheProviderAsItIs() throws Exception {
        List<String> texts =
                List.of("a", "Ça va ? « Oui »", "say \"no\"\\\n\ttwice", "你好 👋🏽 e\u0301", "x ".repeat(1500) + "x");
        for (String text : texts) {
            speak(request(text));
        }
        assertEquals(texts, asked());
    }

    @Test
    void oneCallIsOneRequest() throws Exception {
        speak(REQUEST);
        assertEquals(1, asked().size());
        speak(REQUEST);
        assertEquals(2, asked().size());
    }

    @Test
    void callsAtOnceGetTheirOwnAudioEach() throws Exception {
        List<byte[]> alone = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            alone.add(speak(request("number " + i)));
        }
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            for (int round = 0; round < 5; round++) {
                List<Future<byte[]>> together = new ArrayList<>();
                for (int i = 0; i < THREADS; i++) {
                    SpeechRequest request = request("number " + i);
                    together.add(threads.submit(() -> speak(request)));
                }
                for (int i = 0; i < THREADS; i++) {
                    assertArrayEquals(alone.get(i), together.get(i).get());
                }
            }
        } finally {
            threads.shutdown();
        }
        assertEquals(6 * THREADS, asked().size());
    }

    @Test
    void hintsAreAlwaysThereAndUsageOnlyAfterTheEnd() throws Exception {
        try (SpeechAudio audio = synthesizer.synthesize(REQUEST, new CallHandle())) {
            assertNotNull(audio.hints());
            audio.body().readAllBytes();
            audio.usage().ifPresent(usage -> assertTrue(usage.inputTokens() + usage.outputTokens() > 0));
        }
    }

    @Test
    void closingEarlyAndTwiceIsHarmless() throws Exception {
        SpeechAudio audio = synthesizer.synthesize(REQUEST, new CallHandle());
        audio.body().read();
        audio.close();
        assertDoesNotThrow(audio::close);
        assertTrue(speak(REQUEST).length > 0);
    }

    // Failures

    @Test
    void eachFailureIsClassifiedAndCostsOneRequest() throws Exception {
        int before = 0;
        for (Provider behaviour : Provider.values()) {
            if (behaviour.failure != null) {
                provider(behaviour);
                SpeechException failed = assertThrows(SpeechException.class, () -> speak(REQUEST), behaviour.name());
                assertEquals(behaviour.failure, failed.failure().kind(), behaviour.name());
                assertNotNull(failed.hints());
                assertEquals(++before, asked().size(), behaviour + ": nothing is tried again here");
            }
        }
        provider(Provider.SPEAKS);
        assertTrue(speak(REQUEST).length > 0, "a failure leaves nothing behind");
    }

    @Test
    void noFailureRepeatsTheTextOrTheKey() {
        for (Provider behaviour : Provider.values()) {
            if (behaviour.failure != null) {
                provider(behaviour);
                SpeechException failed = assertThrows(SpeechException.class, () -> speak(REQUEST));
                assertSecretsAreNotIn(failed.failure().toString());
                assertSecretsAreNotIn(String.valueOf(failed.getMessage()));
            }
        }
    }

    // Its name

    @Test
    void accountAndFamilyAreStableAndPlain() {
        assertTrue(synthesizer.account().matches("[A-Za-z0-9._:/-]{1,100}"), synthesizer.account());
        assertEquals(synthesizer.account(), synthesizer.account());
        assertTrue(synthesizer.family().matches("[a-z0-9._-]{1,40}"), synthesizer.family());
        assertEquals(synthesizer.family(), synthesizer.family());
    }

    @Test
    void nothingShowsTheKey() {
        assertSecretsAreNotIn(synthesizer.account() + synthesizer.family() + synthesizer);
    }

    // Ends

    @Test
    void aHandleThatWasAbortedBeforeSendsNothing() {
        CallHandle handle = new CallHandle();
        handle.abort();
        assertThrows(SpeechException.class, () -> speak(REQUEST, handle));
        assertEquals(List.of(), asked());
    }

    @Test
    void anAbortEndsTheWaitForAnAnswer() throws Exception {
        needsStreams();
        provider(Provider.SAYS_NOTHING);
        CallHandle handle = new CallHandle();
        CompletableFuture<byte[]> call = inBackground(handle);
        while (asked().isEmpty()) {
            Thread.onSpinWait();
        }
        handle.abort();
        assertEndsWithASpeechException(call);
    }

    @Test
    void anAbortEndsTheBody() throws Exception {
        needsStreams();
        provider(Provider.STOPS_TALKING);
        CallHandle handle = new CallHandle();
        try (SpeechAudio audio = synthesizer.synthesize(REQUEST, handle)) {
            audio.body().read();
            CompletableFuture<byte[]> rest = CompletableFuture.supplyAsync(() -> readAll(audio));
            handle.abort();
            assertEndsWithASpeechException(rest);
        }
    }

    @Test
    void anAbortEndsNoOtherCall() throws Exception {
        needsStreams();
        CallHandle other = new CallHandle();
        try (SpeechAudio audio = synthesizer.synthesize(REQUEST, new CallHandle())) {
            speak(REQUEST, other);
            other.abort();
            assertTrue(readAll(audio).length > 0);
        }
    }

    @Test
    void audioThatBreaksOffIsAFailureAndNotAnEnd() {
        needsStreams();
        provider(Provider.HANGS_UP);
        SpeechException cut = assertThrows(SpeechException.class, () -> speak(REQUEST));
        assertTrue(cut.failure().kind().retryable(), cut.getMessage());
        assertFalse(cut.failure().kind().pausesAccount(), cut.getMessage());
    }

    private void needsStreams() {
        assumeTrue(capabilities().contains(Capability.STREAMS), "the provider cannot be made to break off");
    }

    private void assertSecretsAreNotIn(String shown) {
        assertFalse(shown.contains(SECRET), "the text is shown");
        assertTrue(key() == null || !shown.contains(key()), "the key is shown");
    }

    private static void assertEndsWithASpeechException(CompletableFuture<byte[]> call) throws Exception {
        Throwable cause = assertThrows(ExecutionException.class, () -> call.get(2, TimeUnit.SECONDS))
                .getCause();
        assertEquals(SpeechException.class, cause.getClass());
    }

    private CompletableFuture<byte[]> inBackground(CallHandle handle) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return speak(REQUEST, handle);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
    }

    private static SpeechRequest request(String text) {
        return new SpeechRequest(text, Voice.of("alloy"));
    }

    private byte[] speak(SpeechRequest request) throws IOException {
        return speak(request, new CallHandle());
    }

    private byte[] speak(SpeechRequest request, CallHandle handle) throws IOException {
        try (SpeechAudio audio = synthesizer.synthesize(request, handle)) {
            return audio.body().readAllBytes();
        }
    }

    private static byte[] readAll(SpeechAudio audio) {
        try {
            return audio.body().readAllBytes();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** For synthesizers that remember on their own what they were asked. */
    protected static List<String> textsOf(List<SpeechRequest> requests) {
        return Collections.unmodifiableList(
                requests.stream().map(SpeechRequest::text).toList());
    }
}
