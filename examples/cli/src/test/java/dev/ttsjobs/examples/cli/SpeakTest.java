package dev.ttsjobs.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.audio.AudioInspector;
import dev.ttsjobs.examples.voice.OfflineVoiceServer;
import dev.ttsjobs.examples.voice.VoiceServerOptions;
import dev.ttsjobs.speech.AudioFormat;
import dev.ttsjobs.testing.FakeProvider;
import dev.ttsjobs.time.Sleeper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpeakTest {

    private static final String DECK = "le chat|<b>cat</b>\nle {{c1::chien::animal}}|dog &amp; cat [sound:old.mp3]\n|\n"
            + "\"un \"\"bon\"\" mot\nsur deux lignes\"|../../etc/passwd\nle chat|cat\n";

    @TempDir
    Path folder;

    private final StringWriter said = new StringWriter();
    private OfflineVoiceServer provider;

    @BeforeEach
    void start() throws IOException {
        provider = OfflineVoiceServer.start(VoiceServerOptions.builder()
                .engine(VoiceServerOptions.Engine.TONE)
                .build());
    }

    @AfterEach
    void stop() {
        provider.close();
    }

    @Test
    void aDeckIsSpokenOnceHoweverOftenItIsRun() throws IOException {
        Path deck = Files.writeString(folder.resolve("deck.psv"), DECK);
        assertEquals(0, speak(deck), said::toString);
        assertEquals(6, provider.ledger().calls());
        assertEquals(0, speak(deck), said::toString);
        assertEquals(6, provider.ledger().calls());
        assertTrue(said.toString().contains("0 texts bought, 6 there already"), said::toString);
        assertEquals(1, provider.ledger().callsFor("le chien"));
        assertEquals(1, provider.ledger().callsFor("dog & cat"));
    }

    @Test
    void whatIsWrittenIsWholeAndReadableAndNothingLeavesTheFolder() throws IOException {
        Path deck = Files.writeString(folder.resolve("deck.psv"), DECK);
        assertEquals(0, speak(deck), said::toString);
        Path media = folder.resolve("out/media");
        assertTrue(
                Files.exists(media.resolve("deck-psv_4_en_etc-passwd.mp3")),
                () -> names(media).toString());
        for (String name : names(media)) {
            AudioInspector.inspect(media.resolve(name), AudioFormat.MP3);
        }
        List<String> anki = Files.readAllLines(folder.resolve("out/anki.txt"));
        assertEquals(
                "\"le chat [sound:deck-psv_1_fr_le-chat.mp3]\"\t\"cat [sound:deck-psv_1_en_cat.mp3]\"", anki.get(2));
        assertEquals(6, anki.size());
        assertEquals(9, Files.readAllLines(folder.resolve("out/manifest.csv")).size());
    }

    @Test
    void aDryRunAndADeckThatIsTooDearCallNobody() throws IOException {
        Path deck = Files.writeString(folder.resolve("deck.psv"), DECK);
        assertEquals(0, speak(deck, "--dry-run"));
        assertTrue(said.toString().contains("6 to make"), said::toString);
        assertTrue(
                said.toString().matches("(?s).*about 0[.]0\\d+ USD [(]0[.]0\\d+ to 0[.]0\\d+[)], at least.*"),
                said::toString);
        assertEquals(3, speak(deck, "--max-cost", "0.000001"));
        assertEquals(0, provider.ledger().calls());
        assertFalse(Files.exists(folder.resolve("out/media")));
    }

    @Test
    void aNoticeAboutTheDeckIsLeftOutUnlessItIsWanted() throws IOException {
        Path deck = Files.writeString(
                folder.resolve("deck.psv"),
                "le chat|cat\n"
                        + "\"<div>Licence</div><p>CC BY 4.0</p>\n"
                        + "<a href='x'>Author</a><br>Source<br>Thanks\"|Licence\n"
                        + "\"<b>un</b><br>deux<br>trois\"|one to three\n");
        assertEquals(0, speak(deck, "--dry-run"));
        assertTrue(said.toString().contains("row 2: left out, it looks like a notice"), said::toString);
        assertTrue(said.toString().contains("2 cards, 4 distinct texts"), said::toString);
        assertEquals(0, speak(deck, "--dry-run", "--keep-notices"));
        assertTrue(said.toString().contains("3 cards, 6 distinct texts"), said::toString);
    }

    @Test
    void whatItWaitsForIsSaid() throws IOException {
        Path deck = Files.writeString(folder.resolve("deck.psv"), "le chat\n");
        try (FakeProvider refusing = FakeProvider.start()) {
            refusing.answerNext(FakeProvider.Answer.wrongKey());
            assertEquals(
                    0,
                    speak(
                            Map.of("OPENAI_BASE_URL", refusing.baseUrl(), "TTS_PROBE_INTERVAL_SECONDS", "2"),
                            folder.resolve("out"),
                            deck));
        }
        assertTrue(said.toString().contains("waiting: invalid_api_key: HTTP 401: "), said::toString);
    }

    @Test
    void stoppedHalfWayNothingIsBoughtTwice() throws Exception {
        Path deck = Files.writeString(
                folder.resolve("deck.psv"),
                IntStream.range(0, 40).mapToObj(i -> "phrase " + i + "\n").collect(Collectors.joining()));
        ProcessBuilder program = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        TtsCommand.class.getName(),
                        "speak",
                        deck.toString(),
                        "--out",
                        folder.resolve("out").toString(),
                        "--languages",
                        "fr")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile());
        program.environment().put("OPENAI_BASE_URL", provider.baseUrl());
        program.environment().put("TTS_REQUESTS_PER_MINUTE", "1200");
        Process running = program.start();
        while (provider.ledger().calls() < 3) {
            assertTrue(running.isAlive(), () -> read(folder.resolve("log")));
            Sleeper.system().sleep(Duration.ofMillis(10));
        }
        running.destroy();
        assertTrue(running.waitFor(30, TimeUnit.SECONDS));
        assertEquals(143, running.exitValue());
        long bought = provider.ledger().calls();
        assertTrue(bought < 40, () -> read(folder.resolve("log")));
        said.getBuffer().setLength(0);
        assertEquals(0, speak(deck), said::toString);
        assertEquals(40, provider.ledger().calls());
        assertTrue(said.toString().contains((40 - bought) + " to make"), said::toString);
        assertTrue(
                said.toString().contains((40 - bought) + " texts bought, " + bought + " there already"),
                said::toString);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What spreadsheets write where the comma parts decimals, and what Anki and Excel say of it themselves. */
    @Test
    void columnsArePartedByWhatPartsThem() throws IOException {
        parted("a.csv", "Le chat, noir;The cat\n\"Un; deux\";One or two\n");
        parted("b.csv", "Le chat, noir\tThe cat\nUn; deux\tOne or two\n");
        parted("c.csv", "\uFEFFsep=;\r\nLe chat, noir;The cat\r\n\"Un; deux\";One or two\r\n");
        parted("d.txt", "#separator:Semicolon\n#html:true\nLe chat, noir;The cat\n\"Un; deux\";One or two\n");
        parted("e.txt", "#separator:|\nLe chat, noir|The cat\nUn; deux|One or two\n");
        parted("f.csv", "\"Le chat, noir\",The cat\nUn; deux,\"One or two\"\n");
        parted("g.csv", "sep=\t\r\nLe chat, noir\tThe cat\r\nUn; deux\tOne or two\r\n");
        parted("h.csv", "sep=\"\n\"Le chat, noir\",The cat\nUn; deux,One or two\n");
        assertFalse(said.toString().contains("one column"), said::toString);

        said.getBuffer().setLength(0);
        assertEquals(0, speak(Files.writeString(folder.resolve("one.csv"), "Le chat\nUn; deux\n"), "--dry-run"));
        assertTrue(said.toString().contains("every row has one column, and --languages names 2"), said::toString);
    }

    private void parted(String name, String rows) throws IOException {
        assertEquals(
                List.of(List.of("Le chat, noir", "The cat"), List.of("Un; deux", "One or two")),
                Deck.read(Files.writeString(folder.resolve(name), rows)),
                name);
    }

    @Test
    void badInputIsOneLineThatSaysWhatToDo() throws IOException {
        refused(folder.resolve("none.csv"), "there is no such file");
        refused(Files.writeString(folder.resolve("deck.pdf"), "x"), ".apkg");
        refused(Files.writeString(folder.resolve("empty.csv"), ""), "no rows");
        refused(Files.writeString(folder.resolve("blank.psv"), "<b></b>|...\n"), "no row has a text");
        refused(Files.write(folder.resolve("latin.csv"), "été".getBytes(StandardCharsets.ISO_8859_1)), "UTF-8");
        refused(Files.writeString(folder.resolve("deck.apkg"), "not a zip"), "cannot be read");
        refused(Files.writeString(folder.resolve("open.csv"), "Chat,Cat\n\"never closed"), "in line 2 is never closed");
        refused(Files.writeString(folder.resolve("head.csv"), "French,English\n"), "no row has a text");
        Path file = Files.writeString(folder.resolve("file"), "");
        refused(Files.writeString(folder.resolve("deck.csv"), "Chat,Cat\n"), file.resolve("out"), "--out");
        assertEquals(0, provider.ledger().calls());
    }

    @Test
    void audioThatIsGoneFromTheFolderIsNamedAndBoughtAgainWhenAsked() throws IOException {
        Path deck = Files.writeString(folder.resolve("deck.psv"), DECK);
        assertEquals(0, speak(deck), said::toString);
        Path audio = folder.resolve("out/.tts/audio");
        try (Stream<Path> files = Files.walk(audio)) {
            Files.delete(files.filter(file -> file.toString().endsWith(".mp3"))
                    .findFirst()
                    .orElseThrow());
        }

        assertEquals(1, speak(deck), said::toString);
        assertTrue(said.toString().contains("audio on record that is no longer there"), said::toString);
        assertTrue(Files.readString(folder.resolve("out/manifest.csv")).contains(",lost"));

        assertEquals(
                0,
                TtsCommand.commandLine(Map.of(
                                "TTS_DATA_DIR", folder.resolve("out/.tts").toString()))
                        .execute("audio", "verify", audio.toString(), "--repair"));
        assertEquals(0, speak(deck), said::toString);
        assertEquals(7, provider.ledger().calls());
    }

    @Test
    void theVersionIsSaid() {
        for (List<String> arguments : List.of(List.of("--version"), List.of("speak", "-V"))) {
            said.getBuffer().setLength(0);
            assertEquals(
                    0,
                    TtsCommand.commandLine(Map.of())
                            .setOut(new PrintWriter(said, true))
                            .execute(arguments.toArray(String[]::new)));
            assertTrue(said.toString().startsWith("tts "), said::toString);
        }
    }

    private void refused(Path deck, String part) {
        refused(deck, folder.resolve("out"), part);
    }

    private void refused(Path deck, Path out, String part) {
        said.getBuffer().setLength(0);
        assertEquals(2, speakTo(out, deck), said::toString);
        String last = said.toString().lines().reduce("", (first, second) -> second);
        assertTrue(last.contains(part), said::toString);
    }

    private int speak(Path deck, String... more) {
        return speakTo(folder.resolve("out"), deck, more);
    }

    private int speakTo(Path out, Path deck, String... more) {
        return speak(
                Map.of("OPENAI_BASE_URL", provider.baseUrl(), "TTS_REQUESTS_PER_MINUTE", "60000"), out, deck, more);
    }

    private int speak(Map<String, String> environment, Path out, Path deck, String... more) {
        String[] arguments = Stream.concat(
                        Stream.of("speak", deck.toString(), "--out", out.toString(), "--languages", "fr,en"),
                        Stream.of(more))
                .toArray(String[]::new);
        PrintWriter writer = new PrintWriter(said, true);
        return TtsCommand.commandLine(environment).setOut(writer).setErr(writer).execute(arguments);
    }

    private static List<String> names(Path folder) {
        return List.of(folder.toFile().list());
    }
}
