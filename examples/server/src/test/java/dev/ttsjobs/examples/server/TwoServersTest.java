package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ttsjobs.examples.server.RunningServer.Answer;
import dev.ttsjobs.examples.server.RunningServer.User;
import dev.ttsjobs.examples.voice.FaultKind;
import dev.ttsjobs.examples.voice.VoiceFaults;
import dev.ttsjobs.time.Sleeper;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two servers on one PostgreSQL: one works and sends no webhooks, the other one sends them and does not work. */
@Timeout(120)
class TwoServersTest {

    private static final String SECRET = "whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0";

    @TempDir
    static Path dir;

    private static EmbeddedPostgres postgres;
    private static RunningServer working;
    private static RunningServer idle;
    private static int users;

    @BeforeAll
    static void start() throws IOException {
        postgres = EmbeddedPostgres.builder().setServerConfig("fsync", "off").start();
        String url = "postgresql://postgres@127.0.0.1:" + postgres.getPort() + "/postgres";
        working = RunningServer.in(
                dir,
                "DATABASE_URL",
                url,
                "TTS_REQUESTS_PER_MINUTE",
                "1800",
                "TTS_PROBE_INTERVAL_SECONDS",
                "1",
                "SIGN_UPS_PER_HOUR",
                "2");
        idle = RunningServer.in(
                dir,
                "DATABASE_URL",
                url,
                "WORKER_ENABLED",
                "false",
                "SIGN_UPS_PER_HOUR",
                "2",
                "WEBHOOK_SECRET",
                SECRET,
                "WEBHOOK_ALLOW_PRIVATE",
                "true");
    }

    @AfterAll
    static void stop() throws IOException {
        idle.close();
        working.close();
        postgres.close();
    }

    /** One user, known to both servers by one token. */
    private record Both(User here, User there) {}

    private static Both register() {
        User here = working.register("user" + users++ + "@example.org");
        return new Both(here, idle.withToken(here.token));
    }

    @Test
    void both_count_together_who_signs_up() {
        assertEquals(201, signUp(working, 1).status());
        assertEquals(201, signUp(idle, 2).status());
        for (RunningServer each : List.of(working, idle)) {
            assertEquals(
                    "too_many_sign_ups", signUp(each, 3).json().path("code").asText());
        }
    }

    private static Answer signUp(RunningServer server, int number) {
        Map<String, String> body = Map.of("email", number + "@example.net", "password", "correct horse");
        return server.nobody().post("/api/auth/register", body, "X-Forwarded-For", "198.51.100.1");
    }

    @Test
    void of_many_at_once_no_more_are_counted_than_may_be() throws Exception {
        assertEquals(50, counted("a crowd", working.workshop.dataSource(), idle.workshop.dataSource()));
    }

    /** Where that is the default, of two at once the second one is refused by the database itself. */
    @Test
    void nor_are_they_where_the_database_repeats_reads() throws Exception {
        DataSource repeating = postgres.getDatabase(
                "postgres", "postgres", Map.of("options", "-c default_transaction_isolation=repeatable\\ read"));
        assertEquals(50, counted("another crowd", repeating, repeating));
    }

    private static int counted(String key, DataSource... sources) throws Exception {
        List<Callable<Boolean>> tries = new ArrayList<>();
        for (DataSource each : sources) {
            Tally tally = new Tally(Jdbi.create(each), working.workshop.queue().clock());
            for (int i = 0; i < 100; i++) {
                tries.add(() -> tally.add(key, 50, Duration.ofHours(1)).isEmpty());
            }
        }
        Collections.shuffle(tries, new Random(1));
        ExecutorService crowd = Executors.newFixedThreadPool(8);
        try {
            int counted = 0;
            for (Future<Boolean> each : crowd.invokeAll(tries)) {
                counted += each.get() ? 1 : 0;
            }
            return counted;
        } finally {
            crowd.shutdown();
        }
    }

    private record Event(String name, String id, JsonNode job) {}

    /** Reads events as they come, until the end of the stream or until there are so many. */
    private static List<Event> events(RunningServer server, User user, String job, String lastId, int most)
            throws IOException {
        try (Wire wire = new Wire(server.server.port())) {
            // By the older version, in which nothing is cut into chunks.
            wire.head(
                    "GET /api/tts/stream/" + job + " HTTP/1.0",
                    "Host: a",
                    "Authorization: Bearer " + user.token,
                    "Last-Event-ID: " + lastId);
            List<Event> events = new ArrayList<>();
            String name = "";
            String id = "";
            for (String line = wire.line(); line != null && events.size() < most; line = wire.line()) {
                if (line.startsWith("event: ")) {
                    name = line.substring(7);
                } else if (line.startsWith("id: ")) {
                    id = line.substring(4);
                } else if (line.startsWith("data: ")) {
                    events.add(new Event(
                            name,
                            id,
                            new ObjectMapper().readTree(line.substring(6)).get("job")));
                    if (!name.equals("progress")) {
                        break;
                    }
                }
            }
            return events;
        }
    }

