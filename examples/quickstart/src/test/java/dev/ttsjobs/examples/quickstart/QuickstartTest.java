package dev.ttsjobs.examples.quickstart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.audio.AudioInspector;
import dev.ttsjobs.examples.voice.OfflineVoiceServer;
import dev.ttsjobs.examples.voice.VoiceServerOptions;
import dev.ttsjobs.openai.OpenAiSpeechSynthesizer;
import dev.ttsjobs.queue.jdbc.QueueDataSources;
import dev.ttsjobs.speech.AudioFormat;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuickstartTest {

    @TempDir
    Path folder;

    @Test
    void theLinesOfTheReadmeSpeakAndSpeakNothingTwice() throws Exception {
        VoiceServerOptions tones = VoiceServerOptions.builder()
                .engine(VoiceServerOptions.Engine.TONE)
                .build();
        try (OfflineVoiceServer provider = OfflineVoiceServer.start(tones);
                HikariDataSource database = QueueDataSources.sqlite(folder.resolve("quickstart.db"));
                OpenAiSpeechSynthesizer openAi = OpenAiSpeechSynthesizer.builder()
                        .baseUrl(provider.baseUrl())
                        .build()) {
            List<String> files = spoken(database, openAi);
            assertEquals(4, files.size());
            for (String line : files) {
                Path file = Path.of(line.substring(line.lastIndexOf(' ') + 1));
                assertTrue(
                        AudioInspector.inspect(file, AudioFormat.MP3).duration().toMillis() > 100, line);
            }
            assertEquals(files, spoken(database, openAi));
            assertEquals(4, provider.ledger().calls());
        }
    }

    private List<String> spoken(HikariDataSource database, OpenAiSpeechSynthesizer openAi) throws Exception {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        Quickstart.speak(
                database, openAi, folder.resolve("audio"), new PrintStream(printed, true, StandardCharsets.UTF_8));
        return printed.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith("card-"))
                .toList();
    }

    @Test
    void theReadmeShowsTheseLines() throws Exception {
        String source = Files.readString(
                Path.of("src/main/java/dev/ttsjobs/examples/quickstart/Quickstart.java"), StandardCharsets.UTF_8);
        String lines = source.substring(source.indexOf("// tag::readme") + 15, source.indexOf("// end::readme"))
                .stripTrailing()
                .stripIndent();
        String readme = Files.readString(Path.of("../../README.md"), StandardCharsets.UTF_8);
        assertTrue(readme.contains("```java\n" + lines + "\n```"), "the README should show:\n" + lines);
    }
}
