package dev.ttsjobs.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.speech.SpeechAudio;
import dev.ttsjobs.speech.SpeechException;
import dev.ttsjobs.speech.SpeechRequest;
import dev.ttsjobs.speech.SpeechSynthesizer.CallHandle;
import dev.ttsjobs.speech.Voice;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each answer that other clients take for audio, or send again without being told to. */
@Timeout(30)
class HostileServerTest {

    private static final SpeechRequest REQUEST = new SpeechRequest("Bonjour tout le monde", Voice.of("alloy"));
    private static final String CHUNKED =
            "HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final OpenAiDeadlines SHORT = OpenAiDeadlines.STANDARD.withPerCharacter(Duration.ZERO);

    @Test
    void anEmptyPurseIsOneRequestAndNoWait() throws Exception {
        Failure failure = failureOf(answer(
                429,
                "Retry-After: 1\r\nContent-Type: application/json\r\n",
                "{\"error\":{\"message\":\"You exceeded your current quota\",\"type\":\"insufficient_quota\","
                        + "\"param\":null,\"code\":\"insufficient_quota\"}}"));

        assertEquals(FailureKind.QUOTA_EXHAUSTED, failure.kind());
        assertEquals("insufficient_quota", failure.code());
        assertNull(failure.retryAfter());
    }

    @Test
    void retryAfterIsHandedOnAndNotSleptHere() throws Exception {
        assertEquals(Duration.ofSeconds(5), rateLimited("Retry-After: 5\r\n").retryAfter());
    }

    @Test
    void retryAfterInThePastNamesNoTime() throws Exception {
        assertNull(rateLimited("Retry-After: Thu, 01 Jan 2015 00:00:00 GMT\r\n").retryAfter());
    }

    @Test
    void negativeRetryAfterNamesNoTime() throws Exception {
        assertNull(rateLimited("Retry-After: -3\r\n").retryAfter());
    }

    @Test
    void aProviderThatForbidsAnotherTryIsObeyed() throws Exception {
        Failure failure = failureOf(answer(429, "x-should-retry: false\r\n", rateLimitBody()));

        assertEquals(FailureKind.REJECTED, failure.kind());
        assertEquals("rate_limit_exceeded", failure.code());
    }

    @Test
    void aChunkedBodyThatIsCutIsNotWhole() throws Exception {
        Failure failure = failureOf(exchange -> exchange.write(CHUNKED).chunk(RawServer.audio(5000)));

        assertEquals(FailureKind.TRANSPORT, failure.kind());
        assertEquals("connection_cut", failure.code());
    }

    @Test
    void aBodyShorterThanItsContentLengthIsNotWhole() throws Exception {
        Failure failure = failureOf(exchange -> exchange.write(
                        "HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nContent-Length: 9000\r\n\r\n")
                .write(RawServer.audio(5000)));

        assertEquals(FailureKind.TRANSPORT, failure.kind());
        assertEquals("connection_cut", failure.code());
    }

    @Test
    void anEmptyBodyIsNotAudio() throws Exception {
        Failure failure = failureOf(answer(200, "Content-Type: audio/mpeg\r\n", ""));

        assertEquals(FailureKind.BAD_AUDIO, failure.kind());
        assertEquals("empty_audio", failure.code());
    }

    @Test
    void anEmptyChunkedBodyIsNotAudio() throws Exception {
        Failure failure = failureOf(exchange -> exchange.write(CHUNKED).write("0\r\n\r\n"));

        assertEquals("empty_audio", failure.code());
    }

    @Test
    void aLoginPageIsNotAudio() throws Exception {
        Failure failure = failureOf(
                answer(200, "Content-Type: text/html\r\n", "<html><head><title>Sign in</title></head></html>"));

        assertEquals(FailureKind.BAD_AUDIO, failure.kind());
        assertEquals("not_audio", failure.code());
        assertTrue(failure.message().contains("Sign in"), failure.message());
    }

    @Test
    void aLoginPageLabelledAsAudioIsNotAudio() throws Exception {
        Failure failure = failureOf(answer(200, "Content-Type: audio/mpeg\r\n", "\n <!DOCTYPE html><html></html>"));

        assertEquals(FailureKind.BAD_AUDIO, failure.kind());
        assertEquals("not_audio", failure.code());
    }

