package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ttsjobs.examples.voice.FaultKind;
import dev.ttsjobs.examples.voice.OfflineVoiceServer;
import dev.ttsjobs.examples.voice.VoiceFaults;
import dev.ttsjobs.examples.worker.Settings;
import dev.ttsjobs.examples.worker.Workshop;
import dev.ttsjobs.queue.JobStore.JobQuery;
import dev.ttsjobs.storage.AudioName;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program as a process of its own. */
class ProgramTest {

    @TempDir
    Path dir;

    private OfflineVoiceServer voice;
    private Programs programs;

    @BeforeEach
    void start() {
        voice = RunningServer.tunes();
        programs = new Programs(dir, voice);
    }

    @AfterEach
    void stop() {
        programs.close();
        voice.close();
    }

    /** Finished audio; what a killed process had in the making lies apart until it is swept. */
    private long files() throws IOException {
        Path audio = dir.resolve("audio");
        try (Stream<Path> files = Files.walk(audio)) {
            return files.filter(file ->
                            AudioName.isName(audio.relativize(file).toString().replace('\\', '/')))
                    .count();
        }
    }

    @Test
    void the_demo_makes_a_deck_and_ends() throws Exception {
        List<String> fast = List.of("TTS_REQUESTS_PER_MINUTE", "6000", "LOG_FORMAT", "json");
        Programs.Ended first = programs.run(fast, "--demo", "--exit-when-done");

        assertEquals(0, first.status(), first.err());
        assertTrue(first.out().contains("40 of 40 cards have their audio"), first.out());
        assertTrue(first.out().contains("/#token=ey"), first.out());
        assertTrue(first.out().contains(dir.resolve("audio").toString()), first.out());
        assertEquals(80, voice.ledger().calls());
        assertEquals(80, files());

        // Once more, and nothing is bought again.
        Programs.Ended second = programs.run(fast, "--demo", "--exit-when-done");
        assertEquals(0, second.status(), second.err());
        assertEquals(80, voice.ledger().calls());
        for (String line : (first.err() + second.err()).lines().toList()) {
            assertTrue(new ObjectMapper().readTree(line).isObject(), line);
            assertFalse(line.contains("Bonjour") || line.contains("eyJ"), line);
        }
    }

    @Test
    void a_demo_that_was_killed_goes_on_with_the_same_job() throws Exception {
        List<String> slow = List.of("TTS_REQUESTS_PER_MINUTE", "1200");
        Process killed = programs.launch(Main.class, slow, "--demo", "--exit-when-done");
        RunningServer.eventually(() -> voice.ledger().calls() >= 20);
        killed.destroyForcibly();
        killed.waitFor(10, TimeUnit.SECONDS);
        long before = voice.ledger().calls();
        assertTrue(before < 80, "it was not killed in the middle");

        Programs.Ended again = programs.await(programs.launch(Main.class, slow, "--demo", "--exit-when-done"), 120);

        assertEquals(0, again.status(), again.out() + again.err());
        assertEquals(80, files());
        // What was in flight when it died may have been paid for in vain: a few calls at most.
        assertTrue(voice.ledger().calls() <= 80 + 8, voice.ledger().calls() + " calls");
        try (Workshop workshop = Workshop.open(Settings.from(programs.settings()))) {
            assertEquals(1, workshop.jobs().list(JobQuery.ofOwner("demo", 10)).size());
        }
    }

    @Test
    void a_demo_that_lacks_audio_says_so() throws Exception {
        voice.faults(VoiceFaults.always(FaultKind.REFUSED).withOnly("Goodbye"));

        Programs.Ended ended = programs.run(List.of("TTS_REQUESTS_PER_MINUTE", "6000"), "--demo", "--exit-when-done");

        assertEquals(1, ended.status());
        assertTrue(ended.out().contains("39 of 40 cards have their audio"), ended.out());
        assertTrue(ended.out().contains("content_policy_violation"), ended.out());
    }

    @Test
    void a_setting_that_cannot_be_used_ends_the_start_with_one_line() throws Exception {
        Path file = Files.writeString(dir.resolve("file"), "not a folder");
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            programs.run(List.of("PORT", Integer.toString(taken.getLocalPort())))
                    .assertRefused("PORT");
        }
        // Of what can be seen without a look outside, one stands for all: each is refused in the tests of the settings.
        programs.run(List.of("JWT_SECRET", "too short a secret")).assertRefused("JWT_SECRET");
        programs.run(List.of("LOCAL_STORAGE_PATH", file.resolve("x").toString()))
                .assertRefused("LOCAL_STORAGE_PATH");
        programs.run(List.of("TTS_DATA_DIR", file.toString())).assertRefused("TTS_DATA_DIR");
        programs.run(List.of("DATABASE_URL", "mongodb://u:canary@x/y")).assertRefused("DATABASE_URL");
        programs.run(List.of("DATABASE_URL", "postgresql://u:canary@127.0.0.1:1/y"))
                .assertRefused("DATABASE_URL");
    }

    @Test
    void a_server_that_is_told_to_stop_stops() throws Exception {
        Process process = programs.launch(Main.class, List.of());
        programs.awaitLogged("listening on");
        process.destroy();
        assertEquals(143, programs.await(process, 20).status());
    }

    @Test
    void the_ending_of_the_demo_goes_with_the_demo() throws Exception {
        Programs.Ended ended = programs.run(List.of(), "--exit-when-done");
        assertEquals(2, ended.status());
        assertTrue(ended.err().startsWith("--exit-when-done goes with --demo"), ended.err());
        assertTrue(programs.run(List.of(), "--help").out().contains("--demo"));
    }
}
