package dev.ttsjobs.examples.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The Compose file, by Compose's own check where it is installed, and by what a careful reader would look for. */
class ComposeTest {

    private static final Pattern VARIABLE = Pattern.compile("(?<!\\$)\\$\\{(\\w+):-([^}]*)}");
    private static final Pattern ENV_LINE = Pattern.compile("(?m)^#?([A-Z][A-Z0-9_]+)=(.*)$");

    private static String text;
    private static Map<String, Object> services;
    private static Map<String, Object> whole;

    @TempDir
    Path folder;

    @BeforeAll
    static void read() throws Exception {
        text = Files.readString(Program.HERE.resolve("compose.yaml"));
        // As Compose itself does it with nothing set.
        whole = new Yaml(new SafeConstructor(new LoaderOptions()))
                .load(VARIABLE.matcher(text).replaceAll(found -> Matcher.quoteReplacement(found.group(2))));
        services = map(whole.get("services"));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }

    private static Map<String, Object> mapAt(Map<String, Object> parent, String key) {
        Object value = parent.get(key);
        return value == null ? Map.of() : map(value);
    }

    private static List<String> listAt(Map<String, Object> parent, String key) {
        Object value = parent.get(key);
        return value == null
                ? List.of()
                : ((List<?>) value).stream().map(String::valueOf).toList();
    }

    private static Map<String, Object> service(String name) {
        return mapAt(services, name);
    }

    /** Compose, new or old; empty when there is neither. */
    private static Optional<List<String>> compose(Path folder) throws Exception {
        Optional<Path> docker = Program.find("docker");
        if (docker.isPresent()) {
            List<String> plugin = List.of(docker.get().toString(), "compose");
            if (Program.run(
                                    folder,
                                    Map.of(),
                                    Stream.concat(plugin.stream(), Stream.of("version"))
                                            .toList())
                            .status()
                    == 0) {
                return Optional.of(plugin);
            }
        }
        return Program.find("docker-compose").map(old -> List.of(old.toString()));
    }

    private Program.Outcome check(List<String> compose, String content) throws Exception {
        // The old one, in Python, is the only one without this key.
        String known = compose.size() == 1 ? content.replaceFirst("(?m)^name: .*$", "") : content;
        Path file = Files.writeString(folder.resolve("compose.yaml"), known);
        List<String> command = new ArrayList<>(compose);
        command.addAll(List.of("-f", file.toString(), "--profile", "s3", "config", "-q"));
        return Program.run(folder, Map.of(), command);
    }

    @Test
    void composeItselfTakesTheFileAndWouldNotTakeAMisspeltOne() throws Exception {
        Optional<List<String>> compose = compose(folder);
        assumeTrue(compose.isPresent(), "neither docker compose nor docker-compose is installed");
        SecretsTest.make(folder);

        Program.Outcome right = check(compose.get(), text);
        Program.Outcome wrong = check(compose.get(), text.replaceFirst("read_only: true", "readonly: true"));

        assertEquals(0, right.status(), right.output());
        assertNotEquals(0, wrong.status());
        assertTrue(wrong.output().contains("readonly"), wrong.output());
    }

    @Test
    void everyServiceHasAnImageWithAVersionOrIsBuiltHere() throws Exception {
        for (String name : services.keySet()) {
            Map<String, Object> build = mapAt(service(name), "build");
            if (build.isEmpty()) {
                assertTrue(String.valueOf(service(name).get("image")).matches("[a-z0-9/]+:[0-9][\\w.-]+"), name);
            } else {
                Path context = Program.HERE
                        .resolve(String.valueOf(build.get("context")))
                        .normalize();
                assertEquals(Program.TOP, context);
                assertTrue(Files.exists(context.resolve(String.valueOf(build.get("dockerfile")))), name);
                Dockerfile.read().stage(String.valueOf(build.get("target")));
            }
        }
    }

    @Test
    void everyServiceIsWatchedAndWaitsForWhatItNeeds() throws Exception {
        for (String name : services.keySet()) {
            Map<String, Object> build = mapAt(service(name), "build");
            if (build.isEmpty()) {
                assertFalse(listAt(mapAt(service(name), "healthcheck"), "test").isEmpty(), name);
            } else {
                Dockerfile.read().healthCheck(String.valueOf(build.get("target")));
            }
            mapAt(service(name), "depends_on").forEach((other, how) -> {
                assertTrue(services.containsKey(other), other);
                assertEquals("service_healthy", map(how).get("condition"), name + " → " + other);
            });
            assertEquals("unless-stopped", service(name).get("restart"), name);
        }
        assertTrue(mapAt(service("nginx"), "depends_on").containsKey("server"));
        assertTrue(mapAt(service("server"), "depends_on").containsKey("database"));
        assertTrue(mapAt(service("worker"), "depends_on").containsKey("database"));
    }

