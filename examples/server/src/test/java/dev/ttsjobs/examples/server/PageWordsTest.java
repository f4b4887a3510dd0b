package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The words of the page: the same in both languages, each of them used, none of them missing. */
class PageWordsTest {

    private static final Path PUBLIC = Path.of("src/main/resources/public");
    private static final Pattern ENTRY = Pattern.compile("(?m)^  '([^']+)':((?:(?!^  ').)*)", Pattern.DOTALL);
    private static final Pattern PLACE = Pattern.compile("\\{(\\w+)\\}");
    private static final Pattern USED = Pattern.compile("\\bt\\(\\s*'([^']+)'");
    private static final Pattern NAMED = Pattern.compile("(?:data-text|data-label)=\"([^\"]+)\"");
    private static final Pattern WORD = Pattern.compile("['\"]([a-z][A-Za-z0-9]*(?:\\.[\\w]+)*)['\"]");
    private static final Pattern MADE = Pattern.compile("`([a-z]\\w*(?:\\.\\w+)*\\.)\\$\\{");

    @Test
    void both_languages_have_the_same_words_with_the_same_gaps() throws IOException {
        Map<String, Set<String>> english = words("lang-en.js");
        assertTrue(english.size() > 100);
        assertEquals(english, words("lang-fr.js"));
    }

    @Test
    void every_word_that_is_asked_for_is_there() throws IOException {
        Set<String> asked = new TreeSet<>(found(USED, sources()));
        asked.addAll(found(NAMED, Files.readString(PUBLIC.resolve("index.html"))));
        asked.removeAll(words("lang-en.js").keySet());
        assertEquals(Set.of(), asked);
    }

    @Test
    void every_word_that_is_there_is_used() throws IOException {
        Set<String> left = new TreeSet<>(words("lang-en.js").keySet());
        left.removeAll(found(WORD, sources()));
        left.removeAll(found(NAMED, Files.readString(PUBLIC.resolve("index.html"))));
        List<String> beginnings = found(MADE, sources());
        left.removeIf(word -> beginnings.stream().anyMatch(word::startsWith));
        assertEquals(Set.of(), left);
    }

    /** Each word with the gaps that are filled in. */
    private static Map<String, Set<String>> words(String file) throws IOException {
        Map<String, Set<String>> words = new TreeMap<>();
        for (MatchResult entry :
                ENTRY.matcher(Files.readString(PUBLIC.resolve(file))).results().toList()) {
            words.put(entry.group(1), new TreeSet<>(found(PLACE, entry.group(2))));
        }
        return words;
    }

    private static List<String> found(Pattern pattern, String text) {
        return pattern.matcher(text).results().map(match -> match.group(1)).toList();
    }

    private static String sources() throws IOException {
        try (Stream<Path> files = Files.list(PUBLIC)) {
            return files.filter(file -> file.toString().endsWith(".js"))
                    .filter(file -> !file.getFileName().toString().startsWith("lang-"))
                    .map(PageWordsTest::read)
                    .collect(Collectors.joining("\n"));
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
