package dev.ttsjobs.examples.worker;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.SpeechJobs;
import dev.ttsjobs.event.JobListener;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobRequest;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.openai.OpenAiSpeechSynthesizer;
import dev.ttsjobs.queue.jdbc.JdbcJobQueue;
import dev.ttsjobs.queue.jdbc.QueueDataSources;
import dev.ttsjobs.storage.local.LocalAudioStorage;
import dev.ttsjobs.worker.SpeechWorker;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/**
 * A small host: submits a whole book as one phrase, under an id of its own so that doing it again at each start is harmless,
 * and works until the job has ended. Arguments: its folder with {@code book.txt}, the provider's base URL, the job's id.
 */
final class BookMain {

    static final int CALLS_AT_ONCE = 4;

    private BookMain() {}

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        JobId id = JobId.parse(arguments[2]);
        CountDownLatch ended = new CountDownLatch(1);
        try (HikariDataSource source = QueueDataSources.sqlite(folder.resolve("queue.db"));
                JdbcJobQueue queue = JdbcJobQueue.open(source);
                LocalAudioStorage storage =
                        LocalAudioStorage.open(folder.resolve("audio"), URI.create("http://localhost/audio"));
                OpenAiSpeechSynthesizer speech =
                        OpenAiSpeechSynthesizer.builder().baseUrl(arguments[1]).build();
                SpeechWorker worker = SpeechWorker.builder(queue, storage, speech)
                        .limit(RateLimit.UNLIMITED)
                        .concurrency(CALLS_AT_ONCE)
                        .lease(Duration.ofSeconds(3))
                        .pollInterval(Duration.ofMillis(200))
                        .listener(new JobListener() {
                            @Override
                            public void jobEnded(JobId job) {
                                ended.countDown();
                            }
                        })
                        .build()) {
            SpeechJobs jobs = SpeechJobs.builder(queue).build();
            jobs.submit(JobRequest.builder("reader")
                    .id(id)
                    .phrase("book", "en", Files.readString(folder.resolve("book.txt")))
                    .build());
            worker.start();
            if (!jobs.find(id).orElseThrow().status().hasEnded()) {
                ended.await();
            }
        }
    }
}