    @Test
    void aJsonErrorWithStatus200IsThatError() throws Exception {
        String body = "{\"error\":{\"message\":\"No credit\",\"type\":\"x\",\"param\":null,"
                + "\"code\":\"credit_balance_exhausted\"}}";

        assertEquals(
                FailureKind.QUOTA_EXHAUSTED,
                failureOf(answer(200, "Content-Type: application/json\r\n", body))
                        .kind());
        assertEquals(
                FailureKind.QUOTA_EXHAUSTED,
                failureOf(answer(200, "Content-Type: audio/mpeg\r\n", body)).kind());
        assertEquals(
                FailureKind.QUOTA_EXHAUSTED, failureOf(answer(200, "", body)).kind());
    }

    @Test
    void jsonThatIsNoErrorIsNotAudio() throws Exception {
        Failure failure = failureOf(answer(200, "Content-Type: application/json\r\n", "{\"url\":\"elsewhere\"}"));

        assertEquals(FailureKind.BAD_AUDIO, failure.kind());
        assertEquals("not_audio", failure.code());
    }

    @Test
    void aRedirectIsNotFollowed() throws Exception {
        try (RawServer elsewhere = new RawServer(answer(200, "Content-Type: audio/mpeg\r\n", "audio"))) {
            for (int status : new int[] {301, 302, 303, 307, 308}) {
                Failure failure = failureOf(answer(status, "Location: " + elsewhere.baseUrl() + "\r\n", ""));

                assertEquals(FailureKind.KEY_REFUSED, failure.kind());
                assertEquals("redirected", failure.code());
                assertTrue(failure.message().contains("base URL"), failure.message());
            }
            assertEquals(0, elsewhere.requests());
        }
    }

    @Test
    void answersThatOkHttpSendsAgainOnItsOwnAreOneRequest() throws Exception {
        assertEquals(
                FailureKind.OUTAGE,
                failureOf(answer(503, "Retry-After: 0\r\n", "busy")).kind());
        assertEquals(FailureKind.TRANSPORT, failureOf(answer(408, "", "late")).kind());
        assertEquals(
                FailureKind.REJECTED, failureOf(answer(421, "", "misdirected")).kind());
        assertEquals(
                FailureKind.KEY_REFUSED,
                failureOf(answer(401, "WWW-Authenticate: Basic realm=\"x\"\r\n", "who"))
                        .kind());
    }

    @Test
    void aTimeToWaitThatOkHttpCannotReadIsCut() throws Exception {
        Failure failure = failureOf(answer(503, "Retry-After: 99999999999999999999\r\n", "busy"));
        assertEquals(FailureKind.OUTAGE, failure.kind());
        assertEquals(RetryAfter.LONGEST, failure.retryAfter());
    }

    @Test
    void aRequestOnAPooledConnectionThatDiesIsNotSentAgain() throws Exception {
        // Says that it keeps the connection, and closes it without an answer to the second request.
        RawServer.Script fickle = exchange -> {
            if (exchange.index() == 0) {
                exchange.write("HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nContent-Length: 1000\r\n\r\n")
                        .write(RawServer.audio(1000))
                        .keep();
            }
        };
        try (RawServer server = new RawServer(fickle);
                OpenAiSpeechSynthesizer speech = client(server.baseUrl(), SHORT)) {
            assertEquals(1000, readAll(speech, REQUEST));
            SpeechException cut = assertThrows(SpeechException.class, () -> readAll(speech, REQUEST));

            assertEquals(FailureKind.TRANSPORT, cut.failure().kind());
            assertEquals("connection_cut", cut.failure().code());
            assertEquals(2, server.requests());
            assertEquals(1, server.connections());
        }
    }

    @Test
    void silenceBeforeTheHeadersEnds() throws Exception {
        Failure failure = failureOf(RawServer.Exchange::stall, SHORT.withFirstByte(Duration.ofMillis(150)));

        assertEquals(FailureKind.TRANSPORT, failure.kind());
        assertEquals("first_byte_timeout", failure.code());
    }

    @Test
    void silenceBetweenTheHeadersAndTheAudioEnds() throws Exception {
        Failure failure =
                failureOf(exchange -> exchange.write(CHUNKED).stall(), SHORT.withFirstByte(Duration.ofMillis(150)));

        assertEquals("first_byte_timeout", failure.code());
    }

    @Test
    void silenceInTheMiddleOfTheAudioEnds() throws Exception {
        Failure failure = failureOf(
                exchange -> exchange.write(CHUNKED).chunk(RawServer.audio(5000)).stall(),
                SHORT.withIdle(Duration.ofMillis(150)));

        assertEquals(FailureKind.TRANSPORT, failure.kind());
        assertEquals("stalled", failure.code());
    }

