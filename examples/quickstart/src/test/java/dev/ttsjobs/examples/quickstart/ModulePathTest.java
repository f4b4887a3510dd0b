package dev.ttsjobs.examples.quickstart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ttsjobs.examples.voice.OfflineVoiceServer;
import dev.ttsjobs.examples.voice.VoiceServerOptions;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModulePathTest {

    @TempDir
    Path folder;

    /** A program that sees of the library only what its modules export, and of other jars only what they require. */
    @Test
    void theLinesOfTheReadmeSpeakFromTheModulePath() throws Exception {
        String jars = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> entry.endsWith(".jar"))
                .filter(entry -> !entry.matches(".*(offline-voice|junit|slf4j-nop)[^/]*\\.jar"))
                .collect(Collectors.joining(File.pathSeparator));
        assumeTrue(jars.contains("tts-core"), "the modules are jars only from the package phase on: mvn verify");
        VoiceServerOptions tones = VoiceServerOptions.builder()
                .engine(VoiceServerOptions.Engine.TONE)
                .build();
        try (OfflineVoiceServer provider = OfflineVoiceServer.start(tones)) {
            Path printed = folder.resolve("printed.txt");
            ProcessBuilder command = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "--module-path",
                            jars,
                            "--add-modules",
                            "dev.ttsjobs.queue.jdbc,dev.ttsjobs.storage.local,org.xerial.sqlitejdbc",
                            "--class-path",
                            Path.of("target", "classes").toAbsolutePath().toString(),
                            Quickstart.class.getName())
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(printed.toFile());
            command.environment().put("OPENAI_BASE_URL", provider.baseUrl());
            command.environment().remove("OPENAI_API_KEY");
            int status = command.start().waitFor();
            String text = Files.readString(printed, StandardCharsets.UTF_8);
            assertEquals(0, status, text);
            assertEquals(
                    4,
                    text.lines()
                            .filter(line -> line.matches("card-. .. .*\\.mp3"))
                            .count(),
                    text);
        }
    }
}
