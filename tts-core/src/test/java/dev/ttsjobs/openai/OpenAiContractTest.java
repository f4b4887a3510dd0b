package dev.ttsjobs.openai;

import dev.ttsjobs.contract.SpeechSynthesizerContract;
import dev.ttsjobs.speech.SpeechSynthesizer;
import dev.ttsjobs.testing.FakeProvider;
import dev.ttsjobs.testing.FakeProvider.Answer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** The client against a provider that answers as it is told. */
class OpenAiContractTest extends SpeechSynthesizerContract {

    private final FakeProvider provider = FakeProvider.start();

    boolean events() {
        return false;
    }

    @Override
    protected SpeechSynthesizer open() {
        return OpenAiSpeechSynthesizer.builder()
                .baseUrl(provider.requireKey(key()).baseUrl())
                .apiKey(key())
                .verifyWithEvents(events())
                .build();
    }

    @AfterEach
    void stop() {
        provider.close();
    }

    @Override
    protected String key() {
        return "sk-canary-0123456789abcdef";
    }

    @Override
    protected List<String> asked() {
        return provider.calls().stream().map(FakeProvider.Call::text).toList();
    }

    @Override
    protected void provider(Provider behaviour) {
        provider.answerAll(
                switch (behaviour) {
                    case SPEAKS -> Answer.audio();
                    case WANTS_A_SLOWER_PACE -> Answer.rateLimited(Duration.ofSeconds(1));
                    case WANTS_MONEY -> Answer.outOfCredit();
                    case REFUSES_THE_KEY -> Answer.error(401, "invalid_request_error", "", "Wrong key " + key());
                    case REFUSES_THE_TEXT -> Answer.rejected("content_policy_violation", "Not allowed");
                    case BREAKS_DOWN -> Answer.serverError();
                    case SERVES_NOBODY -> Answer.unavailable();
                    case SAYS_NOTHING -> Answer.stalled(0);
                    case STOPS_TALKING -> Answer.stalled(600);
                    case HANGS_UP -> Answer.cut(600);
                });
    }
}
