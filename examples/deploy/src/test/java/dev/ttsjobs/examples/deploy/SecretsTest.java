package dev.ttsjobs.examples.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Secrets come from files: the script that makes them, and the entry point that reads them. */
class SecretsTest {

    @TempDir
    Path folder;

    private Program.Outcome enter(Map<String, String> environment, String... command) throws Exception {
        List<String> all = Stream.concat(
                        Stream.of("sh", Program.HERE.resolve("entrypoint.sh").toString()), Stream.of(command))
                .toList();
        return Program.run(folder, environment, all);
    }

    private String file(String text) throws IOException {
        return Files.writeString(Files.createTempFile(folder, "secret", ""), text)
                .toString();
    }

    @Test
    void aSecretInAFileBecomesAVariableWithoutItsLineEnd() throws Exception {
        Program.Outcome outcome = enter(
                Map.of("OPENAI_API_KEY_FILE", file("sk-$(id) `id` 'x' \"y\" \\ *\r\n"), "JWT_SECRET_FILE", file("abc")),
                "env");

        assertEquals(0, outcome.status());
        assertTrue(outcome.output().contains("OPENAI_API_KEY=sk-$(id) `id` 'x' \"y\" \\ *\n"), outcome.output());
        assertTrue(outcome.output().contains("JWT_SECRET=abc\n"), outcome.output());
        assertFalse(outcome.output().contains("_FILE="), outcome.output());
    }

    @Test
    void anEmptyFileIsNoSecretAndEmptySettingsOfTheSdkAreNone() throws Exception {
        Program.Outcome outcome = enter(
                Map.of("OPENAI_API_KEY_FILE", file(""), "AWS_ENDPOINT_URL_S3", "", "AWS_REGION", "eu-central-1"),
                "env");

        assertFalse(outcome.output().contains("OPENAI_API_KEY"), outcome.output());
        assertFalse(outcome.output().contains("AWS_ENDPOINT_URL_S3"), outcome.output());
        assertTrue(outcome.output().contains("AWS_REGION=eu-central-1\n"), outcome.output());
    }

    @Test
    void aPlainVariableIsLeftAsItIs() throws Exception {
        assertTrue(enter(Map.of("JWT_SECRET", "plain"), "env").output().contains("JWT_SECRET=plain\n"));
    }

    @Test
    void twoValuesForOneSecretEndTheStartWithOneLineThatNamesItAndNotItsValue() throws Exception {
        Program.Outcome outcome =
                enter(Map.of("DATABASE_URL", "hidden-1", "DATABASE_URL_FILE", file("hidden-2")), "echo", "started");

        assertEquals(2, outcome.status());
        assertEquals(1, outcome.output().lines().count());
        assertTrue(outcome.output().startsWith("DATABASE_URL: "), outcome.output());
        assertFalse(outcome.output().contains("hidden"), outcome.output());
    }

    @Test
    void aFileThatCannotBeReadEndsTheStart() throws Exception {
        for (String path : List.of(folder.resolve("missing").toString(), folder.toString())) {
            Program.Outcome outcome = enter(Map.of("WEBHOOK_SECRET_FILE", path), "echo", "started");

            assertEquals(2, outcome.status());
            assertTrue(outcome.output().startsWith("WEBHOOK_SECRET_FILE: "), outcome.output());
            assertFalse(outcome.output().contains("started"), outcome.output());
        }
    }

    @Test
    void theProgramTakesTheProcessOverAndItsEndIsSeen() throws Exception {
        assertEquals(7, enter(Map.of(), "sh", "-c", "exit 7").status());
        assertEquals("a b|c", enter(Map.of(), "printf", "%s|%s", "a b", "c").output());
    }

    @Test
    void secretsAreMadeOnceAndDifferEachTime() throws Exception {
        Map<String, String> first = make(folder.resolve("one"));
        Map<String, String> second = make(folder.resolve("two"));

        Files.writeString(folder.resolve("one/secrets/openai_api_key"), "sk-mine");
        Map<String, String> again = make(folder.resolve("one"));

        for (String random : List.of("jwt_secret", "database_password", "webhook_secret", "aws_secret_access_key")) {
            assertNotEquals(first.get(random), second.get(random), random);
            assertTrue(first.get(random).matches("(whsec_)?[0-9a-f]{64}"), random);
        }
        assertEquals("", first.get("openai_api_key"));
        assertTrue(first.get("database_url").contains(":" + first.get("database_password") + "@database:5432/"));
        int bytes = Base64.getDecoder().decode(first.get("webhook_secret").substring(6)).length;
        assertTrue(bytes >= 24 && bytes <= 64, "as Standard Webhooks asks");
        Map<String, String> expected = new HashMap<>(first);
        expected.put("openai_api_key", "sk-mine");
        assertEquals(expected, again);
    }

    @Test
    void othersOnThisMachineCannotReachTheFilesAndTheContainersCanReadThem() throws Exception {
        make(folder);

        assertEquals("rwx------", permissions(folder.resolve("secrets")));
        assertEquals("rw-r--r--", permissions(folder.resolve("secrets/jwt_secret")));
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    static Map<String, String> make(Path folder) throws Exception {
        Files.createDirectories(folder);
        Path script = folder.resolve("make-secrets.sh");
        if (Files.notExists(script)) {
            Files.copy(Program.HERE.resolve("make-secrets.sh"), script);
        }
        Program.Outcome outcome = Program.run(folder, Map.of(), List.of("sh", script.toString()));
        assertEquals(0, outcome.status(), outcome.output());
        assertEquals("", outcome.output(), "no secret is shown");
        Map<String, String> made = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder.resolve("secrets"))) {
            for (Path file : files.toList()) {
                made.put(file.getFileName().toString(), Files.readString(file));
            }
        }
        return made;
    }
}
