package dev.ttsjobs.speech;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.ttsjobs.contract.SpeechSynthesizerContract;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.speech.SpeechSynthesizer.CallHandle;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;

/** The contract finds synthesizers that do not hold to it. Each of these is broken in one way that published clients are. */
class SpeechSynthesizerContractTest {

    /** Runs the contract on a sound synthesizer, bent as the test under way says. Its name keeps it out of the normal run. */
    static class UnderTrial extends SpeechSynthesizerContract {

        static UnaryOperator<SpeechSynthesizer> bend;

        private final Sound sound = new Sound();

        @Override
        protected SpeechSynthesizer open() {
            return bend.apply(sound);
        }

        @Override
        protected void provider(Provider behaviour) {
            sound.behaviour = behaviour;
        }

        @Override
        protected List<String> asked() {
            synchronized (sound) {
                return List.copyOf(sound.asked);
            }
        }

        @Override
        protected String key() {
            return "sk-canary-0123456789abcdef";
        }
    }

    @Test
    void aSoundSynthesizerPasses() {
        assertEquals(Set.of(), found(sound -> sound));
    }

    @Test
    void oneThatTriesAgainIsFound() {
        assertFound("eachFailureIsClassifiedAndCostsOneRequest", sound -> new Bent(sound) {
            @Override
            public SpeechAudio synthesize(SpeechRequest request, CallHandle handle) {
                try {
                    return super.synthesize(request, handle);
                } catch (SpeechException e) {
                    return super.synthesize(request, handle);
                }
            }
        });
    }

    @Test
    void oneThatTakesAnEmptyPurseForALimitIsFound() {
        assertFound("eachFailureIsClassifiedAndCostsOneRequest", sound -> new Bent(sound) {
            @Override
            public SpeechAudio synthesize(SpeechRequest request, CallHandle handle) {
                try {
                    return super.synthesize(request, handle);
                } catch (SpeechException e) {
                    throw e.failure().kind() == FailureKind.QUOTA_EXHAUSTED
                            ? new SpeechException(Failure.of(FailureKind.RATE_LIMITED, "http_429", "slow"))
                            : e;
                }
            }
        });
    }

    @Test
    void oneThatThrowsWhateverItMeetsIsFound() {
        assertFound("eachFailureIsClassifiedAndCostsOneRequest", sound -> new Bent(sound) {
            @Override
            public SpeechAudio synthesize(SpeechRequest request, CallHandle handle) {
                try {
                    return super.synthesize(request, handle);
                } catch (SpeechException e) {
                    throw new IllegalStateException(e);
                }
            }
        });
    }

    @Test
    void oneThatQuotesTheTextIsFound() {
        assertFound("noFailureRepeatsTheTextOrTheKey", sound -> new Bent(sound) {
            @Override
            public SpeechAudio synthesize(SpeechRequest request, CallHandle handle) {
                try {
                    return super.synthesize(request, handle);
                } catch (SpeechException e) {
                    throw new SpeechException(
                            Failure.of(e.failure().kind(), "failed", "could not say " + request.text()));
                }
            }
        });
    }

    @Test
    void oneThatChangesTheTextIsFound() {
        assertFound("theTextReachesTheProviderAsItIs", sound -> new Bent(sound) {
            @Override
            public SpeechAudio synthesize(SpeechRequest request, CallHandle handle) {
                return super.synthesize(new SpeechRequest(request.text().replace("\n", " "), request.voice()), handle);
            }
        });
    }

    @Test
    void oneThatAnswersAlwaysMp3IsFound() {
        assertFound("theAudioIsWholeAndOfTheFormatAskedFor", sound -> new Bent(sound) {
            @Override
            public SpeechAudio synthesize(SpeechRequest request, CallHandle handle) {
                return super.synthesize(
                        new SpeechRequest(request.text(), request.voice().withFormat(AudioFormat.MP3)), handle);
            }
        });
    }

    @Test
    void oneThatTakesACutForTheEndIsFound() {
        assertFound("audioThatBreaksOffIsAFailureAndNotAnEnd", sound -> new Bent(sound) {
            @Override
            public SpeechAudio synthesize(SpeechRequest request, CallHandle handle) {
                SpeechAudio audio = super.synthesize(request, handle);
                return new SpeechAudio(new Gullible(audio.body()), audio.hints());
            }
        });
    }

    @Test
    void oneThatDoesNotHearAnAbortIsFound() {
        Set<String> found = found(sound -> new Bent(sound) {
            @Override
            public SpeechAudio synthesize(SpeechRequest request, CallHandle handle) {
                return super.synthesize(request, new CallHandle());
            }
        });
        assertEquals(
                Set.of(
                        "aHandleThatWasAbortedBeforeSendsNothing",
                        "anAbortEndsTheBody",
                        "anAbortEndsTheWaitForAnAnswer"),
                found);
    }

    @Test
    void oneThatRemembersTheLastAnswerForAllIsFound() {
        assertFound("callsAtOnceGetTheirOwnAudioEach", sound -> new Bent(sound) {
            private volatile String last = "";

            @Override
            public SpeechAudio synthesize(SpeechRequest request, CallHandle handle) {
                last = request.text();
                Thread.yield();
                for (int i = 0; i < 20_000; i++) {
                    Thread.onSpinWait();
                }
                return super.synthesize(new SpeechRequest(last, request.voice()), handle);
            }
        });
    }

