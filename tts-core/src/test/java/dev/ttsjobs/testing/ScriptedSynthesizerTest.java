package dev.ttsjobs.testing;

import dev.ttsjobs.contract.SpeechSynthesizerContract;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.speech.SpeechSynthesizer;
import java.util.List;
import java.util.Set;

class ScriptedSynthesizerTest extends SpeechSynthesizerContract {

    private final ScriptedSynthesizer scripted = new ScriptedSynthesizer();

    @Override
    protected SpeechSynthesizer open() {
        return scripted;
    }

    @Override
    protected void provider(Provider behaviour) {
        scripted.recover();
        FailureKind kind = switch (behaviour) {
            case WANTS_A_SLOWER_PACE -> FailureKind.RATE_LIMITED;
            case WANTS_MONEY -> FailureKind.QUOTA_EXHAUSTED;
            case REFUSES_THE_KEY -> FailureKind.KEY_REFUSED;
            case REFUSES_THE_TEXT -> FailureKind.REJECTED;
            case BREAKS_DOWN -> FailureKind.SERVER;
            case SERVES_NOBODY -> FailureKind.OUTAGE;
            default -> null;
        };
        if (kind != null) {
            scripted.failNext(Failure.of(kind, "scripted", "as the script says"));
        }
    }

    @Override
    protected List<String> asked() {
        return textsOf(scripted.calls());
    }

    @Override
    protected String key() {
        return null;
    }

    @Override
    protected Set<Capability> capabilities() {
        return Set.of();
    }
}
