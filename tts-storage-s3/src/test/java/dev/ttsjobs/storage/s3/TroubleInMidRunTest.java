package dev.ttsjobs.storage.s3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.event.JobListener;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobRequest;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.job.PhraseResult;
import dev.ttsjobs.queue.JobQueue;
import dev.ttsjobs.storage.s3.ScriptedServer.Answer;
import dev.ttsjobs.testing.TtsHarness;
import dev.ttsjobs.time.ManualTime;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;

/**
 * A whole run with a bucket that goes away, is overloaded, or no longer takes the key, for minutes of a time that is moved by
 * hand. Whatever happens, and whenever: no text is spoken twice, and all of them end stored.
 */
class TroubleInMidRunTest {

    private static final int TEXTS = 6;

    private final ManualTime time = new ManualTime();
    private final Set<String> told = ConcurrentHashMap.newKeySet();
    private final AtomicInteger requests = new AtomicInteger();
    private ScriptedServer server;
    private TtsHarness harness;

    private JobId submit(S3AudioStorage.Builder settings) {
        S3AudioStorage s3 = settings.endpoint(server.endpoint())
                .timeout(Duration.ofSeconds(10))
                .sleeper(time)
                .withoutPauses()
                .build();
        JobListener listener = new JobListener() {
            @Override
            public void storageChanged(Failure failure) {
                if (failure != null) {
                    told.add(failure.message());
                }
            }
        };
        harness = TtsHarness.of(time, JobQueue.inMemory(time), s3, jobs -> {}, worker -> worker.listener(listener));
        JobRequest.Builder request = JobRequest.builder("ann");
        for (int i = 0; i < TEXTS; i++) {
            request.phrase("card-" + i, "en", "This is sentence number " + i);
        }
        return harness.jobs().submit(request.build()).id();
    }

    private JobId start(Answer answer) throws Exception {
        server = new ScriptedServer();
        server.otherwise = (exchange, s) -> {
            requests.incrementAndGet();
            answer.to(exchange, s);
        };
        return submit(S3AudioStorage.builder("audio").credentials(S3Proxy.KEY));
    }

    @AfterEach
    void stop() {
        harness.close();
        server.close();
    }

    private void assertAllStoredAndNothingBoughtTwice(JobId job) throws Exception {
        assertEquals(JobStatus.COMPLETED, harness.jobs().find(job).orElseThrow().status());
        assertEquals(TEXTS, harness.synthesizer().calls().size());
        for (PhraseResult phrase : harness.jobs().results(job)) {
            PhraseResult.Audio audio = phrase.sides().get("en").audio();
            ScriptedServer.Stored stored = server.objects.get("/audio/" + audio.name());
            assertEquals(audio.bytes(), stored.bytes().length);
            assertEquals(
                    stored.sha256(),
                    HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(stored.bytes())));
        }
    }

    // An outage

    private static final Map<String, Answer> OUTAGES = Map.of(
            "hangs up",
            ScriptedServer.HANGS_UP,
            "503",
            ScriptedServer.refusing(503, "ServiceUnavailable"),
            "500",
            ScriptedServer.refusing(500, "InternalError"),
            "no bucket",
            ScriptedServer.refusing(404, "NoSuchBucket"),
            "wrong key",
            ScriptedServer.refusing(403, "SignatureDoesNotMatch"),
            "stores and hangs up",
            ScriptedServer.STORES_AND_HANGS_UP);

    static Stream<Arguments> outages() {
        // Looking, storing, and looking for the next one, in the middle of the run.
        return OUTAGES.keySet().stream()
                .sorted()
                .flatMap(outage -> Stream.of(0, 5, 6, 7).map(request -> Arguments.of(outage, request)));
    }

    @ParameterizedTest
    @MethodSource("outages")
    void anOutageOfMinutesCostsTimeAndNothingElse(String outage, int from) throws Exception {
        Answer answer = OUTAGES.get(outage);
        Instant[] end = {Instant.MAX};
        JobId job = start((exchange, s) -> {
            if (requests.get() == from + 1) {
                end[0] = time.instant().plus(Duration.ofMinutes(7));
            }
            boolean out = requests.get() > from && time.instant().isBefore(end[0]);
            // Only an upload has something to store.
            boolean upload = exchange.getRequestMethod().equals("PUT");
            (out
                            ? upload || answer != ScriptedServer.STORES_AND_HANGS_UP ? answer : ScriptedServer.HANGS_UP
                            : ScriptedServer.SOUND)
                    .to(exchange, s);
        });
        harness.drain();
        assertTrue(time.instant().isAfter(end[0]), "it was out for all of that time");
        assertFalse(told.isEmpty());
        assertAllStoredAndNothingBoughtTwice(job);
    }

    // Overload

    @Test
    void aStormOfSlowDownIsMetWithFewerAndFewerRequests() throws Exception {
        Instant end = time.instant().plus(Duration.ofMinutes(10));
        JobId job = start((exchange, s) -> (time.instant().isBefore(end) && requests.get() > 4
                        ? ScriptedServer.refusing(503, "SlowDown")
                        : ScriptedServer.SOUND)
                .to(exchange, s));
        harness.drain();
        assertAllStoredAndNothingBoughtTwice(job);
        assertTrue(requests.get() < 400, requests + " requests in ten minutes");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void aServerThatRefusesMostOfItIsFinishedWithAllTheSame(long seed) throws Exception {
        Random random = new Random(seed);
        JobId job = start((exchange, s) -> (random.nextInt(10) < 9
                        ? ScriptedServer.refusing(503, "SlowDown")
                        : ScriptedServer.SOUND)
                .to(exchange, s));
        harness.drain();
        assertAllStoredAndNothingBoughtTwice(job);
    }

    // A key that runs out

    @ParameterizedTest
    @ValueSource(ints = {0, 4, 5})
    void aKeyThatRunsOutIsWaitedForSaysSoAndTheNewOneGoesOn(int from) throws Exception {
        Instant renewed = time.instant().plus(Duration.ofMinutes(20));
        server = new ScriptedServer();
        server.otherwise = (exchange, s) -> {
            boolean old = exchange.getRequestHeaders().getFirst("Authorization").contains("AKIDOLD");
            boolean runOut = requests.getAndIncrement() >= from;
            (old && runOut ? ScriptedServer.refusing(400, "ExpiredToken") : ScriptedServer.SOUND).to(exchange, s);
        };
        JobId job = submit(S3AudioStorage.builder("audio").credentials(() -> {
            boolean old = time.instant().isBefore(renewed);
            return AwsBasicCredentials.create(old ? "AKIDOLD" : "AKIDNEW", "secret");
        }));
        harness.drain();
        assertAllStoredAndNothingBoughtTwice(job);
        assertFalse(time.instant().isBefore(renewed));
        assertTrue(requests.get() < 1000, requests + " requests in twenty minutes");
        if (from == 0) {
            assertEquals(1, told.size(), told::toString);
            assertTrue(told.iterator().next().contains("renew AWS_SESSION_TOKEN"), told::toString);
        }
    }
}
