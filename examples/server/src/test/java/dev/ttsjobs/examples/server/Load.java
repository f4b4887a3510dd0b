package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ttsjobs.examples.voice.OfflineVoiceServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * 200 calls a second for a minute against the program as a process of its own: 16 of 20 ask for a job's status, two submit one,
 * two watch one to its end. Not part of the build, for it wants the machine to itself: {@code mvn -o test -pl examples/server -am
 * -Dtest=Load -Dsurefire.failIfNoSpecifiedTests=false}. {@code DATABASE_URL} names another database than the embedded one.
 */
class Load {

    private static final int A_SECOND = Integer.getInteger("load.rate", 200);
    private static final int SECONDS = Integer.getInteger("load.seconds", 60);
    private static final int USERS = 20;

    @TempDir
    Path dir;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Map<String, Queue<Long>> micros = new ConcurrentHashMap<>();
    private final Queue<CompletableFuture<?>> answers = new ConcurrentLinkedQueue<>();
    private final Queue<String> errors = new ConcurrentLinkedQueue<>();
    private final List<User> users = new ArrayList<>();
    private String base = "";

    /** A user with a deck, and the jobs that were accepted so far. */
    private record User(String token, String deck, List<String> jobs) {}

    @Test
    void two_hundred_calls_a_second_for_a_minute() throws Exception {
        int port = Programs.freePort();
        base = "http://127.0.0.1:" + port;
        try (OfflineVoiceServer voice = RunningServer.tunes();
                Programs programs = new Programs(dir, voice)) {
            Process server = programs.launch(
                    Main.class,
                    List.of(
                            "PORT", Integer.toString(port),
                            "TTS_MAX_JOBS_PER_DAY", "0",
                            "TTS_REQUESTS_PER_MINUTE", "60000"));
            programs.awaitLogged("listening on");
            for (int i = 0; i < USERS; i++) {
                users.add(user(i));
            }
            // What is compiled late is no part of the figures.
            run(5);
            micros.clear();
            long cpu = cpuMillis(server);
            run(SECONDS);
            System.out.printf(
                    "%d calls a second for %d s, server %d ms of processor a second%n",
                    A_SECOND, SECONDS, (cpuMillis(server) - cpu) / SECONDS);
        }
        new TreeMap<>(micros).forEach((kind, times) -> System.out.println(kind + ": " + figures(times)));
        System.out.println("errors: " + errors.size() + " "
                + errors.stream().distinct().limit(5).toList());

        assertEquals(0, errors.size());
        assertTrue(percentile(micros.get("status"), 0.99) < 50_000, "p99 of status");
    }

    private static long cpuMillis(Process process) {
        return process.info().totalCpuDuration().orElseThrow().toMillis();
    }

    /** Calls go out at their time whether or not those before were answered, and are measured from that time. */
    private void run(int seconds) throws InterruptedException {
        ScheduledExecutorService clock = Executors.newScheduledThreadPool(2);
        long start = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(100);
        for (int i = 0; i < seconds * A_SECOND; i++) {
            long due = start + TimeUnit.SECONDS.toNanos(i) / A_SECOND;
            int turn = i % 20;
            clock.schedule(() -> call(turn, due), due - System.nanoTime(), TimeUnit.NANOSECONDS);
        }
        clock.shutdown();
        assertTrue(clock.awaitTermination(seconds + 30L, TimeUnit.SECONDS));
        // Streams that are open come to their end.
        CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .exceptionally(counted -> null)
                .orTimeout(30, TimeUnit.SECONDS)
                .join();
    }

    private void call(int turn, long due) {
        User user = users.get(ThreadLocalRandom.current().nextInt(USERS));
        List<String> jobs = user.jobs;
        String newest = jobs.get(jobs.size() - 1);
        if (turn % 10 == 3) {
            send(
                    "generate",
                    post(user, "/api/tts/generate", request(user)),
                    202,
                    due,
                    body -> jobs.add(body.get("jobId").asText()));
        } else if (turn % 10 == 7) {
            send("stream to its end", get(user, "/api/tts/stream/" + newest), 200, due, body -> {});
        } else {
            String job = turn % 2 == 0
                    ? newest
                    : jobs.get(ThreadLocalRandom.current().nextInt(jobs.size()));
            send("status", get(user, "/api/tts/status/" + job), 200, due, body -> {});
        }
    }

    private interface Body {
        void of(JsonNode json);
    }

    private void send(String kind, HttpRequest request, int expected, long due, Body then) {
        CompletableFuture<HttpResponse<byte[]>> answer =
                http.sendAsync(request, HttpResponse.BodyHandlers.ofByteArray());
        answers.add(answer.whenComplete((response, failure) -> {
            micros.computeIfAbsent(kind, k -> new ConcurrentLinkedQueue<>()).add((System.nanoTime() - due) / 1000);
            if (failure != null || response.statusCode() != expected) {
                errors.add(kind + " " + (failure == null ? response.statusCode() : failure.toString()));
            } else if (kind.equals("generate")) {
                then.of(json(response.body()));
            }
        }));
    }

    private static Map<String, Object> request(User user) {
        String text = "Number " + ThreadLocalRandom.current().nextLong();
        return Map.of("deckId", user.deck, "phrases", List.of(Map.of("textEn", text, "textFr", text)));
    }

    private User user(int number) throws Exception {
        Map<String, String> account = Map.of("email", number + "@example.org", "password", "correct horse");
        User signedIn = new User(
                answer(post(new User("", "", List.of()), "/api/auth/register", account))
                        .get("token")
                        .asText(),
                "",
                List.of());
        String deck = answer(post(signedIn, "/api/my-decks", Map.of("name", "Deck")))
                .at("/deck/id")
                .asText();
        User user = new User(signedIn.token, deck, new java.util.concurrent.CopyOnWriteArrayList<>());
        user.jobs.add(answer(post(user, "/api/tts/generate", request(user)))
                .get("jobId")
                .asText());
        return user;
    }

    private HttpRequest get(User user, String path) {
        return HttpRequest.newBuilder(URI.create(base + path))
                .header("Authorization", "Bearer " + user.token)
                .build();
    }

    private HttpRequest post(User user, String path, Object body) {
        try {
            return HttpRequest.newBuilder(URI.create(base + path))
                    .header("Authorization", "Bearer " + user.token)
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofByteArray(new ObjectMapper().writeValueAsBytes(body)))
                    .build();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private JsonNode answer(HttpRequest request) throws Exception {
        return json(http.send(request, HttpResponse.BodyHandlers.ofByteArray()).body());
    }

    private static JsonNode json(byte[] body) {
        try {
            return new ObjectMapper().readTree(body);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static String figures(Queue<Long> micros) {
        return String.format(
                "%d, p50 %.1f ms, p90 %.1f ms, p99 %.1f ms, most %.1f ms",
                micros.size(),
                percentile(micros, 0.5) / 1000.0,
                percentile(micros, 0.9) / 1000.0,
                percentile(micros, 0.99) / 1000.0,
                percentile(micros, 1) / 1000.0);
    }

    private static long percentile(Queue<Long> micros, double share) {
        long[] sorted = micros.stream().mapToLong(Long::longValue).sorted().toArray();
        return sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
    }
}
