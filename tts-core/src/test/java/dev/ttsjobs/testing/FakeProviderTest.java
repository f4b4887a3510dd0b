package dev.ttsjobs.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.SpeechJobs;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobRequest;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.openai.OpenAiSpeechSynthesizer;
import dev.ttsjobs.queue.JobQueue;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.testing.FakeProvider.Answer;
import dev.ttsjobs.testing.FakeProvider.Call;
import dev.ttsjobs.time.ManualTime;
import dev.ttsjobs.worker.SpeechWorker;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class FakeProviderTest {

    private final ManualTime time = new ManualTime();
    private final FakeProvider provider = FakeProvider.start(time);

    @AfterEach
    void stop() {
        provider.close();
    }

    @Test
    void aRateThatMayRiseLearnsTheProvidersLimitFromItsHeaders() throws Exception {
        provider.limit(600);
        try (JobQueue queue = JobQueue.inMemory(time);
                AudioStorage storage = AudioStorage.inMemory();
                OpenAiSpeechSynthesizer speech = OpenAiSpeechSynthesizer.builder()
                        .baseUrl(provider.baseUrl())
                        .build();
                SpeechWorker worker = SpeechWorker.builder(queue, storage, speech)
                        .limit(RateLimit.perMinute(300).withMostPerMinute(10_000))
                        .time(time, time)
                        .build()) {
            JobRequest.Builder deck = JobRequest.builder("alice");
            for (int i = 0; i < 300; i++) {
                deck.phrase("card-" + i, "en", "Phrase number " + i);
            }
            SpeechJobs jobs = SpeechJobs.builder(queue).clock(time).build();
            JobId id = jobs.submit(deck.build()).id();
            while (worker.poll() > 0) {
                continue;
            }
            Job job = jobs.find(id).orElseThrow();
            assertEquals(JobStatus.COMPLETED, job.status());
            assertEquals(300, provider.calls().size(), "nothing was refused");
            Duration took =
                    Duration.between(job.timeline().startedAt(), job.timeline().completedAt());
            assertTrue(took.toSeconds() < 52, "at the first rate it would be 60 s: " + took);
        }
    }

    /** What the Javadoc shows: a host's own test of a whole job, over the real client. */
    @Test
    void aHostRunsItsJobsThroughTheWholeClient() throws Exception {
        try (JobQueue queue = JobQueue.inMemory(time);
                AudioStorage storage = AudioStorage.inMemory();
                OpenAiSpeechSynthesizer speech = OpenAiSpeechSynthesizer.builder()
                        .baseUrl(provider.baseUrl())
                        .build();
                SpeechWorker worker = SpeechWorker.builder(queue, storage, speech)
                        .time(time, time)
                        .build()) {
            SpeechJobs jobs = SpeechJobs.builder(queue).clock(time).build();
            provider.answerNext(Answer.rateLimited(Duration.ofSeconds(1)), Answer.cutSilently(500));
            JobId id = jobs.submit(JobRequest.builder("alice")
                            .phrase("card-1", "fr", "Bonjour")
                            .phrase("card-2", "fr", "Bonjour")
                            .build())
                    .id();
            while (!jobs.find(id).orElseThrow().status().hasEnded()) {
                if (worker.poll() == 0) {
                    queue.outlook().later().ifPresent(time::advanceTo);
                }
            }

            assertEquals(JobStatus.COMPLETED, jobs.find(id).orElseThrow().status());
            assertEquals(
                    List.of(429, 200, 200),
                    provider.calls().stream().map(Call::status).toList());
            assertEquals(2, provider.paid().size());
        }
    }

    @Test
    void theLimitIsAStrictMinuteInWhichRefusalsCount() throws Exception {
        provider.limit(2);
        assertEquals(
                200, post("{\"model\":\"m\",\"input\":\"a\",\"voice\":\"v\"}").statusCode());
        time.advance(Duration.ofSeconds(10));
        HttpResponse<String> second = post("{\"model\":\"m\",\"input\":\"a\",\"voice\":\"v\"}");
        assertEquals(
                "0",
                second.headers().firstValue("x-ratelimit-remaining-requests").orElseThrow());
        time.advance(Duration.ofSeconds(45));
        HttpResponse<String> refused = post("{\"model\":\"m\",\"input\":\"a\",\"voice\":\"v\"}");
        assertEquals(429, refused.statusCode());
        assertEquals("5", refused.headers().firstValue("Retry-After").orElseThrow());
        time.advance(Duration.ofSeconds(5));
        assertEquals(
                429, post("{\"model\":\"m\",\"input\":\"a\",\"voice\":\"v\"}").statusCode());
        time.advance(Duration.ofSeconds(56));
        assertEquals(
                200, post("{\"model\":\"m\",\"input\":\"a\",\"voice\":\"v\"}").statusCode());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "not json|invalid_value",
                "[]|invalid_value",
                "{\"input\":\"a\",\"voice\":\"v\"}|missing_required_parameter",
                "{\"model\":\"m\",\"input\":\"a\",\"voice\":\"v\",\"seed\":1}|unknown_parameter",
                "{\"model\":\"m\",\"input\":7,\"voice\":\"v\"}|invalid_type",
                "{\"model\":\"m\",\"input\":\"a\",\"voice\":{\"name\":\"v\"}}|invalid_type",
                "{\"model\":\"m\",\"input\":\"a\",\"voice\":\"v\",\"speed\":5}|invalid_value",
                "{\"model\":\"m\",\"input\":\"a\",\"voice\":\"v\",\"response_format\":\"ogg\"}|invalid_value",
                "{\"model\":\"tts-1\",\"input\":\"a\",\"voice\":\"v\",\"stream_format\":\"sse\"}|invalid_value",
                "{\"model\":\"m\",\"input\":\" \",\"voice\":\"v\"}|invalid_value",
                "{\"model\":\"m\",\"input\":\"a\",\"voice\":\"v\",\"response_format\":\"opus\"}|unsupported_value"
            })
    void whatTheProviderWouldRefuseIsRefused(String json, String code) throws Exception {
        HttpResponse<String> refused = post(json);

        assertEquals(400, refused.statusCode());
        assertTrue(refused.body().contains("\"code\":\"" + code + "\""), refused.body());
        assertEquals(List.of(), provider.paid());
    }

    @Test
    void anOverlongTextAndAnotherAddressAreRefused() throws Exception {
        String text = "x".repeat(4097);
        assertTrue(post("{\"model\":\"m\",\"input\":\"" + text + "\",\"voice\":\"v\"}")
                .body()
                .contains("string_above_max_length"));
        assertEquals(404, send(provider.baseUrl() + "/v1/audio/speech", "{}").statusCode());
    }

    @Test
    void aCustomVoiceAndTheWholeRequestAreOnRecord() throws Exception {
        String json =
                "{\"model\":\"m\",\"input\":\"Salut\",\"voice\":{\"id\":\"voice_12\"},\"response_format\":\"wav\"}";
        assertEquals(200, post(json).statusCode());

        assertEquals(
                List.of(new Call(time.instant(), "Salut", "m", "voice_12", "wav", json, 200, true)), provider.calls());
        provider.forget();
        assertEquals(List.of(), provider.calls());
    }

    @Test
    void withoutAScriptedLimitNothingIsSaidOfLimits() throws Exception {
        assertTrue(post("{\"model\":\"m\",\"input\":\"a\",\"voice\":\"v\"}")
                .headers()
                .firstValue("x-ratelimit-limit-requests")
                .isEmpty());
    }

    private HttpResponse<String> post(String json) throws Exception {
        return send(provider.baseUrl() + "/audio/speech", json);
    }

    private static HttpResponse<String> send(String address, String json) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(address))
                                .POST(HttpRequest.BodyPublishers.ofString(json))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }
}
