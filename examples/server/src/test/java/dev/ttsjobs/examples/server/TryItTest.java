package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ttsjobs.audio.AudioInspector;
import dev.ttsjobs.speech.AudioFormat;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code try-it.sh}, run as its user would. */
class TryItTest {

    @TempDir
    Path dir;

    /** What a script said, and how it ended. */
    private record Ended(int status, String output) {}

    @BeforeAll
    static void needsTools() {
        for (String tool : List.of("sh", "curl", "jq")) {
            boolean there = Stream.of(System.getenv("PATH").split(File.pathSeparator))
                    .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool)));
            assumeTrue(there, tool + " is not on the path");
        }
    }

    private Ended tryIt(String server, String... variables) throws Exception {
        ProcessBuilder script = new ProcessBuilder("sh", Path.of("try-it.sh").toString(), server);
        script.environment().put("AUDIO_DIR", dir.resolve("fetched").toString());
        for (int i = 0; i < variables.length; i += 2) {
            script.environment().put(variables[i], variables[i + 1]);
        }
        Process process = script.redirectErrorStream(true).start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), output);
            return new Ended(process.exitValue(), output);
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void a_deck_becomes_audio_with_curl_and_jq() throws Exception {
        try (RunningServer running = RunningServer.in(dir)) {
            Ended ended = tryIt(running.url(""));

            assertEquals(0, ended.status(), ended.output());
            assertTrue(ended.output().contains("completed: 3 of 3 phrases"), ended.output());
            for (int card = 1; card <= 3; card++) {
                for (String language : List.of("en", "fr")) {
                    Path file = dir.resolve("fetched").resolve(card + "-" + language + ".mp3");
                    assertTrue(AudioInspector.inspect(file, AudioFormat.MP3)
                                    .duration()
                                    .toMillis()
                            > 100);
                }
            }
        }
    }

    @Test
    void a_refusal_is_told_in_the_servers_words() throws Exception {
        try (RunningServer running = RunningServer.in(dir)) {
            running.register("ann@example.org");
            Ended ended = tryIt(running.url(""), "EMAIL", "ann@example.org");

            assertEquals(1, ended.status(), ended.output());
            assertTrue(ended.output().startsWith("POST /api/auth/register answered 409: "), ended.output());
        }
    }
}
