package dev.ttsjobs.examples.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The shipped Dockerfile, taken apart. */
record Dockerfile(List<Stage> stages) {

    private static final Pattern FROM = Pattern.compile("(\\S+) AS (\\S+)");
    private static final Pattern QUOTED = Pattern.compile("\"([^\"]*)\"");

    /** One line, with its continuations. */
    record Instruction(String keyword, String text) {

        /** The words of {@code ["java", "-cp", …]}. */
        List<String> words() {
            if (!text.startsWith("[")) {
                throw new AssertionError(keyword + " is not a list: a shell would stand between: " + text);
            }
            List<String> words = new ArrayList<>();
            Matcher quoted = QUOTED.matcher(text);
            while (quoted.find()) {
                words.add(quoted.group(1));
            }
            return words;
        }
    }

    record Stage(String base, String name, List<Instruction> instructions) {}

    static Dockerfile read() throws IOException {
        String joined = Files.readString(Program.HERE.resolve("Dockerfile")).replaceAll("\\\\\n\\s*", "");
        List<Stage> stages = new ArrayList<>();
        for (String line : joined.lines().toList()) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            String[] parts = line.split(" ", 2);
            if (parts[0].equals("FROM")) {
                Matcher from = FROM.matcher(parts[1]);
                if (!from.matches()) {
                    throw new AssertionError("a stage without a name: " + line);
                }
                stages.add(new Stage(from.group(1), from.group(2), new ArrayList<>()));
            } else {
                stages.get(stages.size() - 1).instructions().add(new Instruction(parts[0], parts[1]));
            }
        }
        return new Dockerfile(stages);
    }

    Stage stage(String name) {
        return stages.stream()
                .filter(stage -> stage.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no stage " + name));
    }

    /** All that makes up an image, from its first base on; empty bases are others' images. */
    List<Instruction> image(String name) {
        Stage stage = stage(name);
        List<Instruction> all = new ArrayList<>();
        if (stages.stream().anyMatch(each -> each.name().equals(stage.base()))) {
            all.addAll(image(stage.base()));
        }
        all.addAll(stage.instructions());
        return all;
    }

    /** The instruction that is in force: the last one. */
    Instruction last(String image, String keyword) {
        List<Instruction> found = all(image, keyword);
        if (found.isEmpty()) {
            throw new AssertionError(image + " has no " + keyword);
        }
        return found.get(found.size() - 1);
    }

    List<Instruction> all(String image, String keyword) {
        return image(image).stream()
                .filter(each -> each.keyword().equals(keyword))
                .toList();
    }

    /** What the health check runs in a shell. */
    String healthCheck(String image) {
        return last(image, "HEALTHCHECK").text().replaceFirst("^(--\\S+ )*CMD ", "");
    }

    Map<String, String> environment(String image) {
        Map<String, String> environment = new TreeMap<>();
        for (Instruction each : all(image, "ENV")) {
            for (String pair : each.text().split(" ")) {
                environment.put(pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1));
            }
        }
        return environment;
    }
}
