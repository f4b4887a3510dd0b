package dev.ttsjobs.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobRequest;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.speech.Voice;
import dev.ttsjobs.testing.TtsHarness;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SuspectsTest {

    private static final Failure FORBIDDEN = Failure.of(FailureKind.KEY_REFUSED, "http_403", "Forbidden");
    private static final ClipKey BAD = key("bad");
    private static final ClipKey WORSE = key("worse");
    private static final ClipKey FINE = key("fine");

    private final Suspects suspects = new Suspects();

    @Test
    void theFirstFailureIsTheAccounts() {
        suspects.answered(FINE);
        assertSame(FORBIDDEN, suspects.judge(BAD, FORBIDDEN));
        assertSame(FORBIDDEN, suspects.judge(WORSE, FORBIDDEN));
        assertSame(FORBIDDEN, suspects.judge(BAD, FORBIDDEN), "nobody was answered in between");
    }

    @Test
    void aClipThatFailsAgainWhileOthersAreAnsweredIsTheTroubleItself() {
        suspects.judge(BAD, FORBIDDEN);
        suspects.answered(FINE);
        Failure judged = suspects.judge(BAD, FORBIDDEN);

        assertEquals(FailureKind.SERVER, judged.kind());
        assertEquals("http_403", judged.code());
        suspects.answered(FINE);
        assertEquals(FailureKind.SERVER, suspects.judge(WORSE, FORBIDDEN).kind(), "the code is known by now");
        assertSame(FORBIDDEN, suspects.judge(key("third"), FORBIDDEN), "two without a success between are an outage");
    }

    @Test
    void anEmptyPurseIsNeverPutOnAText() {
        Failure purse = Failure.of(FailureKind.QUOTA_EXHAUSTED, "insufficient_quota", "No credit");
        suspects.judge(BAD, purse);
        suspects.answered(FINE);

        assertSame(purse, suspects.judge(BAD, purse));
    }

    @Test
    void aJobWithATextThatAProxyForbidsEndsWithTheRestSpoken() {
        for (FailureKind kind : new FailureKind[] {FailureKind.KEY_REFUSED, FailureKind.OUTAGE}) {
            try (TtsHarness tts = TtsHarness.inMemory()) {
                tts.synthesizer().failText("Forbidden words", Failure.of(kind, "http_403", "Forbidden"));
                JobRequest.Builder request = JobRequest.builder("alice").phrase("0", "en", "Forbidden words");
                for (int i = 1; i <= 20; i++) {
                    request.phrase("" + i, "en", "Fine words number " + i);
                }
                JobId id = tts.jobs().submit(request.build()).id();
                for (int i = 0;
                        i < 60 && !tts.jobs().find(id).orElseThrow().status().hasEnded();
                        i++) {
                    tts.drain();
                    // To the next probe, as a worker would that is awake all the time.
                    tts.time().advance(Duration.ofSeconds(kind == FailureKind.OUTAGE ? 5 : 60));
                }

                assertEquals(
                        JobStatus.COMPLETED, tts.jobs().find(id).orElseThrow().status());
                assertEquals(1, tts.jobs().find(id).orElseThrow().progress().failed());
                assertTrue(tts.synthesizer().calls().size() < 20 + 8, "the one text was not called for ever");
            }
        }
    }

    private static ClipKey key(String text) {
        return ClipKey.of("openai", Voice.of("alloy"), text);
    }
}
