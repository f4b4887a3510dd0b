package dev.ttsjobs.examples.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** What stands beside each program for those who look for parts that are known to be weak. */
class BillOfMaterialsTest {

    /** In the jar of Jdbi, under another name: there is no artifact that could be named. */
    private static final String IN_JDBI = "org.antlr:antlr4-runtime";

    @ParameterizedTest
    @CsvSource({"server, tts-server", "worker, tts-worker", "cli, tts"})
    void it_names_every_part_of_the_jar_and_nothing_that_only_tests_use(String module, String program)
            throws Exception {
        Path target = Program.TOP.resolve("examples").resolve(module).resolve("target");
        Path jar = target.resolve(program + ".jar");
        boolean offline = "offline: true".equals(System.getProperty("maven.mode"));
        assumeFalse(offline, "mvn -o makes no bill of materials: without -o, this runs");
        assumeTrue(Files.exists(jar), "examples/" + module + " is not packaged: mvn package, then this runs");

        // JSON is YAML, too.
        Map<String, Object> bill = new Yaml(new SafeConstructor(new LoaderOptions()))
                .load(Files.readString(target.resolve(program + ".cdx.json")));

        assertEquals("CycloneDX", bill.get("bomFormat"));
        Map<String, String> purls = new TreeMap<>();
        for (Object each : (List<?>) bill.get("components")) {
            Map<?, ?> component = (Map<?, ?>) each;
            purls.put(component.get("group") + ":" + component.get("name"), String.valueOf(component.get("purl")));
            assertFalse(((List<?>) component.get("hashes")).isEmpty(), component.get("name") + " has no hash");
        }
        assertTrue(
                purls.get("com.squareup.okhttp3:okhttp-jvm").startsWith("pkg:maven/com.squareup.okhttp3/okhttp-jvm@"));
        assertTrue(purls.containsKey("dev.ttsjobs:tts-core"));
        assertFalse(purls.keySet().stream().anyMatch(name -> name.contains("junit") || name.contains("selenium")));
        Set<String> inside = parts(jar);
        assertTrue(inside.size() > 20, "Maven's notes are missing in the jar: " + inside);
        inside.removeAll(purls.keySet());
        inside.removeAll(Set.of("dev.ttsjobs.examples:" + module, IN_JDBI));
        assertEquals(Set.of(), inside);
    }

    /** What was put together, by the notes that Maven leaves in each jar. */
    private static Set<String> parts(Path jar) throws Exception {
        Set<String> parts = new TreeSet<>();
        try (JarFile file = new JarFile(jar.toFile())) {
            file.stream()
                    .map(JarEntry::getName)
                    .filter(name -> name.matches("META-INF/maven/[^/]+/[^/]+/pom.properties"))
                    .map(name -> name.split("/"))
                    .forEach(path -> parts.add(path[2] + ":" + path[3]));
        }
        return parts;
    }
}
