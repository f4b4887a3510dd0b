package dev.ttsjobs.examples.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.SpeechJobs;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.testing.FakeProvider;
import dev.ttsjobs.time.Sleeper;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

class WorkerLifecycleTest {

    @TempDir
    Path folder;

    @Test
    void aCallUnderWayEndsWhenTheApplicationStopsAndIsNotMadeAgain() throws Exception {
        try (FakeProvider provider = FakeProvider.start().latency(Duration.ofMillis(400))) {
            JobId id;
            try (ConfigurableApplicationContext application = start(provider, true)) {
                assertTrue(application.getBean(WorkerLifecycle.class).isRunning());
                id = application.getBean(Cards.class).add("deck", "en", List.of("on its way"));
                while (provider.calls().isEmpty()) {
                    Sleeper.system().sleep(Duration.ofMillis(5));
                }
            }
            try (ConfigurableApplicationContext application = start(provider, false)) {
                assertFalse(application.getBean(WorkerLifecycle.class).isRunning());
                assertEquals(
                        JobStatus.COMPLETED,
                        application
                                .getBean(SpeechJobs.class)
                                .find(id)
                                .orElseThrow()
                                .status());
            }
            assertEquals(1, provider.calls().size());
        }
    }

    private ConfigurableApplicationContext start(FakeProvider provider, boolean works) {
        return new SpringApplicationBuilder(CardsApplication.class)
                .web(WebApplicationType.NONE)
                .run(
                        "--spring.datasource.url=jdbc:h2:mem:lifecycle;DB_CLOSE_DELAY=-1",
                        "--tts.base-url=" + provider.baseUrl(),
                        "--tts.audio-folder=" + folder,
                        "--tts.poll-interval=20ms",
                        "--tts.worker=" + works);
    }
}