    @Test
    void who_comes_back_to_the_other_server_misses_nothing() throws IOException {
        Both ann = register();
        String[] texts = IntStream.range(0, 60).mapToObj(i -> "text " + i).toArray(String[]::new);
        String job = ann.here.generate(ann.here.deck(texts));

        List<Event> first = events(working, ann.here, job, "", 3);
        Event known = first.get(first.size() - 1);
        List<Event> rest = events(idle, ann.there, job, known.id, 1000);

        Event next = rest.get(0);
        Event last = rest.get(rest.size() - 1);
        int seen = known.job.get("processedCount").intValue();
        assertTrue(seen < 30, "there was nothing left to tell");
        assertTrue(next.job.get("processedCount").intValue() >= seen, "it went back");
        assertNotEquals(known.job, next.job, "it was told again");
        assertEquals("completed", last.name);
        assertEquals(ann.here.job(job).get("processedCount"), last.job.get("processedCount"));
        assertEquals(30, last.job.get("resultUrls").size());
        Set<String> ids = new HashSet<>();
        first.forEach(event -> assertTrue(ids.add(event.id)));
        rest.forEach(event -> assertTrue(ids.add(event.id)));
        assertTrue(version(next) > version(known), known.id + " and then " + next.id);
        // Whoever asks, and wherever: the same state has the same id.
        assertEquals(ids(events(working, ann.here, job, "", 9)), ids(events(idle, ann.there, job, "", 9)));
        // And neither has any more to say to who has seen the end.
        for (User user : List.of(ann.here, ann.there)) {
            assertEquals(
                    204,
                    user.get("/api/tts/stream/" + job, "Last-Event-ID", last.id).status());
        }
    }

    private static List<String> ids(List<Event> events) {
        return events.stream().map(event -> event.id).toList();
    }

    private static long version(Event event) {
        return Long.parseLong(event.id.substring(0, event.id.indexOf('-')));
    }

    @Test
    void what_was_seen_at_one_is_not_told_again_by_the_other() throws IOException {
        Both fay = register();
        String account = working.workshop.account();
        working.workshop.jobs().pause(account, "lunch");
        try {
            String job = fay.here.generate(fay.here.deck("Ant", "Fourmi"));
            RunningServer.eventually(() -> !fay.here.job(job).get("waitingFor").isNull());
            Event waiting = events(working, fay.here, job, "", 1).get(0);
            assertFalse(waiting.job.get("waitingFor").isNull());
            try (Wire wire = new Wire(idle.server.port())) {
                wire.head(
                        "GET /api/tts/stream/" + job + " HTTP/1.0",
                        "Host: a",
                        "Authorization: Bearer " + fay.there.token,
                        "Last-Event-ID: " + waiting.id);
                assertEquals(200, wire.reply().status());
                // What is known is passed over, so that the first word is of what happens now.
                working.workshop.jobs().resume(account);
                for (String line = ""; !line.startsWith("event: "); line = wire.line()) {
                    assertTrue(line.isEmpty() || line.startsWith(":"), line);
                }
                assertNotEquals("id: " + waiting.id, wire.line());
                assertFalse(wire.line().contains("lunch"), "it was told again");
            }
        } finally {
            working.workshop.jobs().resume(account);
        }
    }

