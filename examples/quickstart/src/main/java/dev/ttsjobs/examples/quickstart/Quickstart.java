package dev.ttsjobs.examples.quickstart;

import dev.ttsjobs.SpeechJobs;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobRequest;
import dev.ttsjobs.job.Phrase;
import dev.ttsjobs.job.PhraseResult;
import dev.ttsjobs.openai.OpenAiSpeechSynthesizer;
import dev.ttsjobs.queue.jdbc.JdbcJobQueue;
import dev.ttsjobs.queue.jdbc.QueueDataSources;
import dev.ttsjobs.speech.SpeechSynthesizer;
import dev.ttsjobs.storage.local.LocalAudioStorage;
import dev.ttsjobs.time.Sleeper;
import dev.ttsjobs.worker.SpeechWorker;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import javax.sql.DataSource;

/** Two cards become four audio files: {@code OPENAI_API_KEY=… java … Quickstart}. */
public final class Quickstart {

    private Quickstart() {}

    public static void main(String[] arguments) throws InterruptedException {
        OpenAiSpeechSynthesizer.Builder openAi =
                OpenAiSpeechSynthesizer.builder().apiKey(System.getenv("OPENAI_API_KEY"));
        if (System.getenv("OPENAI_BASE_URL") != null) {
            openAi.baseUrl(System.getenv("OPENAI_BASE_URL"));
        }
        speak(QueueDataSources.sqlite(Path.of("quickstart.db")), openAi.build(), Path.of("audio"), System.out);
    }

    static void speak(DataSource dataSource, SpeechSynthesizer openAi, Path folder, PrintStream out)
            throws InterruptedException {
        // tag::readme
        var queue = JdbcJobQueue.open(dataSource);
        var storage = LocalAudioStorage.open(folder, URI.create("https://example.org/audio"));
        var worker = SpeechWorker.builder(queue, storage, openAi).build().start();
        var jobs = SpeechJobs.builder(queue).build();
        JobId id = jobs.submit(JobRequest.builder("alice")
                        .phrase(Phrase.of("card-1", "en", "Good morning").and("fr", "Bonjour"))
                        .phrase(Phrase.of("card-2", "en", "Thank you").and("fr", "Merci"))
                        .build())
                .id();
        // end::readme
        Job job = jobs.find(id).orElseThrow();
        for (; !job.status().hasEnded(); job = jobs.find(id).orElseThrow()) {
            out.println(job.progress().processed() + " of " + job.progress().total());
            Sleeper.system().sleep(Duration.ofMillis(500));
        }
        for (PhraseResult phrase : jobs.results(id)) {
            phrase.sides()
                    .forEach((language, side) -> out.println(phrase.itemId() + " " + language + " "
                            + (side.audio() == null
                                    ? side.failure()
                                    : folder.resolve(side.audio().name().value()))));
        }
        worker.close();
        queue.close();
    }
}
