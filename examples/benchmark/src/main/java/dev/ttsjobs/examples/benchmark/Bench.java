package dev.ttsjobs.examples.benchmark;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.SpeechJobs;
import dev.ttsjobs.examples.voice.Latency;
import dev.ttsjobs.examples.voice.OfflineVoiceServer;
import dev.ttsjobs.examples.voice.VoiceServerOptions;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobRequest;
import dev.ttsjobs.queue.jdbc.QueueDataSources;
import dev.ttsjobs.time.Sleeper;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * What whole runs need: a folder, a PostgreSQL, and programs in processes of their own. Closing ends and removes all that
 * it started.
 */
final class Bench implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofMinutes(10);

    private final Path folder;
    private final EmbeddedPostgres postgres;
    private final boolean ownPostgres;
    private final Deque<Process> processes = new ArrayDeque<>();
    private int logs;

    private Bench(Path folder, EmbeddedPostgres postgres, boolean ownPostgres) {
        this.folder = folder;
        this.postgres = postgres;
        this.ownPostgres = ownPostgres;
    }

    /** Where a command gets its bench from. */
    interface Supply {
        Bench open() throws IOException;
    }

    /** With a PostgreSQL of its own that forces everything to disk: what figures are measured on. */
    static Bench open() throws IOException {
        return new Bench(
                Files.createTempDirectory("tts-benchmark"),
                EmbeddedPostgres.builder()
                        .setServerConfig("fsync", "on")
                        .setServerConfig("synchronous_commit", "on")
                        .start(),
                true);
    }

    /** On a PostgreSQL that is there already, and stays. */
    static Bench on(EmbeddedPostgres postgres) throws IOException {
        return new Bench(Files.createTempDirectory("tts-benchmark"), postgres, false);
    }

    Path folder() {
        return folder;
    }

    /** A database with nothing in it. */
    String newDatabase() throws SQLException {
        String name = "bench" + UUID.randomUUID().toString().replace("-", "");
        try (Connection admin = postgres.getPostgresDatabase().getConnection();
                Statement statement = admin.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        }
        return "jdbc:postgresql://localhost:" + postgres.getPort() + "/" + name + "?user=postgres";
    }

    HikariDataSource connect(String url, int connections) {
        return QueueDataSources.open(url, connections);
    }

    /** Starts a worker as an operator would, and returns once it works. */
    void startWorker(String url, String provider, int requestsPerMinute) throws IOException, InterruptedException {
        String name = "worker-" + logs;
        Map<String, String> settings = Map.of(
                "DATABASE_URL",
                url,
                "OPENAI_BASE_URL",
                provider,
                "OPENAI_API_KEY",
                "sk-benchmark",
                "TTS_REQUESTS_PER_MINUTE",
                String.valueOf(requestsPerMinute),
                "WORKER_PORT",
                "0",
                "LOCAL_STORAGE_PATH",
                folder.resolve("audio").toString(),
                "TTS_DATA_DIR",
                folder.resolve("data").toString());
        Process worker = start("dev.ttsjobs.examples.worker.WorkerMain", List.of(), settings, name);
        awaitLine(worker, name, "working;");
    }

    /** A provider in this process, whose ledger can be read. */
    static OfflineVoiceServer provider(Duration latency) throws IOException {
        return OfflineVoiceServer.start(VoiceServerOptions.builder()
                .engine(VoiceServerOptions.Engine.TONE)
                .latency(new Latency(latency, Duration.ZERO))
                .build());
    }

    /** Starts the provider in a process of its own and returns its base URL. */
    String startProvider(String... arguments) throws IOException, InterruptedException {
        String name = "provider-" + logs;
        Process provider = start(
                "dev.ttsjobs.examples.voice.OfflineVoice",
                Stream.concat(Stream.of("--port", "0", "--engine", "TONE"), Stream.of(arguments))
                        .toList(),
                Map.of(),
                name);
        return awaitLine(provider, name, "Base URL: ").substring("Base URL: ".length());
    }

    private Process start(String main, List<String> arguments, Map<String, String> settings, String name)
            throws IOException {
        logs++;
        List<String> command = Stream.concat(
                        Stream.of(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "-Xmx256m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                main),
                        arguments.stream())
                .toList();
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".log").toFile());
        builder.environment().putAll(settings);
        Process process = builder.start();
        processes.push(process);
        return process;
    }

    private String awaitLine(Process process, String name, String part) throws IOException, InterruptedException {
        Path log = folder.resolve(name + ".log");
        String[] found = new String[1];
        await(Duration.ofSeconds(60), name + " to start", () -> {
            if (!process.isAlive()) {
                throw new IllegalStateException(name + " ended: " + read(log));
            }
            found[0] = read(log)
                    .lines()
                    .filter(line -> line.contains(part))
                    .findFirst()
                    .orElse(null);
            return found[0] != null;
        });
        return found[0];
    }

    private static String read(Path log) {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** So many different sentences, each spoken nowhere else. */
    static JobRequest deck(String series, int sentences) {
        return deck("benchmark", series, sentences);
    }

    static JobRequest deck(String owner, String series, int sentences) {
        JobRequest.Builder request = JobRequest.builder(owner);
        for (int i = 0; i < sentences; i++) {
            request.phrase("card-" + i, "en", text(series, i));
        }
        return request.build();
    }

    static String text(String series, int number) {
        return series + ": this is sentence number " + number + ".";
    }

    /** For a job of other processes. Asks seldom: how long the job took is read from its record. */
    static void awaitEnd(SpeechJobs jobs, JobId id) throws InterruptedException {
        await(
                Duration.ofMillis(50),
                PATIENCE,
                "the job to end",
                () -> jobs.find(id).orElseThrow().status().hasEnded());
    }

    static void await(Duration patience, String what, BooleanSupplier condition) throws InterruptedException {
        await(Duration.ofMillis(5), patience, what, condition);
    }

    private static void await(Duration pause, Duration patience, String what, BooleanSupplier condition)
            throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("waited " + patience + " for " + what);
            }
            Sleeper.system().sleep(pause);
        }
    }

    /** Ends the programs that are running, the newest first. */
    void stopProcesses() {
        while (!processes.isEmpty()) {
            Process process = processes.pop();
            process.destroy();
            process.onExit().completeOnTimeout(process, 30, TimeUnit.SECONDS).join();
            process.destroyForcibly().onExit().join();
        }
    }

    @Override
    public void close() throws IOException {
        stopProcesses();
        if (ownPostgres) {
            postgres.close();
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