    private static List<Answer> atOnce(List<Callable<Answer>> calls) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(calls.size());
        try {
            List<Answer> answers = new ArrayList<>();
            for (Future<Answer> answer : threads.invokeAll(calls)) {
                answers.add(answer.get());
            }
            return answers;
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void a_crowd_at_both_does_not_pass_the_daily_limit() throws Exception {
        Both bob = register();
        Map<String, Object> request = bob.here.requestFor(bob.here.deck("Cat", "Chat"));
        List<Callable<Answer>> calls = new ArrayList<>();
        for (int i = 0; i < 15; i++) {
            calls.add(() -> bob.here.post("/api/tts/generate", request));
            calls.add(() -> bob.there.post("/api/tts/generate", request));
        }

        List<Answer> answers = atOnce(calls);

        assertEquals(
                5, answers.stream().filter(answer -> answer.status() == 202).count());
        assertEquals(
                25, answers.stream().filter(answer -> answer.status() == 429).count());
        assertEquals(5, bob.there.get("/api/tts/jobs").json().get("jobs").size());
    }

    @Test
    void one_key_at_both_is_one_job() throws Exception {
        Both carol = register();
        Map<String, Object> request = carol.here.requestFor(carol.here.deck("Dog", "Chien"));
        List<Callable<Answer>> calls = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            calls.add(() -> carol.here.post("/api/tts/generate", request, "Idempotency-Key", "once"));
            calls.add(() -> carol.there.post("/api/tts/generate", request, "Idempotency-Key", "once"));
        }

        Set<String> ids = new HashSet<>();
        for (Answer answer : atOnce(calls)) {
            assertTrue(answer.status() == 202 || answer.status() == 409, "status " + answer.status());
            if (answer.status() == 202) {
                ids.add(answer.json().get("jobId").textValue());
            }
        }
        assertEquals(1, ids.size());
        assertEquals(1, carol.here.get("/api/tts/jobs").json().get("jobs").size());
    }

    @Test
    void a_server_that_does_not_work_still_sends_webhooks() {
        try (WebhookReceiver receiver = new WebhookReceiver()) {
            Both dan = register();
            Map<String, Object> request = new HashMap<>(dan.there.requestFor(dan.there.deck("Cow", "Vache")));
            request.put("webhookUrl", receiver.url());
            assertEquals(400, dan.here.post("/api/tts/generate", request).status());
            String job = dan.there
                    .post("/api/tts/generate", request)
                    .json()
                    .get("jobId")
                    .textValue();

            RunningServer.eventually(() -> !receiver.received().isEmpty());
            WebhookReceiver.Received told = receiver.received().get(0);
            assertTrue(told.isSignedWith(SECRET));
            assertEquals(job, told.json().at("/data/jobId").textValue());
            assertEquals("tts.job.completed", told.json().get("type").textValue());
        }
    }

    /** A hundred jobs, each watched by a client of its own, are read by a few statements a second and no thread waits for any. */
    @Test
    void many_who_watch_cost_next_to_nothing() throws Exception {
        working.voice.faults(VoiceFaults.always(FaultKind.QUOTA));
        List<Wire> open = new ArrayList<>();
        int threads = Thread.activeCount();
        try {
            for (int i = 0; i < 20; i++) {
                User user = idle.foreign("watcher " + i);
                JsonNode deck = user.deck("Text of watcher " + i, "Texte " + i);
                for (int j = 0; j < 5; j++) {
                    Wire wire = new Wire(idle.server.port());
                    open.add(wire);
                    wire.head(
                            "GET /api/tts/stream/" + user.generate(deck) + " HTTP/1.0",
                            "Host: a",
                            "Authorization: Bearer " + user.token);
                }
            }
            for (Wire wire : open) {
                for (String line = ""; !line.startsWith("data: {"); line = wire.line()) {
                    assertNotEquals(null, line);
                }
            }
            long asked = Long.MAX_VALUE;
            for (int second = 0; second < 15 && asked >= 100; second++) {
                long before = transactions();
                Sleeper.system().sleep(Duration.ofSeconds(1));
                asked = Math.min(asked, transactions() - before);
            }

            // Of the first calm second: two looks, and what the two servers ask for themselves; one look each would be
            // 200
            // and more in every second, while the worker's own work at what was submitted comes to an end.
            assertTrue(asked < 100, asked + " transactions");
            int more = Thread.activeCount() - threads;
            assertTrue(more < 50, "threads are more by " + more);
            working.voice.faults(VoiceFaults.none());
            for (Wire wire : open) {
                for (String line = ""; !line.equals("event: completed"); line = wire.line()) {
                    assertNotEquals(null, line);
                }
            }
        } finally {
            working.voice.faults(VoiceFaults.none());
            open.forEach(Wire::close);
        }
    }

    private static long transactions() throws SQLException {
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT SUM(xact_commit + xact_rollback) FROM pg_stat_database WHERE datname = 'postgres'")) {
            row.next();
            return row.getLong(1);
        }
    }

    /** PostgreSQL takes no such character in a text, and would say so in an error of its own. */
    @Test
    void a_nul_in_an_address_finds_nothing() {
        Both eve = register();
        for (String path : List.of(
                "/api/tts/jobs?deckId=%00",
                "/api/tts/jobs?status=%00", "/api/tts/jobs?cursor=%00", "/api/tts/audit?cursor=%00")) {
            int status = eve.here.get(path).status();
            assertTrue(status < 500, path + " gave " + status);
        }
    }
}
