package dev.ttsjobs.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ttsjobs.audio.AudioInspector;
import dev.ttsjobs.audio.BadAudioException;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.retry.RetryPolicy;
import dev.ttsjobs.speech.AudioFormat;
import dev.ttsjobs.speech.SpeechAudio;
import dev.ttsjobs.speech.SpeechException;
import dev.ttsjobs.speech.SpeechRequest;
import dev.ttsjobs.speech.SpeechSynthesizer.CallHandle;
import dev.ttsjobs.speech.Voice;
import dev.ttsjobs.testing.FakeProvider;
import dev.ttsjobs.testing.FakeProvider.Answer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Eleven answers of a hostile server, each with the one right thing to make of it. Of four published clients that were
 * measured with such a server, none gets more than six right; the README names them.
 */
@Timeout(60)
class HostileMatrixTest {

    private static final Answer PACE = Answer.error(429, "requests", "rate_limit_exceeded", "Slower");

    /**
     * @param what the row's name
     * @param answer what the server does
     * @param kind what it must be taken for
     * @param code the failure's word
     * @param rest the least time before the next try with the worst of luck; null when there is none
     */
    private record Row(String what, Answer answer, FailureKind kind, String code, Duration rest) {}

    private static final Duration NOW = Duration.ZERO;
    private static final Duration BACKOFF = Duration.ofMillis(100);

    private static final List<Row> ROWS = List.of(
            new Row("empty purse", Answer.outOfCredit(), FailureKind.QUOTA_EXHAUSTED, "insufficient_quota", NOW),
            new Row(
                    "Retry-After: 5",
                    PACE.withHeader("Retry-After", "5"),
                    FailureKind.RATE_LIMITED,
                    "rate_limit_exceeded",
                    Duration.ofSeconds(5)),
            new Row(
                    "Retry-After in the past",
                    PACE.withHeader("Retry-After", "Thu, 01 Jan 2015 00:00:00 GMT"),
                    FailureKind.RATE_LIMITED,
                    "rate_limit_exceeded",
                    NOW),
            new Row(
                    "Retry-After: -3",
                    PACE.withHeader("Retry-After", "-3"),
                    FailureKind.RATE_LIMITED,
                    "rate_limit_exceeded",
                    NOW),
            new Row(
                    "x-should-retry: false",
                    PACE.withHeader("x-should-retry", "false"),
                    FailureKind.REJECTED,
                    "rate_limit_exceeded",
                    null),
            new Row("cut in chunks", Answer.cut(5_000), FailureKind.TRANSPORT, "connection_cut", BACKOFF),
            new Row(
                    "shorter than its length",
                    Answer.shorterThanItsLength(5_000),
                    FailureKind.TRANSPORT,
                    "connection_cut",
                    BACKOFF),
            new Row(
                    "cut, and closed as if whole",
                    Answer.cutSilently(5_000),
                    FailureKind.BAD_AUDIO,
                    BadAudioException.TRUNCATED,
                    BACKOFF),
            new Row("empty", Answer.empty(), FailureKind.BAD_AUDIO, BadAudioException.EMPTY, BACKOFF),
            new Row("login page", Answer.loginPage(), FailureKind.BAD_AUDIO, BadAudioException.NOT_AUDIO, BACKOFF),
            new Row(
                    "an error with status 200",
                    Answer.of(200, "application/json", "{\"error\":{\"message\":\"Oops\",\"code\":500}}"),
                    FailureKind.SERVER,
                    "http_500",
                    BACKOFF));

    @Test
    void elevenOfElevenAreTypedAndRight() throws Exception {
        List<String> right = new ArrayList<>();
        List<String> wrong = new ArrayList<>();
        for (Row row : ROWS) {
            String got = verdict(row);
            (got.isEmpty() ? right : wrong).add(row.what + got);
        }
        assertEquals(List.of(), wrong);
        assertEquals(11, right.size());
    }

    /** What is wrong with how a row is taken; empty when nothing is. */
    private static String verdict(Row row) throws IOException {
        try (FakeProvider provider = FakeProvider.start().answerAll(row.answer);
                OpenAiSpeechSynthesizer speech = OpenAiSpeechSynthesizer.builder()
                        .baseUrl(provider.baseUrl())
                        .build()) {
            Failure failure = failure(speech);
            if (failure == null) {
                return ": taken for audio";
            }
            if (failure.kind() != row.kind || !failure.code().equals(row.code)) {
                return ": " + failure;
            }
            if (provider.calls().size() != 1) {
                return ": " + provider.calls().size() + " requests";
            }
            Duration rest = RetryPolicy.STANDARD.restAfter(failure, 1, 0).orElse(null);
            boolean asked = row.kind == FailureKind.RATE_LIMITED && row.rest != null && !row.rest.isZero();
            if (rest == null != (row.rest == null)
                    || asked && !row.rest.equals(failure.retryAfter())
                    || !asked && rest != null && rest.compareTo(row.rest) < 0) {
                return ": rests " + rest + ", was asked for " + failure.retryAfter();
            }
            return "";
        }
    }

    private static Failure failure(OpenAiSpeechSynthesizer speech) throws IOException {
        SpeechRequest request =
                new SpeechRequest("A sentence of some length, as they are in books.", Voice.of("alloy"));
        try (SpeechAudio audio = speech.synthesize(request, new CallHandle())) {
            AudioInspector.inspect(audio.body(), AudioFormat.MP3);
            return null;
        } catch (SpeechException e) {
            return e.failure();
        } catch (BadAudioException e) {
            return e.failure();
        }
    }
}
