package dev.ttsjobs.examples.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ttsjobs.examples.deploy.Dockerfile.Instruction;
import dev.ttsjobs.examples.deploy.Dockerfile.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** No image can be built in the tests; what the Dockerfile says to run is run, with its paths moved into a folder. */
class DockerfileTest {

    private static Dockerfile dockerfile;

    @TempDir
    Path folder;

    @BeforeAll
    static void read() throws IOException {
        dockerfile = Dockerfile.read();
    }

    @Test
    void everyImageThatIsBuiltOnHasAVersion() {
        List<String> own = dockerfile.stages().stream().map(Stage::name).toList();
        for (Stage stage : dockerfile.stages()) {
            assertTrue(own.contains(stage.base()) || stage.base().matches("[a-z/-]+:[0-9][\\w.-]+"), stage.base());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"server", "worker"})
    void anImageRunsAsNobodyInParticularAndIsWatched(String image) {
        assertTrue(
                dockerfile.last(image, "USER").text().matches("[1-9]\\d+:[1-9]\\d+"), "numbers, as others check for");
        assertEquals(
                "USER",
                dockerfile.image(image).stream()
                        .map(Instruction::keyword)
                        .filter(keyword -> List.of("COPY", "RUN", "USER").contains(keyword))
                        .reduce("", (before, next) -> next),
                "nothing of the program may belong to who runs it");
        assertFalse(dockerfile.healthCheck(image).isBlank());
        for (Instruction each : dockerfile.image(image)) {
            assertFalse(each.text().matches("(?i).*\\b\\w*(password|secret|api_key|token)\\w*=.*"), each.text());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"server", "worker"})
    void whatChangesRarelyComesBeforeWhatChangesWithEveryCommit(String image) {
        String order = dockerfile.all(image, "COPY").stream()
                .map(Instruction::text)
                .filter(text -> text.contains("/layers/"))
                .map(text -> text.contains("/layers/lib") ? "others, " : "own, ")
                .collect(Collectors.joining());

        assertEquals("others, others, own, ", order);
    }

    @Test
    void everythingThatIsCopiedIsThereOrIsMadeByTheBuild() throws Exception {
        Map<String, List<String>> layers = sortedLayers();
        for (String image : List.of("server", "worker")) {
            for (Instruction copy : dockerfile.all(image, "COPY")) {
                List<String> words = Arrays.stream(copy.text().split(" "))
                        .filter(word -> !word.startsWith("--"))
                        .toList();
                String source = words.get(0);
                assertTrue(
                        copy.text().contains("--from=build")
                                ? layers.containsKey(source.replace("/layers/", ""))
                                : Files.exists(Program.TOP.resolve(source)),
                        copy.text());
            }
        }
    }

    @Test
    void layersHoldWhatBothNeedOnceAndNeverTwoVersionsOfOneLibrary() throws Exception {
        Map<String, List<String>> layers = sortedLayers();

        assertEquals(List.of("org.example.shared-1.jar"), layers.get("lib"));
        assertEquals(List.of("org.example.two-1.jar"), layers.get("lib-worker"));
        assertEquals(List.of("org.example.two-2.jar", "org.example.web-2.jar"), layers.get("lib-server"));
        assertEquals(
                List.of(
                        "dev.ttsjobs.examples.server.jar",
                        "dev.ttsjobs.examples.worker-1.jar",
                        "dev.ttsjobs.only-server-1.jar",
                        "dev.ttsjobs.tts-core-1.jar"),
                layers.get("own"));
    }

    @Test
    void whoRunsTheProgramsMayReadWhatTheBuildMadeForItselfAlone() throws Exception {
        sortedLayers();

        try (Stream<Path> all = Files.walk(folder.resolve("layers"))) {
            for (Path each : all.toList()) {
                Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(each);
                assertTrue(permissions.contains(PosixFilePermission.OTHERS_READ), each + " " + permissions);
            }
        }
    }

    /** Runs the shipped script on what a build leaves. */
    private Map<String, List<String>> sortedLayers() throws Exception {
        for (String file : List.of(
                "worker/target/dependency/org.example.shared-1.jar",
                "worker/target/dependency/dev.ttsjobs.tts-core-1.jar",
                "worker/target/dependency/org.example.two-1.jar",
                "worker/target/worker-1.jar",
                "worker/target/tts-worker.jar",
                "server/target/dependency/org.example.shared-1.jar",
                "server/target/dependency/org.example.two-2.jar",
                "server/target/dependency/org.example.web-2.jar",
                "server/target/dependency/dev.ttsjobs.tts-core-1.jar",
                "server/target/dependency/dev.ttsjobs.only-server-1.jar",
                "server/target/dependency/dev.ttsjobs.examples.worker-1.jar",
                "server/target/server-1.jar",
                "server/target/tts-server.jar")) {
            Path path = folder.resolve("examples").resolve(file);
            Files.createDirectories(path.getParent());
            Files.writeString(path, file);
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        }
        String script = dockerfile.last("build", "RUN").text();
        assertEquals("sh examples/deploy/layers.sh /layers", script);
        Path out = folder.resolve("layers");
        Program.Outcome outcome = Program.run(
                folder,
                Map.of(),
                List.of("sh", Program.HERE.resolve("layers.sh").toString(), out.toString()));
        assertEquals(0, outcome.status(), outcome.output());
        Map<String, List<String>> layers = new TreeMap<>();
        try (Stream<Path> found = Files.list(out)) {
            for (Path layer : found.toList()) {
                try (Stream<Path> jars = Files.list(layer)) {
                    layers.put(
                            layer.getFileName().toString(),
                            List.copyOf(new TreeSet<>(
                                    jars.map(jar -> jar.getFileName().toString())
                                            .toList())));
                }
            }
        }
        return layers;
    }