    @Test
    void everyServiceHasAsLittlePowerAsItCan() throws Exception {
        for (String name : services.keySet()) {
            Map<String, Object> service = service(name);
            assertEquals(true, service.get("read_only"), name);
            assertEquals(List.of("ALL"), listAt(service, "cap_drop"), name);
            assertEquals(List.of("no-new-privileges:true"), listAt(service, "security_opt"), name);
            assertFalse(service.containsKey("privileged") || service.containsKey("network_mode"), name);
            String user = service.containsKey("build")
                    ? Dockerfile.read()
                            .last(String.valueOf(mapAt(service, "build").get("target")), "USER")
                            .text()
                    : String.valueOf(service.get("user"));
            // The bucket to try things with is a folder that the volume makes, as root's.
            assertTrue(user.matches("[1-9]\\d*:[1-9]\\d*") || name.equals("s3"), name + " runs as " + user);
        }
    }

    @Test
    void onlyNginxIsReachedFromOutsideAndOnlyFromThisMachine() {
        for (String name : services.keySet()) {
            List<String> ports = listAt(service(name), "ports");
            assertEquals(name.equals("nginx") ? List.of("127.0.0.1:8088:8080") : List.of(), ports, name);
        }
        assertEquals(true, mapAt(mapAt(whole, "networks"), "data").get("internal"));
        assertEquals(true, mapAt(mapAt(whole, "networks"), "bucket").get("internal"));
        assertEquals(List.of("data"), listAt(service("database"), "networks"));
        assertFalse(listAt(service("nginx"), "networks").contains("data"));
    }

    @Test
    void networksAndVolumesAreDeclared() {
        for (String name : services.keySet()) {
            assertTrue(mapAt(whole, "networks").keySet().containsAll(listAt(service(name), "networks")), name);
            for (Object each : (List<?>) service(name).getOrDefault("volumes", List.of())) {
                String source = each instanceof Map
                        ? String.valueOf(map(each).get("source"))
                        : String.valueOf(each).split(":")[0];
                assertTrue(
                        source.startsWith("./")
                                ? Files.isRegularFile(Program.HERE.resolve(source))
                                : mapAt(whole, "volumes").containsKey(source),
                        name + " mounts " + source);
            }
        }
    }

    @Test
    void serverAndWorkersWriteTheAudioAndNginxOnlyReadsItWhereItsConfigurationLooks() throws Exception {
        String folderInImage = Dockerfile.read().environment("worker").get("LOCAL_STORAGE_PATH");
        for (String name : List.of("server", "worker")) {
            assertEquals(List.of("audio:" + folderInImage), listAt(service(name), "volumes"), name);
        }
        Map<String, Object> mounted = map(((List<?>) service("nginx").get("volumes")).get(2));
        assertEquals("audio", mounted.get("source"));
        assertEquals(true, mounted.get("read_only"));
        assertTrue(
                Files.readString(Program.HERE.resolve("nginx/audio-local.conf")).contains(" root /srv;"));
        assertEquals("/srv/storage/tts", mounted.get("target"));
    }

    @Test
    void everySecretIsAFileThatIsMadeAndIsGivenOnlyToWhoReadsIt() throws Exception {
        Map<String, String> made = SecretsTest.make(folder);
        TreeSet<String> declared = new TreeSet<>();
        mapAt(whole, "secrets").forEach((name, how) -> {
            assertEquals("./secrets/" + name, map(how).get("file"));
            declared.add(name);
        });
        assertEquals(made.keySet(), declared);
        TreeSet<String> used = new TreeSet<>();
        for (String name : services.keySet()) {
            TreeSet<String> read = new TreeSet<>();
            mapAt(service(name), "environment").forEach((variable, value) -> {
                if (variable.endsWith("_FILE")) {
                    assertTrue(String.valueOf(value).startsWith("/run/secrets/"), variable);
                    read.add(String.valueOf(value).substring("/run/secrets/".length()));
                }
            });
            assertEquals(read, new TreeSet<>(listAt(service(name), "secrets")), name);
            used.addAll(read);
        }
        assertEquals(declared, used);
    }