    @Test
    void aTrickleEndsAtTheWholeDeadline() throws Exception {
        RawServer.Script trickle = exchange -> {
            exchange.write(CHUNKED).chunk(RawServer.audio(64));
            while (!exchange.serverClosed().await(20, TimeUnit.MILLISECONDS)) {
                exchange.chunk(new byte[1]);
            }
        };
        Failure failure = failureOf(trickle, SHORT.withTotal(Duration.ofMillis(300)));

        assertEquals(FailureKind.TRANSPORT, failure.kind());
        assertEquals("deadline_exceeded", failure.code());
    }

    @Test
    void aLongerTextHasMoreTime() throws Exception {
        RawServer.Script late = exchange -> {
            exchange.serverClosed().await(300, TimeUnit.MILLISECONDS);
            exchange.write("HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nContent-Length: 64\r\n\r\n")
                    .write(RawServer.audio(64));
        };
        OpenAiDeadlines impatient = SHORT.withFirstByte(Duration.ofMillis(50));
        // Long enough for a busy machine to get the request out.
        OpenAiDeadlines hasty = SHORT.withTotal(Duration.ofMillis(250));
        assertEquals("first_byte_timeout", failureOf(late, impatient).code());
        assertEquals("deadline_exceeded", failureOf(late, hasty).code());

        for (OpenAiDeadlines tight : new OpenAiDeadlines[] {impatient, hasty}) {
            try (RawServer server = new RawServer(late);
                    OpenAiSpeechSynthesizer speech =
                            client(server.baseUrl(), tight.withPerCharacter(Duration.ofSeconds(1)))) {
                assertEquals(64, readAll(speech, REQUEST));
            }
        }
    }

    @Test
    void anEndlessBodyEndsAtTheCap() throws Exception {
        RawServer.Script endless = exchange -> {
            exchange.write(CHUNKED);
            while (true) {
                exchange.chunk(RawServer.audio(60_000));
            }
        };
        try (RawServer server = new RawServer(endless);
                OpenAiSpeechSynthesizer speech = OpenAiSpeechSynthesizer.builder()
                        .baseUrl(server.baseUrl())
                        .maxBytes(1_000_000)
                        .build()) {
            SpeechException tooMuch = assertThrows(SpeechException.class, () -> readAll(speech, REQUEST));

            assertEquals(FailureKind.BAD_AUDIO, tooMuch.failure().kind());
            assertEquals("too_large", tooMuch.failure().code());
        }
    }

    @Test
    void aLengthBeyondTheCapIsNotReadAtAll() throws Exception {
        Failure failure = failureOf(exchange -> exchange.write(
                        "HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nContent-Length: 99999999999\r\n\r\n")
                .stall());

        assertEquals("too_large", failure.code());
    }

    @Test
    void anEndlessErrorPageIsReadInPartOnly() throws Exception {
        Failure failure = failureOf(exchange -> {
            exchange.write("HTTP/1.1 500 Oops\r\nContent-Type: text/plain\r\n\r\n");
            while (true) {
                exchange.write("oops ".repeat(1000));
            }
        });

        assertEquals(FailureKind.SERVER, failure.kind());
        assertTrue(failure.message().startsWith("HTTP 500: oops"), failure.message());
    }

    @Test
    void anErrorPageThatStallsIsJudgedByWhatCame() throws Exception {
        Failure failure = failureOf(
                exchange -> exchange.write("HTTP/1.1 429 X\r\nRetry-After: 7\r\n\r\nslower, ple")
                        .stall(),
                SHORT.withIdle(Duration.ofMillis(150)));

        assertEquals(FailureKind.RATE_LIMITED, failure.kind());
        assertEquals(Duration.ofSeconds(7), failure.retryAfter());
        assertEquals("HTTP 429: slower, ple", failure.message());
    }

    @Test
    void whatIsNotHttpIsATransportFailure() throws Exception {
        Failure failure = failureOf(exchange -> exchange.write("SSH-2.0-OpenSSH_9.2\r\n"));

        assertEquals(FailureKind.TRANSPORT, failure.kind());
    }

    @Test
    void aClosedPortIsAnOutage() throws Exception {
        RawServer gone = new RawServer(RawServer.Exchange::stall);
        String address = gone.baseUrl();
        gone.close();

        Failure failure = failureAt(address);

        assertEquals(FailureKind.OUTAGE, failure.kind());
        assertEquals("connection_refused", failure.code());
        assertTrue(failure.message().contains("Check the base URL"), failure.message());
    }

    @Test
    void aNameThatDoesNotResolveIsAnOutage() {
        Failure failure = failureAt("http://no-such-host.invalid/v1");

        assertEquals(FailureKind.OUTAGE, failure.kind());
        assertEquals("unknown_host", failure.code());
    }

