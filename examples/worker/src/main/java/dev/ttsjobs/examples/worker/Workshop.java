package dev.ttsjobs.examples.worker;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.SpeechJobs;
import dev.ttsjobs.event.JobListener;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.openai.OpenAiSpeechSynthesizer;
import dev.ttsjobs.queue.JobQueue;
import dev.ttsjobs.queue.jdbc.JdbcJobQueue;
import dev.ttsjobs.queue.jdbc.QueueDataSources;
import dev.ttsjobs.queue.jdbc.QueueException;
import dev.ttsjobs.retry.RetryPolicy;
import dev.ttsjobs.speech.SpeechSynthesizer;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.storage.StorageException;
import dev.ttsjobs.storage.local.LocalAudioStorage;
import dev.ttsjobs.storage.s3.S3AudioStorage;
import dev.ttsjobs.time.Ticker;
import dev.ttsjobs.webhook.WebhookHandler;
import dev.ttsjobs.worker.SpeechWorker;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Everything that making audio takes, as the settings say: database, queue, storage and voice. Thread-safe. */
public final class Workshop implements AutoCloseable {

    private static final Set<PosixFilePermission> ONLY_OWNER = PosixFilePermissions.fromString("rwx------");

    /** For the queue, which takes three, and for the calls of users. */
    private static final int CONNECTIONS = 8;

    private final Settings settings;
    private final HikariDataSource dataSource;
    private final JobQueue queue;
    private final AudioStorage storage;
    private final SpeechSynthesizer synthesizer;
    private final @Nullable SpeechSynthesizer fallback;
    private final SpeechJobs jobs;
    private final Crew crew;

    private Workshop(
            Settings settings,
            HikariDataSource dataSource,
            JobQueue queue,
            AudioStorage storage,
            SpeechSynthesizer synthesizer) {
        this.settings = settings;
        this.dataSource = dataSource;
        this.queue = queue;
        this.storage = storage;
        this.synthesizer = synthesizer;
        fallback = fallback(settings, synthesizer.family());
        crew = new Crew(dataSource, queue.clock());
        jobs = SpeechJobs.builder(queue)
                .voices(settings.provider().voices())
                .prices(settings.provider().prices())
                .limit(settings.provider().limit())
                .family(synthesizer.family())
                .maxPhrases(settings.limits().phrasesPerJob())
                .maxTextLength(settings.limits().textLength())
                .jobsPerDay(settings.limits().jobsPerDay())
                .quotas(settings.limits().eachUser(), settings.limits().allUsers())
                .retries(settings.limits().rounds())
                .build();
    }

    /** @throws SettingsException when a setting leads nowhere: no such database, a folder that cannot be written */
    public static Workshop open(Settings settings) {
        Deque<AutoCloseable> opened = new ArrayDeque<>();
        try {
            makeDirectory(settings.data().dir());
            AudioStorage storage = storage(settings);
            opened.push(storage);
            HikariDataSource dataSource = dataSource(settings);
            opened.push(dataSource);
            JobQueue queue = queue(settings, dataSource);
            opened.push(queue);
            return new Workshop(settings, dataSource, queue, storage, synthesizer(settings));
        } catch (RuntimeException e) {
            opened.forEach(Workshop::closeQuietly);
            throw e;
        }
    }

    /** The folder holds password hashes and a secret: only this user may enter. One that is there is left as it is. */
    private static void makeDirectory(Path dir) {
        try {
            if (Files.notExists(dir)) {
                boolean posix =
                        dir.getFileSystem().supportedFileAttributeViews().contains("posix");
                if (dir.toAbsolutePath().getParent() != null) {
                    Files.createDirectories(dir.toAbsolutePath().getParent());
                }
                if (posix) {
                    Files.createDirectory(dir, PosixFilePermissions.asFileAttribute(ONLY_OWNER));
                } else {
                    Files.createDirectory(dir);
                }
            }
        } catch (FileAlreadyExistsException e) {
            // Another process was quicker.
        } catch (IOException e) {
            throw new SettingsException(
                    "TTS_DATA_DIR", "cannot be made: name a folder that the user of this process may write to", e);
        }
        if (!Files.isDirectory(dir) || !Files.isWritable(dir)) {
            throw new SettingsException("TTS_DATA_DIR: is no folder that can be written");
        }
    }