    @ParameterizedTest
    @CsvSource({"server, PORT, 8080", "worker, WORKER_PORT, 8081"})
    void aProgramStartsAnswersItsHealthCheckUnlessItStandsStillAndEndsWhenTold(
            String image, String setting, String exposed) throws Exception {
        Path jar = jar(image);
        assumeTrue(Program.find("wget").isPresent(), "wget, which the base image has, is not installed here");
        assertEquals(exposed, dockerfile.last(image, "EXPOSE").text());
        assertEquals(exposed, dockerfile.environment(image).get(setting));
        int port = Nginx.freePort();
        Map<String, String> moved = new LinkedHashMap<>();
        moved.put(exposed, String.valueOf(port));
        moved.put("0.0.0.0", "127.0.0.1");
        try (Program program = start(image, jar, moved)) {
            Map<String, String> environment = Map.of(setting, String.valueOf(port));
            List<String> check = List.of("sh", "-c", once(dockerfile.healthCheck(image)));
            awaitHealthy(program, environment, check);
            String self = "/proc/" + program.process.pid();
            if (Files.exists(Path.of(self))) {
                assertTrue(Files.readString(Path.of(self, "cmdline")).startsWith("java\0"), "the shell gave way to it");
            }

            signal(program, "STOP");
            assertNotEquals(0, Program.run(folder, environment, check).status(), "it stands still");
            signal(program, "CONT");
            awaitHealthy(program, environment, check);
            end(program);
            assertNotEquals(0, Program.run(folder, environment, check).status(), "nobody is there any more");
        }
    }

    /** The wget of the tests, unlike that of the image, would try twenty times. */
    private static String once(String check) {
        return check.replaceFirst("wget ", "wget --tries=1 ");
    }

    private static void signal(Program program, String signal) throws Exception {
        String command = "kill -" + signal + " " + program.process.pid();
        assertEquals(
                0,
                Program.run(Program.HERE.resolve("target"), Map.of(), List.of("sh", "-c", command))
                        .status());
    }

    /** The program as other modules build it; none of them may be there when this module is tested by itself. */
    private static Path jar(String program) throws IOException {
        Path jar = Program.TOP.resolve("examples/" + program + "/target/tts-" + program + ".jar");
        assumeTrue(Files.exists(jar), "examples/" + program + " is not packaged: mvn package, then this runs it");
        List<String> command = dockerfile.last(program, "CMD").words();
        try (JarFile open = new JarFile(jar.toFile())) {
            assertEquals(
                    open.getManifest().getMainAttributes().getValue("Main-Class"), command.get(command.size() - 1));
        }
        return jar;
    }

    private Program start(String image, Path jar, Map<String, String> alsoMoved) throws Exception {
        Map<String, String> moved = new LinkedHashMap<>(alsoMoved);
        for (String top : List.of("/app", "/data", "/audio")) {
            moved.put(top, folder + top);
        }
        Files.createDirectories(folder.resolve("app/lib"));
        Files.createDirectories(folder.resolve("app/own"));
        Files.copy(jar, folder.resolve("app/own/program.jar"));
        Files.copy(Program.HERE.resolve("entrypoint.sh"), folder.resolve("app/entrypoint.sh"));
        makeFolders(image);
        Map<String, String> environment = new TreeMap<>();
        dockerfile.environment(image).forEach((name, value) -> environment.put(name, replace(value, moved)));
        environment.put(
                "JWT_SECRET_FILE",
                Files.writeString(folder.resolve("jwt"), "s".repeat(32) + "\n").toString());
        environment.put("LOG_FORMAT", "json");
        List<String> command = new ArrayList<>(List.of("sh"));
        for (Instruction each : List.of(dockerfile.last(image, "ENTRYPOINT"), dockerfile.last(image, "CMD"))) {
            each.words().forEach(word -> command.add(replace(word, moved)));
        }
        return Program.start(folder, environment, command);
    }

    /** The command that makes the folders in the image, for the user of the test. */
    private void makeFolders(String image) throws Exception {
        String owner = dockerfile.last(image, "USER").text().split(":")[0];
        String command = dockerfile.last(image, "RUN").text();
        assertTrue(command.contains("-o " + owner + " -g " + owner), "the folders belong to who runs the program");
        String here =
                command.replace("-o " + owner + " -g " + owner, "").replaceAll(" (/data|/audio)", " " + folder + "$1");
        Program.Outcome outcome = Program.run(folder, Map.of(), List.of("sh", "-c", here));
        assertEquals(0, outcome.status(), outcome.output());
    }

    private static String replace(String text, Map<String, String> moved) {
        String result = text;
        for (Map.Entry<String, String> each : moved.entrySet()) {
            result = result.replace(each.getKey(), each.getValue());
        }
        return result;
    }

    private void awaitHealthy(Program program, Map<String, String> environment, List<String> check) throws Exception {
        for (int i = 0; i < 300; i++) {
            if (Program.run(folder, environment, check).status() == 0) {
                return;
            }
            program.pause();
        }
        throw new AssertionError("not healthy: " + program.output());
    }

    private static void end(Program program) throws Exception {
        program.process.destroy();
        assertTrue(program.process.waitFor(30, TimeUnit.SECONDS), "Compose would kill it now: " + program.output());
        assertTrue(List.of(0, 143).contains(program.process.exitValue()), program.output());
    }
}
