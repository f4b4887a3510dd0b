package dev.ttsjobs.examples.benchmark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Each figure at a tiny size: that it can be measured, not what it is. */
class BenchmarkTest {

    private static EmbeddedPostgres postgres;

    @BeforeAll
    static void start() throws IOException {
        postgres = EmbeddedPostgres.builder().setServerConfig("fsync", "off").start();
    }

    @AfterAll
    static void stop() throws IOException {
        postgres.close();
    }

    @Test
    void makespanCountsCallsAndRefusals() {
        String said = run("makespan", "--clips", "5", "--rpm", "6000", "--workers", "1", "--runs", "1");
        assertTrue(said.contains("1 worker processes, ratio"), said);
        assertTrue(said.contains("calls beyond the distinct clips: 0"), said);
    }

    @Test
    void firstByteMeasuresEveryJob() {
        String said = run("first-byte", "--jobs", "3", "--warm-up", "1");
        assertTrue(said.contains("3 jobs: p50"), said);
    }

    @Test
    void throughputRunsAllContenders() {
        String said = run("throughput", "--clips", "8", "--warm-up", "0", "--runs", "1", "--threads", "4");
        assertTrue(said.contains("tts-jobs / plain executor"), said);
        assertTrue(said.contains("tts-jobs / db-scheduler"), said);
    }

    @Test
    void backlogComparesClaims() {
        String said = run("backlog", "--waiting", "3000", "--phrases", "1000", "--claims", "4");
        assertTrue(said.contains("submit of 1000, phrases/s"), said);
        assertTrue(said.contains("many / few: p50"), said);
    }

    @Test
    void fairnessFindsEveryCallOfASmallJob() {
        String said = run("fairness", "--import", "300", "--phrases", "3", "--jobs", "2", "--rpm", "60000");
        assertTrue(said.contains("3 phrases behind 300, commit to first call, 2 jobs: p50"), said);
        assertTrue(said.contains("commit to last call, 2 jobs: p50"), said);
    }

    @Test
    void cancellationLooksForLateCallsInBothPlaces() {
        String said = run("cancellation", "--jobs", "1");
        assertTrue(said.contains("worker here, 1 jobs: p50"), said);
        assertTrue(said.contains("worker in another process, 1 jobs: p50"), said);
    }

    @Test
    void costCountsWhatTheDatabaseDoes() {
        String said = run("cost", "--clips", "200", "--idle-seconds", "1", "--decks", "2");
        assertTrue(said.contains("a clip, submit included: "), said);
        assertTrue(said.contains("deck of 200 that is all there, ms: p50"), said);
    }

    @Test
    void aServerThatIsNotBuiltIsAskedFor() {
        StringWriter said = new StringWriter();
        CommandLine line = Benchmark.commandLine(() -> Bench.on(postgres)).setErr(new PrintWriter(said));
        assertEquals(1, line.execute("server-start", "--jar", "no/such.jar"));
        assertTrue(said.toString().contains("build examples/server first"), said::toString);
    }

    @Test
    void theMedianIsInTheMiddleAndQuantilesAreValuesThatWereMeasured() {
        assertEquals(3, new Figures("odd", List.of(9.0, 1.0, 3.0)).median());
        Figures figures = new Figures("even", List.of(4.0, 1.0, 3.0, 2.0));
        assertEquals(2.5, figures.median());
        assertEquals(4, figures.quantile(0.99));
        assertEquals(1, figures.quantile(0.01));
    }

    private static String run(String... arguments) {
        StringWriter said = new StringWriter();
        CommandLine line = Benchmark.commandLine(() -> Bench.on(postgres))
                .setOut(new PrintWriter(said))
                .setErr(new PrintWriter(said));
        assertEquals(0, line.execute(arguments), said::toString);
        return said.toString();
    }
}
