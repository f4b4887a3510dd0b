package dev.ttsjobs.examples.cli;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.examples.worker.SettingsException;
import dev.ttsjobs.queue.JobQueue;
import dev.ttsjobs.queue.jdbc.JdbcJobQueue;
import dev.ttsjobs.queue.jdbc.QueueDataSources;
import dev.ttsjobs.queue.jdbc.QueueException;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.storage.StorageException;
import dev.ttsjobs.storage.local.LocalAudioStorage;
import dev.ttsjobs.storage.s3.S3AudioStorage;
import dev.ttsjobs.upkeep.AudioCheck;
import dev.ttsjobs.upkeep.AudioMirror;
import dev.ttsjobs.upkeep.AudioSweep;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Takes the audio of a server elsewhere, looks whether it is sound, or removes what nobody wants, while workers run. */
@Command(
        name = "audio",
        mixinStandardHelpOptions = true,
        description = {
            "Takes all audio on record elsewhere, compares it with the record, or removes what nothing refers to.",
            "Workers may run meanwhile.",
            "A storage is a folder, or s3://bucket with the AWS SDK's own settings (and AWS_ENDPOINT_URL_S3).",
            "To change the storage: copy; restart servers and workers on the new one; copy once more."
        })
final class Audio {

    /** Something is missing or damaged. */
    private static final int NOT_SOUND = 1;

    private final Map<String, String> environment;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    Audio(Map<String, String> environment) {
        this.environment = environment;
    }

    @Command(
            name = "copy",
            mixinStandardHelpOptions = true,
            description = "Copies what TO does not have; each file is read back there and checked by its SHA-256.")
    int copy(
            @Parameters(paramLabel = "FROM") String from,
            @Parameters(paramLabel = "TO") String to,
            @Mixin AudioRun.Beginning beginning) {
        return take(from, to, beginning, AudioMirror::mirror);
    }

    @Command(
            name = "move",
            mixinStandardHelpOptions = true,
            description = "Copies, and removes from FROM what TO was found to have. Nobody may use FROM any longer.")
    int move(
            @Parameters(paramLabel = "FROM") String from,
            @Parameters(paramLabel = "TO") String to,
            @Mixin AudioRun.Beginning beginning) {
        return take(from, to, beginning, AudioMirror::move);
    }

    @FunctionalInterface
    private interface Taking {
        AudioMirror.Progress run(AudioMirror mirror, @Nullable ClipKey after, Consumer<AudioMirror.Progress> progress);
    }

    private int take(String from, String to, AudioRun.Beginning beginning, Taking taking) {
        if (from.equals(to)) {
            throw new IllegalArgumentException("FROM and TO must differ");
        }
        return onRecord(beginning, (records, run) -> {
            try (AudioStorage source = storage(from, true);
                    AudioStorage target = storage(to, false)) {
                AudioMirror.Progress end =
                        taking.run(new AudioMirror(records, source, target), run.after(), now -> run.at(now.last()));
                out().printf(
                                Locale.ROOT,
                                "%d copied (%,d bytes), %d there already, %d missing, %d damaged%n",
                                end.copied(),
                                end.bytes(),
                                end.present(),
                                end.missing(),
                                end.damaged());
                return end.missing() + end.damaged() == 0 ? 0 : NOT_SOUND;
            }
        });
    }

    @Command(
            name = "verify",
            mixinStandardHelpOptions = true,
            description = "Reads all audio and compares it with the SHA-256 on record.")
    int verify(
            @Parameters(paramLabel = "STORAGE") String name,
            @Option(names = "--repair", description = "Queues what is missing or damaged again, which buys it again.")
                    boolean repair,
            @Mixin AudioRun.Beginning beginning) {
        return onRecord(beginning, (records, run) -> {
            try (AudioStorage storage = storage(name, true)) {
                AudioCheck check = new AudioCheck(records, storage);
                Consumer<AudioCheck.Progress> told = now -> run.at(now.last());
                AudioCheck.Progress end = repair ? check.repair(run.after(), told) : check.look(run.after(), told);
                out().printf(
                                Locale.ROOT,
                                "%d sound, %d missing, %d damaged, %d queued again%n",
                                end.sound(),
                                end.missing(),
                                end.damaged(),
                                end.queued());
                return end.missing() + end.damaged() == end.queued() ? 0 : NOT_SOUND;
            }
        });
    }

    @Command(
            name = "sweep",
            mixinStandardHelpOptions = true,
            description = {
                "Says which audio no job and no public name refers to any longer; with --delete, removes it.",
                "What is removed is bought again when somebody wants it. Jobs refer to their audio until they are"
                        + " pruned."
            })
    int sweep(
            @Parameters(paramLabel = "STORAGE") String name,
            @Option(names = "--delete", description = "Removes it, instead of only saying so.") boolean delete,
            @Option(
                            names = "--grace",
                            defaultValue = "P30D",
                            description = "How old audio must be, an hour at least. Default: ${DEFAULT-VALUE}")
                    Duration grace,
            @Mixin AudioRun.Beginning beginning) {
        return onRecord(beginning, (records, run) -> {
            try (AudioStorage storage = storage(name, true)) {
                AudioSweep sweep = new AudioSweep(records, storage, grace);
                Instant now = records.clock().instant();
                Consumer<AudioSweep.Progress> told = so -> run.at(so.last(), so.looked());
                AudioSweep.Progress end =
                        delete ? sweep.remove(run.after(), now, told) : sweep.look(run.after(), now, told);
                out().printf(
                                Locale.ROOT,
                                "%d of %d files %s (%,d bytes)%s%n",
                                end.removed(),
                                end.looked(),
                                delete ? "removed" : "would be removed",
                                end.bytes(),
                                delete || end.removed() == 0 ? "" : ": --delete does so");
                return 0;
            }
        });
    }

    private int onRecord(AudioRun.Beginning beginning, BiFunction<JobQueue, AudioRun, Integer> work) {
        try (HikariDataSource database = database();
                JdbcJobQueue records = JdbcJobQueue.builder(database).build();
                AudioRun run =
                        new AudioRun(beginning, records, spec.commandLine().getErr())) {
            try {
                int code = work.apply(records, run);
                out().flush();
                return code;
            } catch (StorageException | QueueException e) {
                run.sayHowToGoOn();
                throw e;
            }
        }
    }

    private HikariDataSource database() {
        Jobs.requireDatabase(environment);
        String url = environment.get("DATABASE_URL");
        if (url == null) {
            Path file = Path.of(environment.getOrDefault("TTS_DATA_DIR", ""), "tts.db");
            if (!Files.isRegularFile(file)) {
                throw new SettingsException("TTS_DATA_DIR: there is no tts.db in it");
            }
            return QueueDataSources.sqlite(file);
        }
        return QueueDataSources.open(url, 2);
    }

    private AudioStorage storage(String name, boolean mustExist) {
        if (!name.startsWith("s3://")) {
            Path folder = Path.of(name);
            if (mustExist && !Files.isDirectory(folder)) {
                throw new IllegalArgumentException(name + ": there is no such folder");
            }
            // Addresses are made by the server; here none is.
            return LocalAudioStorage.open(folder, URI.create("file:///"));
        }
        S3AudioStorage.Builder storage = S3AudioStorage.builder(name.substring("s3://".length()))
                .spool(Path.of(System.getProperty("java.io.tmpdir"), "tts-spool"));
        String endpoint = environment.get("AWS_ENDPOINT_URL_S3");
        if (endpoint != null) {
            storage.endpoint(URI.create(endpoint));
        }
        return storage.build();
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
