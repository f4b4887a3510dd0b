package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ttsjobs.examples.server.RunningServer.Answer;
import dev.ttsjobs.examples.server.RunningServer.User;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Five jobs a day, and what is sent twice counts once. */
class QuotaAndIdempotencyTest {

    @TempDir
    Path dir;

    private RunningServer running;
    private User ann;
    private JsonNode deck;

    @BeforeEach
    void start() {
        running = RunningServer.in(dir);
        ann = running.register("ann@example.org");
        deck = ann.deck("Cat", "Chat");
    }

    @AfterEach
    void stop() {
        running.close();
    }

    private static List<Answer> atOnce(int times, Callable<Answer> call) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(times);
        try {
            List<Callable<Answer>> calls = new ArrayList<>();
            for (int i = 0; i < times; i++) {
                calls.add(call);
            }
            List<Answer> answers = new ArrayList<>();
            for (Future<Answer> answer : threads.invokeAll(calls, 60, TimeUnit.SECONDS)) {
                answers.add(answer.get());
            }
            return answers;
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void ten_calls_at_the_same_moment_do_not_pass_a_limit_of_five() throws Exception {
        List<Answer> answers = atOnce(10, () -> ann.post("/api/tts/generate", ann.requestFor(deck)));

        assertEquals(
                5, answers.stream().filter(answer -> answer.status() == 202).count());
        assertEquals(
                5, answers.stream().filter(answer -> answer.status() == 429).count());
        answers.stream()
                .filter(answer -> answer.status() == 429)
                .forEach(answer -> assertTrue(Long.parseLong(answer.header("Retry-After")) > 0));
        assertEquals(5, ann.get("/api/tts/jobs").json().get("jobs").size());
        assertEquals(
                0, ann.get("/api/tts/usage").json().at("/usage/jobsLeftToday").intValue());
        assertEquals(
                5,
                ann.get("/api/tts/audit").json().get("entries").findValuesAsText("action").stream()
                        .filter("job.submitted"::equals)
                        .count());
        // The limit is each user's own.
        User bob = running.register("bob@example.org");
        bob.generate(bob.deck("Cat", "Chat"));
    }

    @Test
    void the_same_key_at_the_same_moment_is_one_job() throws Exception {
        List<Answer> answers =
                atOnce(10, () -> ann.post("/api/tts/generate", ann.requestFor(deck), "Idempotency-Key", "once"));

        Set<String> ids = new HashSet<>();
        long first = 0;
        for (Answer answer : answers) {
            assertTrue(answer.status() == 202 || answer.status() == 409, "status " + answer.status());
            if (answer.status() == 202) {
                ids.add(answer.json().get("jobId").textValue());
                first += answer.header("Idempotent-Replayed").isEmpty() ? 1 : 0;
            }
        }
        assertEquals(1, ids.size());
        assertEquals(1, first);
        assertEquals(1, ann.get("/api/tts/usage").json().at("/usage/jobsToday").intValue());
    }

    @Test
    void a_key_is_kept_past_the_quota_and_by_user() {
        Answer first = ann.post("/api/tts/generate", ann.requestFor(deck), "Idempotency-Key", "\"key-1\"");
        for (int i = 0; i < 4; i++) {
            ann.generate(deck);
        }
        assertEquals(429, ann.post("/api/tts/generate", ann.requestFor(deck)).status());

        // With or without the quotes of the standard's draft.
        Answer again = ann.post("/api/tts/generate", ann.requestFor(deck), "Idempotency-Key", "key-1");

        assertEquals(202, again.status());
        assertEquals("true", again.header("Idempotent-Replayed"));
        assertEquals(first.json().get("jobId"), again.json().get("jobId"));
        User bob = running.register("bob@example.org");
        JsonNode bobsDeck = bob.deck("Cat", "Chat");
        Answer bobs = bob.post("/api/tts/generate", bob.requestFor(bobsDeck), "Idempotency-Key", "key-1");
        assertEquals("", bobs.header("Idempotent-Replayed"));
    }

    @Test
    void a_key_stands_for_one_body() {
        JsonNode other = ann.deck("Dog", "Chien");
        ann.post("/api/tts/generate", ann.requestFor(deck), "Idempotency-Key", "key-1");

        Answer reused = ann.post("/api/tts/generate", ann.requestFor(other), "Idempotency-Key", "key-1");

        assertEquals(422, reused.status());
        assertEquals(1, ann.get("/api/tts/jobs").json().get("jobs").size());
        String tooLong = "k".repeat(201);
        assertEquals(
                400,
                ann.post("/api/tts/generate", ann.requestFor(deck), "Idempotency-Key", tooLong)
                        .status());
    }
}
