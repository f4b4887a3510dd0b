package dev.ttsjobs.examples.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script that copies the audit log out, with something in the place of {@code psql} that knows one table. */
class CopyAuditTest {

    @TempDir
    Path folder;

    private Path copies;

    @BeforeEach
    void prepare() throws IOException {
        copies = Files.createDirectory(folder.resolve("copies"));
        Files.writeString(folder.resolve("psql"), """
                for last; do :; done
                case $last in
                *'extract(epoch'*) cat now ;;
                *'FROM tts_audit'*) [ ! -e broken ] && cat rows ;;
                *'FROM audit'*) echo "$last" >asked ;;
                *) exit 3 ;;
                esac
                """);
        Files.writeString(folder.resolve("rows"), "");
    }

    @Test
    void eachCopyGoesOnWhereTheOneBeforeEndedAndNamesItsDigest() throws Exception {
        assertEquals("0 new entries", copy(1_000_000_000_000L));
        assertEquals(List.of(), files());

        assertEquals("2 new entries", copy(1_000_000_100_000L, "{\"one\": 1}", "{\"two\": 2}"));
        assertEquals("1 new entries", copy(1_000_000_200_000L, "{\"three\": 3}"));
        assertEquals("0 new entries", copy(1_000_000_300_000L));

        assertEquals(List.of("audit-1000000100000.ndjson", "audit-1000000200000.ndjson"), files());
        List<String> second = Files.readAllLines(copies.resolve("audit-1000000200000.ndjson"));
        assertTrue(second.get(0).matches("\\{\"previous\": \"[0-9a-f]{64}\", \"from\": 1000000100000, \"to\": .*"));
        assertEquals(List.of("{\"three\": 3}"), second.subList(1, second.size()));
        assertTrue(Files.readString(folder.resolve("asked")).contains("at_millis >= 1000000200000 AND"));
        assertEquals(0, run("--check", copies.toString()).status());
    }

    @Test
    void whatWasChangedOrTakenAwayIsNoticed() throws Exception {
        copy(1_000_000_100_000L, "{\"one\": 1}");
        copy(1_000_000_200_000L, "{\"two\": 2}");
        copy(1_000_000_300_000L, "{\"three\": 3}");
        Path first = copies.resolve("audit-1000000100000.ndjson");
        String whole = Files.readString(first);

        Files.writeString(first, "{\"none\": 0}\n", StandardOpenOption.APPEND);
        Program.Outcome changed = run("--check", copies.toString());
        assertEquals(1, changed.status());
        assertTrue(changed.output().contains("audit-1000000200000.ndjson does not follow"), changed.output());

        Files.writeString(first, whole);
        assertEquals(0, run("--check", copies.toString()).status());
        Files.delete(copies.resolve("audit-1000000200000.ndjson"));
        assertEquals(1, run("--check", copies.toString()).status());
    }

    @Test
    void aDatabaseThatBreaksOffLeavesNothingThatIsTakenForACopy() throws Exception {
        Files.writeString(folder.resolve("now"), "1000000100000\n");
        Files.writeString(folder.resolve("broken"), "");

        assertTrue(run(copies.toString()).status() != 0);
        assertEquals(List.of(), files());
        assertEquals(2, run(folder.resolve("nowhere").toString()).status());
    }

    private String copy(long now, String... rows) throws Exception {
        Files.writeString(folder.resolve("now"), now + "\n");
        Files.write(folder.resolve("rows"), List.of(rows));
        Program.Outcome outcome = run(copies.toString());
        assertEquals(0, outcome.status(), outcome.output());
        return outcome.output().strip();
    }

    private Program.Outcome run(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(
                List.of("sh", Program.HERE.resolve("copy-audit.sh").toString()));
        command.addAll(List.of(arguments));
        return Program.run(folder, Map.of("PSQL", "sh psql"), command);
    }

    private List<String> files() throws IOException {
        try (Stream<Path> all = Files.list(copies)) {
            return all.map(file -> String.valueOf(file.getFileName())).sorted().toList();
        }
    }
}
