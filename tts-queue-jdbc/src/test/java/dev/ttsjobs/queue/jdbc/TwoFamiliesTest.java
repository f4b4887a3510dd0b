package dev.ttsjobs.queue.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariDataSource;
import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.contract.Jobs;
import dev.ttsjobs.contract.RealTime;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobStatus;
import dev.ttsjobs.job.PhraseResult;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.openai.OpenAiSpeechSynthesizer;
import dev.ttsjobs.queue.JobStore.Submission;
import dev.ttsjobs.speech.Voice;
import dev.ttsjobs.storage.AudioName;
import dev.ttsjobs.storage.AudioStorage;
import dev.ttsjobs.testing.FakeProvider;
import dev.ttsjobs.worker.SpeechWorker;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The first account runs out of credit in the middle of a job, and another family says the rest; each provider's ledger is the witness. */
class TwoFamiliesTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Voice ALLOY = Voice.of("alloy");
    private static final Voice VERSE = Voice.of("verse");
    private static final Voice KOKORO = Voice.of("af_heart").withModel("kokoro");
    private static final RateLimit LIMIT = RateLimit.UNLIMITED.withProbeInterval(Duration.ofSeconds(1));
    private static final int TEXTS = 60;

    @Test
    void theRestIsSpokenByAnotherFamilyAndNothingTwice() {
        try (HikariDataSource source = TestDatabase.H2.open(12);
                JdbcJobQueue one = JdbcJobQueue.open(source);
                JdbcJobQueue two = JdbcJobQueue.open(source);
                AudioStorage storage = AudioStorage.inMemory();
                FakeProvider first = FakeProvider.start().latency(Duration.ofMillis(20));
                FakeProvider second = FakeProvider.start().latency(Duration.ofMillis(20));
                Process ann = new Process(one, storage, first, second);
                Process bob = new Process(two, storage, first, second)) {
            // The other family has one voice for two of the first one's, so that both say the same there.
            Jobs.Builder deck = Jobs.of("alice");
            for (int i = 0; i < TEXTS; i++) {
                deck.say(Clip.spoken("openai", ALLOY, "text " + i)).say(Clip.spoken("openai", VERSE, "text " + i));
            }
            Submission job = deck.build();
            ann.start();
            bob.start();
            one.submit(job);
            RealTime.await(PATIENCE, () -> first.paid().size() >= TEXTS / 2);
            first.answerAll(FakeProvider.Answer.outOfCredit());
            RealTime.await(
                    PATIENCE, () -> one.find(job.id()).orElseThrow().status().hasEnded());

            Job ended = one.find(job.id()).orElseThrow();
            assertEquals(JobStatus.COMPLETED, ended.status());
            assertEquals(0, ended.progress().failed());
            List<FakeProvider.Call> bought = first.paid();
            assertEquals(
                    bought.size(),
                    new HashSet<>(bought.stream().map(TwoFamiliesTest::spoken).toList()).size());
            List<FakeProvider.Call> boughtInstead = second.paid();
            assertTrue(boughtInstead.size() > 10, () -> "only " + boughtInstead.size());
            Set<String> distinct = new HashSet<>(
                    boughtInstead.stream().map(TwoFamiliesTest::spoken).toList());
            assertEquals(distinct.size(), boughtInstead.size(), "nothing is bought twice");
            assertEquals(bought.size() + boughtInstead.size(), ended.usage().billedClips());

            Set<AudioName> names = new HashSet<>();
            List<PhraseResult> results = one.results(job.id(), 0, 2 * TEXTS);
            for (int i = 0; i < results.size(); i++) {
                Clip own = Clip.spoken("openai", i % 2 == 0 ? ALLOY : VERSE, "text " + i / 2);
                Clip other = Clip.spoken("kokoro", KOKORO, "text " + i / 2);
                AudioName name = results.get(i).sides().get("en").audio().name();
                assertTrue(Set.of(nameOf(own), nameOf(other)).contains(name), "audio of its own text");
                assertEquals(
                        name.equals(nameOf(own)),
                        storage.find(nameOf(own)).isPresent(),
                        "what the first family did not say is not under its key");
                assertTrue(storage.find(name).isPresent());
                names.add(name);
            }
            assertEquals(bought.size() + boughtInstead.size(), names.size());
        }
    }

    private static AudioName nameOf(Clip clip) {
        return AudioName.of(clip.key().hex(), clip.voice().format());
    }

    private static String spoken(FakeProvider.Call call) {
        return call.voice() + ": " + call.text();
    }

    /** What one process has: a worker for the first account, and one that stands in for it. */
    private static final class Process implements AutoCloseable {
        private final SpeechWorker first;
        private final SpeechWorker second;

        Process(JdbcJobQueue queue, AudioStorage storage, FakeProvider openAi, FakeProvider kokoro) {
            first = SpeechWorker.builder(
                            queue,
                            storage,
                            OpenAiSpeechSynthesizer.builder()
                                    .baseUrl(openAi.baseUrl())
                                    .build())
                    .limit(LIMIT)
                    .concurrency(4)
                    .build();
            second = SpeechWorker.builder(
                            queue,
                            storage,
                            OpenAiSpeechSynthesizer.builder()
                                    .baseUrl(kokoro.baseUrl())
                                    .family("kokoro")
                                    .build())
                    .limit(LIMIT)
                    .concurrency(4)
                    .standsInFor(first)
                    .voices(voice -> Optional.of(KOKORO))
                    .build();
        }

        void start() {
            first.start();
            second.start();
        }

        @Override
        public void close() {
            second.close(Duration.ZERO);
            first.close(Duration.ZERO);
        }
    }
}