    @Test
    void aServerWithoutTlsIsAnOutageWithAClearText() throws Exception {
        try (RawServer plain = new RawServer(RawServer.Exchange::stall)) {
            Failure failure = failureAt(plain.baseUrl().replace("http:", "https:"));

            assertEquals(FailureKind.OUTAGE, failure.kind());
            assertEquals("tls_failed", failure.code());
            assertTrue(failure.message().contains("certificate"), failure.message());
        }
    }

    @Test
    void anAbortFromAnotherThreadEndsTheWaitForAnAnswer() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        RawServer.Script silent = exchange -> {
            asked.countDown();
            exchange.stall();
        };
        try (RawServer server = new RawServer(silent);
                OpenAiSpeechSynthesizer speech = client(server.baseUrl(), SHORT)) {
            CallHandle handle = new CallHandle();
            CompletableFuture<SpeechException> ended = CompletableFuture.supplyAsync(
                    () -> assertThrows(SpeechException.class, () -> speech.synthesize(REQUEST, handle)));
            asked.await();
            handle.abort();
            Failure failure = ended.get(2, TimeUnit.SECONDS).failure();

            assertEquals(FailureKind.TRANSPORT, failure.kind());
            assertEquals("aborted", failure.code());
        }
    }

    @Test
    void anAbortFromAnotherThreadEndsTheBody() throws Exception {
        try (RawServer server = new RawServer(exchange ->
                        exchange.write(CHUNKED).chunk(RawServer.audio(64)).stall());
                OpenAiSpeechSynthesizer speech = client(server.baseUrl(), SHORT)) {
            CallHandle handle = new CallHandle();
            try (SpeechAudio audio = speech.synthesize(REQUEST, handle)) {
                assertEquals(64, audio.body().readNBytes(64).length);
                CompletableFuture<SpeechException> ended = CompletableFuture.supplyAsync(() ->
                        assertThrows(SpeechException.class, () -> audio.body().read()));
                handle.abort();

                assertEquals("aborted", ended.get(2, TimeUnit.SECONDS).failure().code());
            }
        }
    }

    @Test
    void aHandleThatWasAbortedBeforeSendsNothing() throws Exception {
        try (RawServer server = new RawServer(RawServer.Exchange::stall);
                OpenAiSpeechSynthesizer speech = client(server.baseUrl(), SHORT)) {
            CallHandle handle = new CallHandle();
            handle.abort();
            SpeechException aborted = assertThrows(SpeechException.class, () -> speech.synthesize(REQUEST, handle));

            assertEquals("aborted", aborted.failure().code());
            assertEquals(0, server.requests());
        }
    }

    @Test
    void closingAnUnfinishedBodyCutsItAndDrainsNothing() throws Exception {
        RawServer.Script generous = exchange -> {
            exchange.write("HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nContent-Length: 100000\r\n\r\n")
                    .write(RawServer.audio(100_000))
                    .keep();
        };
        try (RawServer server = new RawServer(generous);
                OpenAiSpeechSynthesizer speech = client(server.baseUrl(), SHORT)) {
            speech.synthesize(REQUEST, new CallHandle()).close();
            assertEquals(100_000, readAll(speech, REQUEST));
            assertEquals(100_000, readAll(speech, REQUEST));

            assertEquals(2, server.connections(), "one was cut, one was used again");
        }
    }

    @Test
    void audioThatComesAsCreatedOrTouchedByAProxyIsPaidForAndTaken() throws Exception {
        for (int status : new int[] {201, 203}) {
            RawServer.Script audio = exchange -> exchange.write(
                            "HTTP/1.1 " + status + " X\r\nContent-Type: audio/mpeg\r\nContent-Length: 5000\r\n\r\n")
                    .write(RawServer.audio(5000));
            try (RawServer server = new RawServer(audio);
                    OpenAiSpeechSynthesizer speech = client(server.baseUrl(), SHORT)) {
                assertEquals(5000, readAll(speech, REQUEST));
            }
        }
        Failure part = failureOf(
                exchange -> exchange.write("HTTP/1.1 206 X\r\nContent-Type: audio/mpeg\r\nContent-Length: 5000\r\n\r\n")
                        .write(RawServer.audio(5000)));
        assertEquals("HTTP 206: bytes that are no text", part.message());
    }

    @Test
    void compressedAnswersAreReadThoughNobodyAskedForThem() throws Exception {
        byte[] purse =
                zipped("{\"error\":{\"code\":\"insufficient_quota\",\"message\":\"No credit\"}}".getBytes(UTF_8));
        Failure failure = failureOf(
                exchange -> exchange.write("HTTP/1.1 429 X\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n")
                        .write(purse));
        assertEquals(FailureKind.QUOTA_EXHAUSTED, failure.kind());

        byte[] audio = zipped(RawServer.audio(5000));
        RawServer.Script zip = exchange -> exchange.write("HTTP/1.1 200 X\r\nContent-Encoding: gzip\r\n"
                        + "Content-Type: audio/mpeg\r\nContent-Length: " + audio.length + "\r\n\r\n")
                .write(audio);
        try (RawServer server = new RawServer(zip);
                OpenAiSpeechSynthesizer speech = client(server.baseUrl(), SHORT)) {
            assertEquals(5000, readAll(speech, REQUEST));
        }
        Failure cut = failureOf(
                exchange -> exchange.write("HTTP/1.1 200 X\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n")
                        .write(Arrays.copyOf(audio, audio.length - 4)));
        assertEquals("connection_cut", cut.code());
    }

    @Test
    void aLengthBelowZeroIsAnAnswerThatBroke() throws Exception {
        Failure failure = failureOf(exchange ->
                exchange.write("HTTP/1.1 200 X\r\nContent-Type: audio/mpeg\r\nContent-Length: -5\r\n\r\nabcdef"));

        assertEquals("connection_cut", failure.code());
    }

    @Test
    void aServerThatRepeatsTheKeyInItsStatusLineShowsItToNobody() throws Exception {
        for (String answer : new String[] {
            "HTTQ sk-canary-0123456789abcdef\r\n\r\n",
            "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\nsk-canary-0123456789abcdef\r\n"
        }) {
            try (RawServer server = new RawServer(exchange -> exchange.write(answer));
                    OpenAiSpeechSynthesizer speech = client(server.baseUrl(), SHORT)) {
                SpeechException failed = assertThrows(SpeechException.class, () -> readAll(speech, REQUEST));
                StringWriter trace = new StringWriter();
                failed.printStackTrace(new PrintWriter(trace));
                assertFalse(trace.toString().contains("canary"), answer);
            }
        }
    }

    private static byte[] zipped(byte[] plain) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(bytes)) {
            zip.write(plain);
        }
        return bytes.toByteArray();
    }

    private static Failure rateLimited(String header) throws Exception {
        Failure failure = failureOf(answer(429, header, rateLimitBody()));
        assertEquals(FailureKind.RATE_LIMITED, failure.kind());
        return failure;
    }

    private static String rateLimitBody() {
        return "{\"error\":{\"message\":\"Rate limit reached for tts-1\",\"type\":\"requests\",\"param\":null,"
                + "\"code\":\"rate_limit_exceeded\"}}";
    }

    private static RawServer.Script answer(int status, String headers, String body) {
        return exchange -> exchange.write(
                "HTTP/1.1 " + status + " X\r\n" + headers + "Content-Length: " + body.length() + "\r\n\r\n" + body);
    }

    private static Failure failureOf(RawServer.Script script) throws Exception {
        return failureOf(script, SHORT);
    }

    /** What one call to such a server fails with, having made sure that it was one request. */
    private static Failure failureOf(RawServer.Script script, OpenAiDeadlines deadlines) throws Exception {
        try (RawServer server = new RawServer(script);
                OpenAiSpeechSynthesizer speech = client(server.baseUrl(), deadlines)) {
            SpeechException failed = assertThrows(SpeechException.class, () -> readAll(speech, REQUEST));
            assertEquals(1, server.requests());
            assertNotNull(failed.hints());
            return failed.failure();
        }
    }

    private static Failure failureAt(String baseUrl) {
        try (OpenAiSpeechSynthesizer speech = client(baseUrl, SHORT)) {
            return assertThrows(SpeechException.class, () -> readAll(speech, REQUEST))
                    .failure();
        }
    }

    private static OpenAiSpeechSynthesizer client(String baseUrl, OpenAiDeadlines deadlines) {
        return OpenAiSpeechSynthesizer.builder()
                .baseUrl(baseUrl)
                .apiKey("sk-canary-0123456789abcdef")
                .deadlines(deadlines)
                .build();
    }

    private static long readAll(OpenAiSpeechSynthesizer speech, SpeechRequest request) throws IOException {
        try (SpeechAudio audio = speech.synthesize(request, new CallHandle());
                InputStream body = audio.body()) {
            return body.transferTo(OutputStream.nullOutputStream());
        }
    }
}
