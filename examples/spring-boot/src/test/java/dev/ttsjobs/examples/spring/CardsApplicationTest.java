package dev.ttsjobs.examples.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.SpeechJobs;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.queue.JobQueue;
import dev.ttsjobs.queue.JobStore.JobQuery;
import dev.ttsjobs.speech.SpeechSynthesizer;
import dev.ttsjobs.testing.FakeProvider;
import dev.ttsjobs.time.Sleeper;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.client.TestRestTemplate;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.transaction.support.TransactionTemplate;

/** The whole application with a provider on loopback, as it runs: pool, transactions, worker, HTTP. */
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class CardsApplicationTest {

    private static final FakeProvider PROVIDER = FakeProvider.start();

    @TempDir
    static Path folder;

    @Autowired
    private Cards cards;

    @Autowired
    private SpeechJobs jobs;

    @Autowired
    private JobQueue queue;

    @Autowired
    private SpeechSynthesizer synthesizer;

    @Autowired
    private SpeechProperties tts;

    @Autowired
    private DataSource dataSource;

    @Autowired
    private TransactionTemplate transaction;

    @Autowired
    private TestRestTemplate http;

    @DynamicPropertySource
    static void settings(DynamicPropertyRegistry settings) {
        settings.add("spring.datasource.url", () -> "jdbc:h2:mem:cards;DB_CLOSE_DELAY=-1");
        settings.add("tts.base-url", PROVIDER::baseUrl);
        settings.add("tts.api-key", () -> "sk-very-secret");
        settings.add("tts.audio-folder", folder::toString);
        settings.add("tts.requests-per-minute", () -> "60000");
        settings.add("tts.poll-interval", () -> "20ms");
    }

    @AfterAll
    static void stop() {
        PROVIDER.close();
    }

    @BeforeEach
    void forget() {
        PROVIDER.forget();
    }

    @Test
    void whatIsCommittedIsSpokenAndTheCardsSayWhere() throws Exception {
        JobId id = cards.add("deck", "fr", List.of("un", "deux", "un"));
        assertEquals(JobStatus.COMPLETED, ended(id).status());
        // In the transaction in which the job ended: there is no moment at which the cards are behind.
        List<Cards.Card> spoken = cards.of("deck");
        assertEquals(3, spoken.size());
        assertEquals(spoken.get(0).audioUrl(), spoken.get(2).audioUrl());
        assertEquals(2, PROVIDER.paid().size());
        String name =
                spoken.get(0).audioUrl().substring(tts.audioUrl().toString().length());
        ResponseEntity<byte[]> audio = http.getForEntity("/audio" + name, byte[].class);
        assertEquals(HttpStatus.OK, audio.getStatusCode());
        assertTrue(audio.getBody().length > 500);
    }

    @Test
    void whatIsRolledBackIsNeitherAJobNorABill() throws Exception {
        assertFalse(dataSource.unwrap(com.zaxxer.hikari.HikariDataSource.class).isAutoCommit());
        JobId id = transaction.execute(status -> {
            JobId submitted = cards.add("undone", "en", List.of("never said"));
            status.setRollbackOnly();
            return submitted;
        });
        ended(cards.add("done", "en", List.of("said")));
        assertTrue(jobs.find(id).isEmpty());
        assertEquals(List.of(), cards.of("undone"));
        assertEquals(List.of(), jobs.list(new JobQuery(null, null, "undone", null, 10)));
        assertEquals(
                List.of("said"),
                PROVIDER.calls().stream().map(FakeProvider.Call::text).toList());
    }

    @Test
    void aTextThatCannotBeSpokenAddsNoCards() {
        ResponseEntity<String> refused = http.postForEntity(
                "/decks/odd/cards", Map.of("language", "en", "texts", List.of("good", "   ")), String.class);
        assertEquals(HttpStatus.UNPROCESSABLE_ENTITY, refused.getStatusCode());
        ResponseEntity<String> halfGiven =
                http.postForEntity("/decks/odd/cards", Map.of("language", "en"), String.class);
        assertEquals(HttpStatus.UNPROCESSABLE_ENTITY, halfGiven.getStatusCode());
        assertEquals(List.of(), cards.of("odd"));
        assertEquals(0, PROVIDER.calls().size());
    }

    @Test
    void healthSaysThatAnAccountIsPausedAndStaysUp() {
        assertTrue(health().contains("\"account\":\"usable\""), this::health);
        var account = queue.limiter(synthesizer.account(), tts.limit());
        account.pause(Failure.of(FailureKind.QUOTA_EXHAUSTED, "insufficient_quota", "the purse is empty"));
        try {
            assertTrue(health().contains("\"account\":\"paused: insufficient_quota\""), this::health);
        } finally {
            account.resume();
        }
        assertTrue(health().startsWith("{\"status\":\"UP\""), this::health);
    }

    private String health() {
        return http.getForObject("/actuator/health", String.class);
    }

    @Test
    void figuresAreKept() throws Exception {
        ended(cards.add("counted", "en", List.of("counted once")));
        String made = http.getForObject("/actuator/metrics/tts.clips.made?tag=paid:true", String.class);
        assertTrue(made.contains("\"statistic\":\"COUNT\",\"value\":"), made);
        assertTrue(http.getForObject("/actuator/metrics/tts.queue.queued", String.class)
                .contains("\"value\":0.0"));
    }

    @Test
    void settingsAreCheckedAndDoNotShowTheKey() {
        assertFalse(tts.toString().contains("sk-very-secret"));
        assertEquals(Duration.ofMillis(20), tts.pollInterval());
        assertThrows(
                IllegalArgumentException.class,
                () -> new SpeechProperties(
                        "", null, folder, URI.create("http://x"), 1, Duration.ZERO, Duration.ofSeconds(-1), true));
    }

    private Job ended(JobId id) throws InterruptedException {
        while (true) {
            Job job = jobs.find(id).orElseThrow();
            if (job.status().hasEnded()) {
                return job;
            }
            Sleeper.system().sleep(Duration.ofMillis(10));
        }
    }
}