    private static void closeQuietly(AutoCloseable part) {
        try {
            part.close();
        } catch (Exception e) {
            // What made the opening fail is said; that closing failed too adds nothing.
        }
    }

    private static HikariDataSource dataSource(Settings settings) {
        try {
            return QueueDataSources.open(databaseUrl(settings.data()), CONNECTIONS);
        } catch (QueueException e) {
            throw databaseProblem(settings, e);
        }
    }

    private static String databaseUrl(Settings.Data data) {
        if (data.databaseUrl() == null) {
            return "jdbc:sqlite:" + data.dir().resolve("tts.db").toAbsolutePath();
        }
        String url = data.databaseUrl().value();
        // H2 would close by itself at the first sign of an end, before the worker has given back what it holds.
        boolean closesTooEarly = url.startsWith("jdbc:h2:") && !url.contains("DB_CLOSE_ON_EXIT");
        return closesTooEarly ? url + ";DB_CLOSE_ON_EXIT=FALSE" : url;
    }

    private static JobQueue queue(Settings settings, DataSource dataSource) {
        try {
            JobQueue queue = JdbcJobQueue.builder(dataSource)
                    .migrate()
                    .onPhrasesEnded(new CardAudio(settings::audioUrl))
                    .build();
            Schema.apply(dataSource);
            return queue;
        } catch (QueueException | SQLException e) {
            throw databaseProblem(settings, e);
        }
    }

    private static SettingsException databaseProblem(Settings settings, Exception e) {
        String name = settings.data().databaseUrl() == null ? "TTS_DATA_DIR" : "DATABASE_URL";
        return new SettingsException(name, "the database cannot be used", e);
    }

    private static AudioStorage storage(Settings settings) {
        String bucket = settings.storage().bucket();
        return settings.storage().type() == Settings.StorageType.S3 && bucket != null
                ? s3(bucket, settings)
                : local(settings);
    }

    private static AudioStorage s3(String bucket, Settings settings) {
        try {
            S3AudioStorage.Builder storage =
                    S3AudioStorage.builder(bucket).spool(settings.data().dir().resolve("spool"));
            if (settings.storage().publicBaseUrl() != null) {
                storage.publicBaseUrl(settings.storage().publicBaseUrl());
            }
            if (settings.storage().endpoint() != null) {
                storage.endpoint(settings.storage().endpoint());
            }
            return storage.build();
        } catch (RuntimeException e) {
            // What the SDK does not find (a region, a folder) it says in exceptions of its own.
            throw new SettingsException("STORAGE_TYPE", "s3 cannot be used", e);
        }
    }

    private static AudioStorage local(Settings settings) {
        try {
            return LocalAudioStorage.open(settings.storage().path(), settings.audioUrl());
        } catch (StorageException e) {
            throw new SettingsException("LOCAL_STORAGE_PATH", "cannot be written", e);
        } catch (IllegalArgumentException e) {
            throw new SettingsException("PUBLIC_BASE_URL", "cannot be used", e);
        }
    }

    private static SpeechSynthesizer synthesizer(Settings settings) {
        Settings.Provider provider = settings.provider();
        return provider.isOffline()
                ? OfflineSpeech.start()
                : client(provider.apiKey(), provider.baseUrl()).build();
    }

    private static OpenAiSpeechSynthesizer.Builder client(@Nullable Secret apiKey, @Nullable URI baseUrl) {
        OpenAiSpeechSynthesizer.Builder client = OpenAiSpeechSynthesizer.builder();
        if (apiKey != null) {
            client.apiKey(apiKey.value());
        }
        if (baseUrl != null) {
            client.baseUrl(baseUrl.toString());
        }
        return client;
    }

