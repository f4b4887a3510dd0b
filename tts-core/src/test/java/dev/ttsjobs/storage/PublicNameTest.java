package dev.ttsjobs.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.speech.AudioFormat;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PublicNameTest {

    private static final List<String> HOSTILE = List.of(
            "..",
            ".",
            "../../etc/passwd",
            "/etc/passwd",
            "C:\\x",
            "\\\\host\\share",
            "a/b",
            "a\\b",
            "a\0b",
            "-rf",
            "--",
            "_",
            ".htaccess",
            "con",
            "CON",
            "nul.txt",
            "com1",
            "lpt9",
            "aux",
            "prn",
            "a:b",
            "a*b?",
            "a|b",
            "<a>",
            "\"a\"",
            "a'b",
            "a b",
            " a",
            "a ",
            "a.",
            "a..",
            "%2e%2e%2f",
            "%00",
            "a\r\nX: y",
            "a;b",
            "$(id)",
            "`id`",
            "${x}",
            "~root",
            "\u202Egpj",
            "\u200B",
            "\uFEFFa",
            "\uD800",
            "\uDC00x",
            "🙂",
            "日本語_ja",
            "Straße",
            "STRASSE",
            "strasse",
            "ß",
            "ẞ",
            "İ",
            "ı",
            "ﬁ",
            "Å",
            "Å",
            "éa",
            "x".repeat(80),
            "x".repeat(81),
            "x".repeat(100_000),
            "Ω".repeat(5_000),
            "K",
            "k");

    @ParameterizedTest
    @CsvSource({"card-7_de, card-7_de.mp3", "7, 7.mp3", "a_b-c, a_b-c.mp3", "console, console.mp3", "com10, com10.mp3"})
    void aTextThatIsFitStaysAsItIs(String wanted, String value) {
        PublicName name = PublicName.of(wanted, AudioFormat.MP3);
        assertEquals(value, name.value());
        assertEquals(value, name.title());
        assertEquals(AudioFormat.MP3, name.format());
        assertEquals(name, PublicName.parse(value));
    }

    @ParameterizedTest
    @CsvSource({
        "Karte 7_de, karte_7_de-, Karte 7_de.mp3",
        "Straße_pt-BR, strasse_pt-br-, Straße_pt-BR.mp3",
        "日本, audio-, 日本.mp3",
        "../../etc/passwd, etc_passwd-, .._.._etc_passwd.mp3",
        "con, con-, con.mp3",
        "-rf, rf-, -rf.mp3"
    })
    void whatWasChangedIsMarkedAndReadable(String wanted, String start, String title) {
        PublicName name = PublicName.of(wanted, AudioFormat.MP3);
        assertTrue(name.value().matches(Pattern.quote(start) + "[0-9a-f]{16}\\.mp3"), name.value());
        assertEquals(title, name.title());
    }

    @Test
    void whateverIsWantedTheNameIsFitAndDifferentTextsAreDifferentNames() {
        Map<String, String> seen = new HashMap<>();
        Random random = new Random(20_261_125);
        for (int i = 0; i < 5_000; i++) {
            String wanted = i < HOSTILE.size() ? HOSTILE.get(i) : gibberish(random);
            if (wanted.isBlank()) {
                continue;
            }
            PublicName name = PublicName.of(wanted, AudioFormat.MP3);
            assertTrue(PublicName.isName(name.value()), name.value());
            assertEquals(name, PublicName.parse(name.value()));
            assertTrue(name.value().length() <= 84, name.value());
            assertEquals(name.value().toLowerCase(Locale.ROOT), name.value());
            Path folder = Path.of("/srv/named");
            assertEquals(folder, folder.resolve(name.value()).normalize().getParent());
            assertFalse(name.title().matches("(?s).*[\\p{Cntrl}/\\\\\"].*"), name.title());
            String other = seen.put(name.value(), Normalizer.normalize(wanted, Normalizer.Form.NFC));
            if (other != null) {
                assertEquals(other, Normalizer.normalize(wanted, Normalizer.Form.NFC));
            }
        }
        assertTrue(seen.size() > 4_000, "names: " + seen.size());
    }

    private static String gibberish(Random random) {
        StringBuilder text = new StringBuilder();
        String some = "aAzZ09_-./\\ \0\r\n%:*?\"<>|~$ßéé日🙂\uD800\u202E";
        for (int i = 1 + random.nextInt(12); i > 0; i--) {
            text.append(
                    random.nextInt(9) > 0
                            ? some.charAt(random.nextInt(some.length()))
                            : (char) random.nextInt(0x10000));
        }
        return text.toString();
    }

    @Test
    void oneTextInTwoUnicodeFormsIsOneName() {
        assertEquals(PublicName.of("é_fr", AudioFormat.MP3), PublicName.of("e\u0301_fr", AudioFormat.MP3));
    }

    @Test
    void aTextThatLooksLikeAMarkedNameIsMarkedItself() {
        String marked = PublicName.of("Karte 7", AudioFormat.MP3).value().replace(".mp3", "");
        assertNotEquals(marked + ".mp3", PublicName.of(marked, AudioFormat.MP3).value());
    }

    @Test
    void blankIsRefused() {
        for (String blank : List.of("", " ", "\t\n")) {
            assertThrows(IllegalArgumentException.class, () -> PublicName.of(blank, AudioFormat.MP3));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a",
                "a.exe",
                ".mp3",
                "-a.mp3",
                "_a.mp3",
                "A.mp3",
                "a/b.mp3",
                "../a.mp3",
                "a.b.mp3",
                "a.mp3\n",
                "con.mp3",
                "com1.wav",
                "a.mp3/",
                "a\\b.mp3",
                "é.mp3"
            })
    void whatThisLibraryNeverMadeIsNotParsed(String value) {
        assertFalse(PublicName.isName(value));
        assertThrows(IllegalArgumentException.class, () -> PublicName.parse(value));
    }
}
