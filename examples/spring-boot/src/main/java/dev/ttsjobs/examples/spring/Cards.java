package dev.ttsjobs.examples.spring;

import dev.ttsjobs.SpeechJobs;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobRequest;
import java.sql.Connection;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.jdbc.support.GeneratedKeyHolder;
import org.springframework.jdbc.support.KeyHolder;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** The cards, which exist without the library too. */
@Service
class Cards {

    private final JdbcClient database;
    private final DataSource dataSource;
    private final SpeechJobs jobs;

    Cards(JdbcClient database, DataSource dataSource, SpeechJobs jobs) {
        this.database = database;
        this.dataSource = dataSource;
        this.jobs = jobs;
    }

    /**
     * A card.
     *
     * @param audioUrl where its audio is; null while there is none
     * @param failure why there will be none; null while nothing failed
     */
    record Card(
            long id,
            String text,
            @Nullable String audioUrl,
            @Nullable String failure) {}

    // tag::readme
    /** Adds cards and has them spoken: both, or neither when the transaction is rolled back. */
    @Transactional
    JobId add(String deck, String language, List<String> texts) {
        JobRequest.Builder request = JobRequest.builder("cards").reference(deck);
        for (String text : texts) {
            request.phrase(String.valueOf(insert(deck, text)), language, text);
        }
        Connection connection = DataSourceUtils.getConnection(dataSource);
        try {
            // Once committed, the worker in this process need not look for it.
            TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                @Override
                public void afterCommit() {
                    jobs.wake();
                }
            });
            return jobs.submit(request.build(), connection).id();
        } finally {
            DataSourceUtils.releaseConnection(connection, dataSource);
        }
    }
    // end::readme

    private long insert(String deck, String text) {
        KeyHolder key = new GeneratedKeyHolder();
        database.sql("INSERT INTO cards (deck, text) VALUES (?, ?)")
                .params(deck, text)
                .update(key, "id");
        Number id = key.getKey();
        if (id == null) {
            throw new IllegalStateException("the database gave the card no id");
        }
        return id.longValue();
    }

    @Transactional(readOnly = true)
    List<Card> of(String deck) {
        return database.sql("SELECT id, text, audio_url, failure FROM cards WHERE deck = ? ORDER BY id")
                .param(deck)
                .query((row, number) -> new Card(row.getLong(1), row.getString(2), row.getString(3), row.getString(4)))
                .list();
    }
}
