package dev.ttsjobs.examples.spring;

import dev.ttsjobs.SpeechJobs;
import dev.ttsjobs.openai.OpenAiSpeechSynthesizer;
import dev.ttsjobs.queue.JobQueue;
import dev.ttsjobs.queue.jdbc.JdbcJobQueue;
import dev.ttsjobs.speech.SpeechSynthesizer;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.storage.local.LocalAudioStorage;
import javax.sql.DataSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The library's parts as beans; Spring closes them when the worker has stopped. */
@Configuration(proxyBeanMethods = false)
class SpeechConfiguration {

    // tag::readme
    @Bean
    AudioStorage audioStorage(SpeechProperties tts) {
        return LocalAudioStorage.open(tts.audioFolder(), tts.audioUrl());
    }

    @Bean
    JobQueue jobQueue(DataSource dataSource, AudioStorage storage) {
        return JdbcJobQueue.builder(dataSource)
                .migrate()
                .onPhrasesEnded(new CardAudio(storage))
                .build();
    }

    @Bean
    SpeechJobs speechJobs(JobQueue queue, SpeechProperties tts) {
        return SpeechJobs.builder(queue).limit(tts.limit()).build();
    }
    // end::readme

    @Bean
    SpeechSynthesizer speechSynthesizer(SpeechProperties tts) {
        OpenAiSpeechSynthesizer.Builder client = OpenAiSpeechSynthesizer.builder();
        if (!tts.apiKey().isBlank()) {
            client.apiKey(tts.apiKey());
        }
        if (tts.baseUrl() != null) {
            client.baseUrl(tts.baseUrl().toString());
        }
        return client.build();
    }
}
