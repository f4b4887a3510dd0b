package dev.ttsjobs.examples.spring;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ReadmeTest {

    @Test
    void theReadmeShowsWhatIsCompiled() throws Exception {
        String readme = Files.readString(Path.of("README.md"));
        for (String source : new String[] {"SpeechConfiguration", "Cards"}) {
            String file = Files.readString(Path.of("src/main/java/dev/ttsjobs/examples/spring/" + source + ".java"));
            String begin = "// tag::readme\n";
            String lines = file.substring(file.indexOf(begin) + begin.length(), file.indexOf("    // end::readme"))
                    .stripTrailing()
                    .stripIndent();
            assertTrue(readme.contains("```java\n" + lines + "\n```"), "the README should show:\n" + lines);
        }
    }
}
