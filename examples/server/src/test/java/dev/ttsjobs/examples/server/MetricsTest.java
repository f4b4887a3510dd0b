package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ttsjobs.examples.server.RunningServer.User;
import dev.ttsjobs.examples.voice.FaultKind;
import dev.ttsjobs.examples.voice.VoiceFaults;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import dev.ttsjobs.queue.JobStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** One server's figures after a run in which everything went wrong once. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MetricsTest {

    private static final Path DASHBOARD = Path.of("../deploy/grafana-dashboard.json");
    private static final Pattern SAMPLE = Pattern.compile("(?m)^([a-z_]+(?:\\{[^}]*})?) (\\S+)$");
    private static final Pattern NAME = Pattern.compile("\\b(?:tts|http|jvm|process)_[a-z_]+");

    private String scrape;
    private Map<String, Double> figures;
    private long billedCharacters;

    @BeforeAll
    void runThroughEverything(@TempDir Path dir) {
        try (WebhookReceiver receiver = new WebhookReceiver();
                RunningServer running = RunningServer.in(
                        dir,
                        "TTS_REQUESTS_PER_MINUTE",
                        "1200",
                        "TTS_MAX_JOBS_PER_DAY",
                        "0",
                        "WEBHOOK_SECRET",
                        "whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0",
                        "WEBHOOK_ALLOW_PRIVATE",
                        "true")) {
            User ann = running.register("ann@example.org");
            slowDownAndServerError(running, ann, receiver);
            rejection(running, ann);
            cut(running, ann);
            lostLease(running, ann);
            foundInTheStorage(running, ann);
            billedCharacters = running.voice.ledger().characters();
            emptyPurse(running, ann);
            scrape = scrape(running);
            figures = figures(scrape);
        }
    }

    private static String scrape(RunningServer running) {
        return new String(running.call("GET", "/metrics", null).body(), StandardCharsets.UTF_8);
    }

    private static Map<String, Double> figures(String text) {
        Map<String, Double> figures = new HashMap<>();
        Matcher sample = SAMPLE.matcher(text);
        while (sample.find()) {
            figures.put(sample.group(1), Double.valueOf(sample.group(2)));
        }
        return figures;
    }

    private static void slowDownAndServerError(RunningServer running, User ann, WebhookReceiver receiver) {
        running.voice.faults(VoiceFaults.script(FaultKind.NONE, FaultKind.RATE_LIMIT, FaultKind.SERVER_ERROR));
        Map<String, Object> request = new HashMap<>(ann.requestFor(ann.deck("Cat", "Chat", "Dog", "Chien")));
        request.put("webhookUrl", receiver.url());
        String job = ann.post("/api/tts/generate", request).json().get("jobId").textValue();
        ann.await(job, "completed");
        RunningServer.eventually(() -> scrape(running).contains("deliveries_total{outcome=\"delivered\"} 1.0"));
    }

    private static void rejection(RunningServer running, User ann) {
        running.voice.faults(VoiceFaults.always(FaultKind.REFUSED).withOnly("Bad"));
        ann.await(ann.generate(ann.deck("Bad word", "Bon mot")), "completed");
    }

    private static void cut(RunningServer running, User ann) {
        running.voice.faults(VoiceFaults.script(FaultKind.CUT_SIZED));
        ann.await(ann.generate(ann.deck("Bird", "Oiseau")), "completed");
    }

    /** As if another worker had taken this one for dead during a call. */
    private static void lostLease(RunningServer running, User ann) {
        running.voice.faults(VoiceFaults.script(FaultKind.SLOW_BODY).withPause(Duration.ofSeconds(1)));
        long before = running.voice.ledger().calls();
        String deckId = ann.deck("Horse", "Cheval").get("id").textValue();
        Map<String, Object> one = Map.of("deckId", deckId, "phrases", List.of(Map.of("textEn", "Horse")));
        String job = ann.post("/api/tts/generate", one).json().get("jobId").textValue();
        RunningServer.eventually(() -> running.voice.ledger().calls() > before);
        Jdbi.create(running.workshop.dataSource())
                .withHandle(handle -> handle.createQuery("SELECT id FROM tts_worker")
                        .mapTo(String.class)
                        .list())
                .forEach(id -> running.workshop.queue().leave(new WorkerId(UUID.fromString(id))));
        ann.await(job, "completed");
        RunningServer.eventually(() -> scrape(running).contains("tts_lease_losses_total 1.0"));
    }

    /** As if the database had been put back to an older state. */
    private static void foundInTheStorage(RunningServer running, User ann) {
        running.voice.faults(VoiceFaults.none());
        JobStore.AudioRecord some = running.workshop.queue().audio(null, 1).get(0);
        assertTrue(running.workshop.queue().lost(some));
        RunningServer.eventually(() -> scrape(running).contains("outcome=\"found\"} 1.0"));
    }

    private static void emptyPurse(RunningServer running, User ann) {
        running.voice.faults(VoiceFaults.always(FaultKind.QUOTA));
        ann.generate(ann.deck("Cow", "Vache"));
        RunningServer.eventually(() -> {
            Map<String, Double> now = figures(scrape(running));
            return now.get("tts_account_paused") == 1 && now.get("tts_queue_oldest_age_seconds") > 0;
        });
    }

    private double figure(String name) {
        Double value = figures.get(name);
        assertTrue(value != null, name + " is not in\n" + scrape);
        return value;
    }

    @Test
    void the_queue_is_seen_and_so_is_who_works_it() {
        assertEquals(2, figure("tts_queue_depth{state=\"queued\"}") + figure("tts_queue_depth{state=\"leased\"}"));
        assertTrue(figure("tts_queue_oldest_age_seconds") > 0);
        assertEquals(1, figure("tts_workers_alive"));
        assertEquals(1, figure("tts_account_paused"));
        assertEquals(1, figure("tts_account_changes_total{to=\"paused\"}"));
        assertEquals(1200, figure("tts_limit_requests_per_minute"));
        assertEquals(4, figure("tts_jobs_ended_total"));
    }

    @Test
    void clips_are_counted_by_what_came_of_them() {
        // 4 of the first job, 1 of the second, 2 of the third, 1 after its lease was lost.
        assertEquals(8, figure("tts_clips_total{kind=\"none\",outcome=\"made\"}"));
        assertEquals(1, figure("tts_clips_total{kind=\"none\",outcome=\"found\"}"));
        assertEquals(1, figure("tts_clips_total{kind=\"rejected\",outcome=\"failed\"}"));
        assertEquals(1, figure("tts_clips_total{kind=\"rate_limited\",outcome=\"retried\"}"));
        assertEquals(1, figure("tts_clips_total{kind=\"server\",outcome=\"retried\"}"));
        assertEquals(1, figure("tts_clips_total{kind=\"transport\",outcome=\"retried\"}"));
        assertTrue(figure("tts_clips_total{kind=\"quota_exhausted\",outcome=\"retried\"}") >= 1);
        assertEquals(1, figure("tts_lease_losses_total"));
    }

    @Test
    void calls_are_counted_by_how_they_ended() {
        String calls = "tts_provider_calls_seconds_count{status=";
        assertTrue(figure(calls + "\"ok\"}") >= 8);
        assertEquals(1, figure(calls + "\"rate_limited\"}"));
        assertEquals(1, figure(calls + "\"server\"}"));
        assertEquals(1, figure(calls + "\"rejected\"}"));
        assertEquals(1, figure(calls + "\"transport\"}"));
        assertTrue(figure(calls + "\"quota_exhausted\"}") >= 1);
        assertEquals(0, figure("tts_provider_calls_in_flight"));
    }

    @Test
    void waits_for_the_limit_are_timed() {
        double waits = figure("tts_limiter_wait_seconds_count");
        assertTrue(waits >= 12, scrape);
        // The provider asked for a second, and calls lie 50 ms apart.
        assertTrue(figure("tts_limiter_wait_seconds_sum") > 0.5, scrape);
        assertTrue(figure("tts_limiter_wait_seconds_bucket{le=\"0.1\"}") >= 1, scrape);
    }

    @Test
    void what_the_provider_takes_money_for_is_what_it_counts_itself() {
        assertEquals(billedCharacters, figure("tts_speech_characters_total"));
        assertEquals(billedCharacters * 15 / 1e6, figure("tts_speech_cost_usd_total"), 1e-9);
    }

    @Test
    void webhooks_and_calls_to_the_server_are_counted() {
        assertEquals(1, figure("tts_webhook_deliveries_total{outcome=\"delivered\"}"));
        assertEquals(
                5,
                figure(
                        "http_server_requests_seconds_count{method=\"POST\",route=\"/api/tts/generate\",status=\"202\"}"));
        assertEquals(0, figure("tts_event_streams"));
        assertFalse(scrape.contains("ann@") || scrape.contains("Bad"), scrape);
    }

    @Test
    void the_dashboard_shows_figures_that_there_are() throws IOException {
        Set<String> there = new TreeSet<>();
        figures.keySet().forEach(sample -> there.add(sample.replaceAll("\\{.*", "")));
        JsonNode dashboard = new ObjectMapper().readTree(Files.readString(DASHBOARD));
        List<String> queries = dashboard.findValuesAsText("expr");
        assertTrue(queries.size() >= 12, "this is all: " + queries);
        Set<String> shown = new TreeSet<>();
        for (String query : queries) {
            Matcher name = NAME.matcher(query);
            assertTrue(name.find(), query);
            do {
                shown.add(name.group());
                assertTrue(there.contains(name.group()), name.group() + " is in no scrape: " + query);
            } while (name.find());
        }
        Set<String> own = new TreeSet<>(there);
        own.removeIf(name -> !name.startsWith("tts_") || name.endsWith("_max") || name.endsWith("_count"));
        own.removeIf(name -> shown.contains(name) || shown.contains(name.replaceFirst("_(sum|bucket)$", "_bucket")));
        assertEquals(Set.of(), own, "nobody would see these");
    }
}