    private static @Nullable SpeechSynthesizer fallback(Settings settings, String family) {
        Settings.Fallback fallback = settings.provider().fallback();
        return fallback == null
                ? null
                : client(fallback.apiKey(), fallback.baseUrl())
                        .family(fallback.hasVoicesOfItsOwn() ? fallback.family() : family)
                        .build();
    }

    /** Begins to work in the background, without a fallback; whoever asks for it closes it. */
    public SpeechWorker startWorker(JobListener listener) {
        return worker(synthesizer, settings.provider().limit(), listener)
                .build()
                .start();
    }

    /**
     * Begins to work in the background, counted and seen by those who look at the whole; whoever asks for it closes it.
     *
     * @param kind what this process is beside a worker
     * @param metrics counts what is done
     * @param listeners hear of it, too
     */
    public Shift startShift(Crew.Kind kind, Metrics metrics, JobListener... listeners) {
        JobListener all = new Listeners(
                Stream.concat(Stream.of(metrics), Stream.of(listeners)).toList());
        List<SpeechWorker> workers = new ArrayList<>();
        SpeechWorker first = worker(
                        metered(synthesizer, metrics), settings.provider().limit(), all)
                .build();
        workers.add(first);
        Settings.Fallback choice = settings.provider().fallback();
        if (choice != null && fallback != null) {
            SpeechWorker.Builder standIn =
                    worker(metered(fallback, metrics), choice.limit(), all).standsInFor(first);
            if (choice.hasVoicesOfItsOwn()) {
                standIn.voices(choice::standIn);
            }
            workers.add(standIn.build());
        }
        workers.forEach(SpeechWorker::start);
        return new Shift(workers, crew.join(kind, () -> new Crew.Load(metrics.calling(), metrics.callsLastMinute())));
    }

    private static SpeechSynthesizer metered(SpeechSynthesizer synthesizer, Metrics metrics) {
        return new MeteredSpeech(synthesizer, metrics, Ticker.system());
    }

    private SpeechWorker.Builder worker(SpeechSynthesizer synthesizer, RateLimit limit, JobListener listener) {
        Settings.Work work = settings.work();
        SpeechWorker.Builder worker = SpeechWorker.builder(queue, storage, synthesizer)
                .limit(limit)
                .retry(RetryPolicy.STANDARD.withMaxAttempts(work.maxAttempts()))
                .pollInterval(work.pollInterval())
                .retention(work.retention())
                .listener(listener);
        if (work.concurrency() > 0) {
            worker.concurrency(work.concurrency());
        }
        return worker;
    }

    /**
     * Begins to deliver webhooks in the background, unless there is no secret to sign them with; whoever asks for it closes
     * it.
     *
     * @param attempts hears of each attempt, in the delivering thread
     */
    public Optional<Webhooks> startWebhooks(Consumer<WebhookHandler.Attempt> attempts) {
        return Optional.ofNullable(settings.web().webhookSigner())
                .map(signer -> Webhooks.start(queue.events(), signer, settings.web(), attempts));
    }

    public Settings settings() {
        return settings;
    }

    public SpeechJobs jobs() {
        return jobs;
    }

    public JobQueue queue() {
        return queue;
    }

    public AudioStorage storage() {
        return storage;
    }

    /** Who makes audio on this database. */
    public Crew crew() {
        return crew;
    }

    /** The account whose limit and pauses matter here. */
    public String account() {
        return synthesizer.account();
    }

    /** Who speaks, for people. */
    public String voice() {
        return synthesizer instanceof OfflineSpeech offline
                ? "offline voice (" + offline.voice() + "), because neither OPENAI_API_KEY nor OPENAI_BASE_URL is set"
                : settings.provider().model() + " by "
                        + (settings.provider().baseUrl() == null
                                ? "OpenAI"
                                : settings.provider().baseUrl().getHost());
    }

    /** The database that the jobs live in, for tables of the host's own. */
    public DataSource dataSource() {
        return dataSource;
    }

    @Override
    public void close() {
        synthesizer.close();
        if (fallback != null) {
            fallback.close();
        }
        queue.close();
        dataSource.close();
        storage.close();
    }
}
