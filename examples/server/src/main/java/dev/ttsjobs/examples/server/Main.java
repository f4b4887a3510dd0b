package dev.ttsjobs.examples.server;

import dev.ttsjobs.examples.worker.Settings;
import dev.ttsjobs.examples.worker.SettingsException;
import dev.ttsjobs.examples.worker.Workshop;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Starts the server. */
@Command(
        name = "tts-server",
        sortOptions = false,
        description = "Turns decks of cards into audio, over HTTP. Settings are environment variables; all have defaults.")
public final class Main implements Callable<Integer> {

    @Option(names = "--help", usageHelp = true, description = "Shows this.")
    private boolean help;

    /** Starts the server; for the arguments, see {@code --help}. */
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Main()).setExecutionExceptionHandler((e, line, parsed) -> {
            if (e instanceof SettingsException) {
                // The one line says it; a trace would hide it.
                line.getErr().println(e.getMessage());
                return 2;
            }
            throw e;
        });
    }

    @Override
    public Integer call() throws InterruptedException {
        Settings settings = Settings.from(System.getenv());
        try (Workshop workshop = Workshop.open(settings);
                Server server = Server.start(workshop)) {
            System.out.println("http://localhost:" + server.port());
            new CountDownLatch(1).await();
            return 0;
        }
    }
}