    @Test
    void oneThatShowsItsKeyIsFound() {
        assertFound("nothingShowsTheKey", sound -> new Bent(sound) {
            @Override
            public String toString() {
                return "Synthesizer[sk-canary-0123456789abcdef]";
            }
        });
    }

    @Test
    void oneWithAnAccountThatCannotBeStoredIsFound() {
        assertFound("accountAndFamilyAreStableAndPlain", sound -> new Bent(sound) {
            @Override
            public String account() {
                return "my account";
            }
        });
    }

    private static void assertFound(String test, UnaryOperator<SpeechSynthesizer> bend) {
        Set<String> found = found(bend);
        assertEquals(true, found.contains(test), "found by " + found);
    }

    /** The tests that fail. */
    private static Set<String> found(UnaryOperator<SpeechSynthesizer> bend) {
        UnderTrial.bend = bend;
        Set<String> failed = new TreeSet<>();
        EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(UnderTrial.class))
                .execute()
                .testEvents()
                .finished()
                .stream()
                .filter(event ->
                        event.getRequiredPayload(TestExecutionResult.class).getStatus()
                                == TestExecutionResult.Status.FAILED)
                .map(Event::getTestDescriptor)
                .forEach(descriptor -> failed.add(descriptor.getDisplayName().replace("()", "")));
        return failed;
    }

    /** Passes everything on. */
    private static class Bent implements SpeechSynthesizer {

        private final SpeechSynthesizer sound;

        Bent(SpeechSynthesizer sound) {
            this.sound = sound;
        }

        @Override
        public SpeechAudio synthesize(SpeechRequest request, CallHandle handle) {
            return sound.synthesize(request, handle);
        }

        @Override
        public String account() {
            return sound.account();
        }

        @Override
        public String family() {
            return sound.family();
        }
    }

    /** Ends quietly where it should fail. */
    private static final class Gullible extends InputStream {

        private final InputStream in;

        Gullible(InputStream in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            try {
                return in.read();
            } catch (SpeechException e) {
                return -1;
            }
        }
    }

    /** Speaks, fails and stalls as its provider does, without a network. */
    private static final class Sound implements SpeechSynthesizer {

        private final List<String> asked = new ArrayList<>();
        private volatile SpeechSynthesizerContract.Provider behaviour = SpeechSynthesizerContract.Provider.SPEAKS;

        @Override
        public SpeechAudio synthesize(SpeechRequest request, CallHandle handle) {
            refuseAborted(handle);
            synchronized (this) {
                asked.add(request.text());
            }
            return switch (behaviour) {
                case SPEAKS -> spoken(request);
                case SAYS_NOTHING -> {
                    stall(handle);
                    yield spoken(request);
                }
                case STOPS_TALKING, HANGS_UP -> {
                    boolean stalls = behaviour == SpeechSynthesizerContract.Provider.STOPS_TALKING;
                    yield new SpeechAudio(new Ending(handle, stalls), ProviderHints.NONE);
                }
                case WANTS_A_SLOWER_PACE -> throw failed(FailureKind.RATE_LIMITED);
                case WANTS_MONEY -> throw failed(FailureKind.QUOTA_EXHAUSTED);
                case REFUSES_THE_KEY -> throw failed(FailureKind.KEY_REFUSED);
                case REFUSES_THE_TEXT -> throw failed(FailureKind.REJECTED);
                case BREAKS_DOWN -> throw failed(FailureKind.SERVER);
                case SERVES_NOBODY -> throw failed(FailureKind.OUTAGE);
            };
        }

        private static SpeechAudio spoken(SpeechRequest request) {
            try {
                return new dev.ttsjobs.testing.ScriptedSynthesizer().synthesize(request, new CallHandle());
            } catch (UncheckedIOException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public String account() {
            return "sound";
        }

        @Override
        public String family() {
            return "sound";
        }
    }

    /** A few bytes, and then a silence or a break. */
    private static final class Ending extends InputStream {

        private final InputStream beginning = new ByteArrayInputStream(new byte[10]);
        private final CallHandle handle;
        private final boolean stalls;

        Ending(CallHandle handle, boolean stalls) {
            this.handle = handle;
            this.stalls = stalls;
        }

        @Override
        public int read() throws IOException {
            int b = beginning.read();
            if (b >= 0) {
                return b;
            }
            if (stalls) {
                stall(handle);
            }
            throw failed(FailureKind.TRANSPORT);
        }
    }

    private static void stall(CallHandle handle) {
        java.util.concurrent.CountDownLatch cut = new java.util.concurrent.CountDownLatch(1);
        handle.onAbort(cut::countDown);
        try {
            cut.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        throw failed(FailureKind.TRANSPORT);
    }

    private static void refuseAborted(CallHandle handle) {
        if (handle.isAborted()) {
            throw failed(FailureKind.TRANSPORT);
        }
    }

    private static SpeechException failed(FailureKind kind) {
        return new SpeechException(Failure.of(kind, "sound", "as it should"));
    }
}
