package dev.ttsjobs.examples.server;

import dev.ttsjobs.examples.worker.Logs;
import dev.ttsjobs.examples.worker.Settings;
import dev.ttsjobs.examples.worker.SettingsException;
import dev.ttsjobs.examples.worker.Workshop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Starts the server. */
@Command(
        name = "tts-server",
        sortOptions = false,
        description =
                "Turns decks of cards into audio, over HTTP. Settings are environment variables; all have defaults.")
public final class Main implements Callable<Integer> {

    @Option(
            names = "--demo",
            description = "Turns a deck of real cards into audio first, and says where to see and hear it.")
    private boolean demo;

    @Option(names = "--exit-when-done", description = "With --demo: ends then, with status 0 if every card has audio.")
    private boolean exitWhenDone;

    @Spec
    private CommandSpec spec = CommandSpec.create();

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
        if (exitWhenDone && !demo) {
            throw new ParameterException(spec.commandLine(), "--exit-when-done goes with --demo");
        }
        Settings settings = withFreePort(Settings.from(System.getenv()));
        if (demo) {
            // A line of the log would tear the progress bar.
            Logs.onlyWarnings();
        }
        Logger log = LoggerFactory.getLogger(Main.class);
        Workshop workshop = Workshop.open(settings);
        Server server = start(workshop);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            server.close();
            workshop.close();
        }));
        log.info("listening on http://{}:{}; speaking: {}", settings.web().host(), server.port(), workshop.voice());
        if (demo) {
            boolean whole = server.demo(System.out).run();
            if (exitWhenDone) {
                return whole ? 0 : 1;
            }
            System.out.println("  Serving until it is stopped (Ctrl+C).");
        }
        // For ever: a signal ends the program.
        new CountDownLatch(1).await();
        return 0;
    }

    private static Server start(Workshop workshop) {
        try {
            return Server.start(workshop);
        } catch (RuntimeException e) {
            workshop.close();
            throw e;
        }
    }

    /** The address of the audio holds the port, so it has to be known before anything is opened. */
    static Settings withFreePort(Settings settings) {
        if (settings.web().port() != 0) {
            return settings;
        }
        try (ServerSocket free =
                new ServerSocket(0, 1, InetAddress.getByName(settings.web().host()))) {
            return settings.withPort(free.getLocalPort());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
