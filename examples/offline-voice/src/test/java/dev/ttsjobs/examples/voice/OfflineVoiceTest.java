package dev.ttsjobs.examples.voice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.examples.voice.VoiceServerOptions.Engine;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class OfflineVoiceTest {

    @Test
    void argumentsBecomeOptions() {
        VoiceServerOptions options = parse(
                        "--port 0 --engine tone --latency-ms 5 --character-us 7 --rpm 500 --burst 2 --tpm 9 --seed 3"
                                + " --fault rate_limit=0.25 --fault stall=0.5")
                .options("sk-key");
        assertEquals(Engine.TONE, options.engine());
        assertEquals(new Latency(Duration.ofMillis(5), Duration.ofNanos(7000)), options.latency());
        assertEquals(new RateLimit(500, 2, 9), options.rateLimit());
        assertEquals(
                Map.of(FaultKind.RATE_LIMIT, 0.25, FaultKind.STALL, 0.5),
                options.faults().odds());
        assertEquals(3, options.seed());
        assertEquals("sk-key", options.apiKey());
    }

    @Test
    void withoutArgumentsThereIsNoLimitNoKeyAndNoFault() {
        VoiceServerOptions options = parse("").options(null);
        assertEquals(8765, options.port());
        assertEquals(Engine.AUTO, options.engine());
        assertEquals(RateLimit.none(), options.rateLimit());
        assertEquals(VoiceFaults.none(), options.faults());
        assertNull(options.apiKey());
        assertEquals(RateLimit.perMinute(60), parse("--rpm 60").options("").rateLimit());
    }

    @Test
    void aWrongNumberIsOneLineAndNoTrace() {
        StringWriter errors = new StringWriter();
        CommandLine line = OfflineVoice.commandLine().setErr(new PrintWriter(errors, true));
        assertEquals(1, line.execute("--rpm", "-1"));
        assertEquals(1, errors.toString().lines().count());
        assertTrue(errors.toString().contains("Limits are 0 or more"), errors.toString());
    }

    private static OfflineVoice parse(String arguments) {
        CommandLine line = OfflineVoice.commandLine();
        line.parseArgs(arguments.isEmpty() ? new String[0] : arguments.split(" "));
        return line.getCommand();
    }
}
