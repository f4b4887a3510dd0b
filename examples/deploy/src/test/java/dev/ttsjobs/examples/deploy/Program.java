package dev.ttsjobs.examples.deploy;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A program that runs beside the test, with an environment of its own; closing ends it. */
final class Program implements AutoCloseable {

    /** Where this module is: Maven runs tests there. */
    static final Path HERE = Path.of("").toAbsolutePath();

    static final Path TOP = HERE.getParent().getParent();

    final Process process;
    private final Path log;

    private Program(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /** What a command said, and how it ended. */
    record Outcome(int status, String output) {}

    static Program start(Path folder, Map<String, String> environment, List<String> command) throws IOException {
        Path log = Files.createTempFile(folder, "program", ".log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectOutput(log.toFile());
        builder.environment().clear();
        // The JDK of the tests first, whatever else is installed.
        builder.environment().put("PATH", Path.of(System.getProperty("java.home"), "bin") + ":" + path());
        builder.environment().putAll(environment);
        return new Program(builder.start(), log);
    }

    static Outcome run(Path folder, Map<String, String> environment, List<String> command) throws Exception {
        try (Program program = start(folder, environment, command)) {
            if (!program.process.waitFor(60, TimeUnit.SECONDS)) {
                throw new AssertionError(command + " does not end: " + program.output());
            }
            return new Outcome(program.process.exitValue(), program.output());
        }
    }

    /** Where a command is, by the search path and the places where Debian keeps servers. */
    static Optional<Path> find(String command) {
        return Stream.of((path() + ":/usr/sbin:/usr/local/sbin").split(":"))
                .map(folder -> Path.of(folder, command))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static String path() {
        String path = System.getenv("PATH");
        return path == null ? "/usr/local/bin:/usr/bin:/bin" : path;
    }

    String output() throws IOException {
        return Files.readString(log);
    }

    /** Waits a moment; fails when the program ended meanwhile. */
    void pause() throws Exception {
        if (process.waitFor(100, TimeUnit.MILLISECONDS)) {
            throw new AssertionError("ended with " + process.exitValue() + ": " + output());
        }
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
