package dev.ttsjobs.examples.cli;

import dev.ttsjobs.examples.worker.SettingsException;
import dev.ttsjobs.failure.TtsException;
import java.io.UncheckedIOException;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code tts speak deck.csv --out folder}, and what operators do to a server's jobs and audio. */
@Command(
        name = "tts",
        mixinStandardHelpOptions = true,
        description = "Decks in, audio out. Settings are those of the example server, from the environment.")
public final class TtsCommand {

    private TtsCommand() {}

    /** Runs a command; see {@code --help}. */
    public static void main(String[] arguments) {
        System.exit(commandLine(System.getenv()).execute(arguments));
    }

    static CommandLine commandLine(Map<String, String> environment) {
        CommandLine whole = new CommandLine(new TtsCommand())
                .addSubcommand(new Speak(environment))
                .addSubcommand(new Jobs(environment))
                .addSubcommand(new Audio(environment))
                .setExecutionExceptionHandler((e, line, parsed) -> {
                    if (e instanceof Deck.DeckException
                            || e instanceof SettingsException
                            || e instanceof TtsException
                            || e instanceof IllegalArgumentException
                            || e instanceof UncheckedIOException) {
                        line.getErr().println(String.valueOf(e.getMessage()).replaceAll("\\p{Cntrl}+", " "));
                        return Speak.BAD_INPUT;
                    }
                    throw e;
                });
        // Known in the jar only.
        String version = TtsCommand.class.getPackage().getImplementationVersion();
        String said = "tts " + (version == null ? "as it was compiled" : version);
        whole.getCommandSpec().version(said);
        whole.getSubcommands().values().forEach(each -> each.getCommandSpec().version(said));
        return whole;
    }
}
