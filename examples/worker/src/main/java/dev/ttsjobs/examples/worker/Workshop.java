package dev.ttsjobs.examples.worker;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.SpeechJobs;
import dev.ttsjobs.queue.JobQueue;
import dev.ttsjobs.storage.AudioStorage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import javax.sql.DataSource;

/** Everything that making audio takes, as the settings say: database, queue, storage and voice. Thread-safe. */
public final class Workshop implements AutoCloseable {

    private final Settings settings;
    private final HikariDataSource dataSource;
    private final JobQueue queue;
    private final AudioStorage storage;
    private final SpeechJobs jobs;

    private Workshop(Settings settings, HikariDataSource dataSource) {
        this.settings = settings;
        this.dataSource = dataSource;
        queue = JobQueue.inMemory(InstantSource.system());
        storage = AudioStorage.inMemory();
        jobs = SpeechJobs.builder(queue)
                .voices(settings.provider().voices())
                .prices(settings.provider().prices())
                .limit(settings.provider().limit())
                .maxPhrases(settings.limits().phrasesPerJob())
                .maxTextLength(settings.limits().textLength())
                .jobsPerDay(settings.limits().jobsPerDay())
                .build();
    }

    /** @throws SettingsException when a setting leads nowhere: no such database, a folder that cannot be written */
    public static Workshop open(Settings settings) {
        Path dir = settings.data().dir();
        try {
            Files.createDirectories(dir);
        } catch (IOException e) {
            throw new SettingsException("TTS_DATA_DIR", "cannot be written", e);
        }
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:sqlite:" + dir.resolve("tts.db")
                + "?journal_mode=WAL&synchronous=FULL&busy_timeout=10000&transaction_mode=IMMEDIATE");
        config.setMaximumPoolSize(4);
        return new Workshop(settings, new HikariDataSource(config));
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

    /** The database that the jobs live in, for tables of the host's own. */
    public DataSource dataSource() {
        return dataSource;
    }

    @Override
    public void close() {
        queue.close();
        storage.close();
        dataSource.close();
    }
}