    @Test
    void noSecretIsWrittenInTheFileAndTheEntryPointReadsEachOfThem() throws Exception {
        String entryPoint = Files.readString(Program.HERE.resolve("entrypoint.sh"));
        for (String name : services.keySet()) {
            mapAt(service(name), "environment").forEach((variable, value) -> {
                if (variable.matches(".*(PASSWORD|SECRET|KEY|TOKEN(?!S_PER_)|DATABASE_URL|CREDENTIAL).*")) {
                    assertTrue(variable.endsWith("_FILE"), name + " has " + variable + " in the open");
                    String plain = variable.replace("_FILE", "");
                    assertTrue(name.equals("database") || entryPoint.matches("(?s).*\\b" + plain + "\\b.*"), variable);
                }
            });
        }
        assertFalse(
                Files.readString(Program.HERE.resolve(".env.example")).matches("(?s).*(SECRET|API_KEY|PASSWORD)=.*"));
    }

    @Test
    void everySettingOfTheEnvFileIsUsedAndHasTheSameDefault() throws Exception {
        Map<String, String> offered = new TreeMap<>();
        String env = Files.readString(Program.HERE.resolve(".env.example"));
        ENV_LINE.matcher(env).results().forEach(line -> {
            String before = offered.put(line.group(1), line.group().startsWith("#") ? "" : line.group(2));
            assertEquals(null, before, "twice: " + line.group(1));
        });
        Map<String, String> used = new TreeMap<>();
        VARIABLE.matcher(text).results().forEach(found -> {
            String before = used.put(found.group(1), found.group(2));
            assertTrue(before == null || before.equals(found.group(2)), found.group(1) + " has two defaults");
        });
        assertFalse(VARIABLE.matcher(text).replaceAll("").replace("$$", "").contains("${"), "one without a default");

        TreeSet<String> names = new TreeSet<>(offered.keySet());
        names.remove("COMPOSE_PROFILES");
        assertEquals(used.keySet(), names);
        offered.forEach((name, value) -> {
            if (!value.isEmpty()) {
                assertEquals(used.get(name), value, name);
            }
        });
    }

    /** One that is set in vain is worst where it would have been a limit of what is spent. */
    @Test
    void everyLimitOfTheReadmeCanBeSet() throws Exception {
        String readme = Files.readString(Program.TOP.resolve("README.md"));
        String settings = readme.substring(readme.indexOf("\n## Settings"));
        TreeSet<String> limits = Pattern.compile("`(TTS_(?:MAX|TOTAL)_[A-Z_]+|TTS_[A-Z_]+_PER_[A-Z_]+)`")
                .matcher(settings)
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        assertTrue(limits.size() >= 11, limits.toString());
        for (String program : List.of("server", "worker")) {
            TreeSet<String> lacking = new TreeSet<>(limits);
            lacking.removeAll(mapAt(service(program), "environment").keySet());
            assertEquals(Set.of(), lacking, program);
        }
    }

    @Test
    void everySettingThatIsPassedOnIsOneThatTheProgramsRead() throws Exception {
        Path sources = Program.TOP.resolve("examples/worker/src/main/java");
        assumeTrue(Files.isDirectory(sources), "examples/worker is not there");
        StringBuilder read = new StringBuilder();
        try (Stream<Path> files = Files.walk(sources)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".java")).toList()) {
                read.append(Files.readString(file));
            }
        }
        TreeSet<String> given =
                new TreeSet<>(Dockerfile.read().environment("server").keySet());
        given.addAll(mapAt(service("server"), "environment").keySet());
        for (String name : given) {
            String plain = name.replaceFirst("_FILE$", "");
            // The AWS SDK reads its own; each language has a voice.
            boolean known = plain.matches("AWS_(REGION|ACCESS_KEY_ID|SECRET_ACCESS_KEY)|TTS_VOICE_[A-Z]+");
            assertTrue(known || read.indexOf("\"" + plain + "\"") >= 0, plain);
        }
    }

    @Test
    void theStandaloneWorkersDoTheWork() {
        assertEquals("false", mapAt(service("server"), "environment").get("WORKER_ENABLED"));
        assertEquals(2, mapAt(service("worker"), "deploy").get("replicas"));
        assertEquals("30s", service("worker").get("stop_grace_period"), "more than the 25 s that a worker takes");
    }

    @Test
    void theBucketIsThereOnlyWithItsProfile() {
        for (String name : services.keySet()) {
            assertEquals(name.equals("s3") ? List.of("s3") : List.of(), listAt(service(name), "profiles"), name);
        }
    }
}
