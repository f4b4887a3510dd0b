package dev.ttsjobs.examples.benchmark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Each figure at a tiny size: that it can be measured, not what it is. */
class BenchmarkTest {

    @Test
    void makespanCountsCallsAndRefusals() {
        String said = run("makespan", "--clips", "20", "--rpm", "1200", "--workers", "1", "--runs", "1");
        assertTrue(said.contains("1 worker processes, ratio"), said);
        assertTrue(said.contains("calls beyond the distinct clips: 0"), said);
    }

    @Test
    void firstByteMeasuresEveryJob() {
        String said = run("first-byte", "--jobs", "5", "--warm-up", "1");
        assertTrue(said.contains("5 jobs: p50"), said);
    }

    @Test
    void throughputRunsAllContenders() {
        String said = run("throughput", "--clips", "40", "--runs", "1", "--threads", "4");
        assertTrue(said.contains("tts-jobs / plain executor"), said);
        assertTrue(said.contains("tts-jobs / db-scheduler"), said);
    }

    @Test
    void quantilesAreValuesThatWereMeasured() {
        Figures figures = new Figures("x", List.of(4.0, 1.0, 3.0, 2.0));
        assertEquals(2, figures.median());
        assertEquals(4, figures.quantile(0.99));
        assertEquals(1, figures.quantile(0.01));
    }

    private static String run(String... arguments) {
        StringWriter said = new StringWriter();
        CommandLine line = Benchmark.commandLine().setOut(new PrintWriter(said)).setErr(new PrintWriter(said));
        assertEquals(0, line.execute(arguments), said::toString);
        return said.toString();
    }
}
