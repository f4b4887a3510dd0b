package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.examples.worker.Secret;
import dev.ttsjobs.job.PhraseResult;
import dev.ttsjobs.speech.AudioFormat;
import dev.ttsjobs.storage.AudioName;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.storage.StorageException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Parts that need no server around them. */
class SmallPartsTest {

    @Test
    void names_of_files_are_plain() {
        assertEquals("ca-va-bien", Archive.slug("Ça va bien?"));
        assertEquals("etc-passwd", Archive.slug("../../etc/passwd\u0000"));
        assertEquals("", Archive.slug("你好"));
        assertEquals(40, Archive.slug("a".repeat(100)).length());
    }

    @Test
    void cells_of_a_table_are_no_formulas() {
        assertEquals("\"'=1+1\"", Archive.cell("=1+1"));
        assertEquals("\"'-1\"", Archive.cell("-1"));
        assertEquals("\"'@x\"", Archive.cell("@x"));
        assertEquals("\"say \"\"hi\"\"\"", Archive.cell("say \"hi\""));
        assertEquals("\"\"", Archive.cell(""));
    }

    @Test
    void a_limited_stream_ends_early() throws IOException {
        byte[] bytes = {1, 2, 3, 4, 5};
        try (LimitedStream in = new LimitedStream(new ByteArrayInputStream(bytes), 3)) {
            assertEquals(1, in.read());
            assertEquals(2, in.readAllBytes().length);
            assertEquals(-1, in.read());
            assertEquals(0, in.available());
        }
    }

    @Test
    void a_made_secret_is_kept_and_nobody_elses_business(@TempDir Path dir) throws IOException {
        Secret made = MadeSecret.in(dir);

        assertEquals(made, MadeSecret.in(dir));
        assertEquals("***", made.toString());
        assertTrue(made.value().length() >= 64);
        Path file = dir.resolve("jwt-secret");
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertEquals(1, dir.toFile().list().length);
    }

    @Test
    void the_demo_deck_has_forty_cards_of_two_sides() {
        Decks.Deck deck = DemoDeck.of("demo");

        assertEquals(40, deck.cards().size());
        assertEquals(40, deck.cards().stream().map(Decks.Card::id).distinct().count());
        deck.cards().forEach(card -> {
            assertFalse(card.question().isBlank());
            assertFalse(card.answers().get(0).isBlank());
            assertFalse((card.question() + card.answers()).contains("("), card.question());
        });
        assertEquals(deck, DemoDeck.of("demo"));
    }

    @Test
    void an_archive_that_breaks_off_is_no_whole_file(@TempDir Path dir) throws IOException {
        AudioName name = AudioName.of("ab".repeat(32), AudioFormat.MP3);
        AudioStorage failing = (AudioStorage) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {AudioStorage.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("find")) {
                        return OptionalLong.of(9);
                    }
                    throw new StorageException("the disk is gone", null);
                });
        PhraseResult.Audio audio = new PhraseResult.Audio(name, Duration.ofSeconds(1), 9, false);
        List<PhraseResult> results =
                List.of(new PhraseResult(0, "card", Map.of("en", new PhraseResult.Side(audio, null))));
        Path file = dir.resolve("audio.zip");

        try (OutputStream out = Files.newOutputStream(file)) {
            assertThrows(StorageException.class, () -> new Archive(failing, Map.of()).write(results, out));
        }
        assertThrows(ZipException.class, () -> new ZipFile(file.toFile()).close());
    }
}
