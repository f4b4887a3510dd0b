package dev.ttsjobs.worker;

import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.queue.ClipQueue;
import dev.ttsjobs.queue.Lease;
import dev.ttsjobs.speech.SpeechSynthesizer;
import dev.ttsjobs.speech.Voice;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a worker makes in the place of clips of another family, and what it must not speak because it is another family's.
 * Thread-safe.
 */
final class StandIn {

    private static final Logger log = LoggerFactory.getLogger(StandIn.class);

    private static final int MOST_LEFT = 10_000;

    private final ClipQueue queue;
    private final String family;
    private final @Nullable Function<Voice, Optional<Voice>> voices;
    /** Families that are known to be spoken by others on this queue. */
    private final Set<String> otherFamilies = ConcurrentHashMap.newKeySet();
    /** Clips in whose place no other is made: their own audio was found, or the other was refused. */
    private final Set<ClipKey> left = ConcurrentHashMap.newKeySet();

    private final AtomicBoolean warned = new AtomicBoolean();

    /** @param voices what speaks in the place of another family's voice; null for a worker of the clips' own family */
    StandIn(ClipQueue queue, String family, @Nullable Function<Voice, Optional<Voice>> voices) {
        this.queue = queue;
        this.family = family;
        this.voices = voices;
    }

    void knows(String otherFamily) {
        if (!otherFamily.equals(family)) {
            otherFamilies.add(otherFamily);
        }
    }

    /** Whether a spoken clip is one of the family that this worker speaks. */
    boolean speaks(Clip clip) {
        if (voices != null) {
            return isOf(family, clip);
        }
        return otherFamilies.stream().noneMatch(other -> isOf(other, clip)) && !isOfTheDefault(clip);
    }

    /** What its host forgot to name is not to be kept as OpenAI's audio for ever. */
    private boolean isOfTheDefault(Clip clip) {
        boolean is = !family.equals(SpeechSynthesizer.DEFAULT_FAMILY) && isOf(SpeechSynthesizer.DEFAULT_FAMILY, clip);
        if (is && !warned.getAndSet(true)) {
            log.warn(
                    "texts of the family \"{}\" are left to other workers, for the synthesizer of this one is of the"
                            + " family \"{}\"; if there are no others, say SpeechJobs.builder(queue).family(\"{}\") where"
                            + " they are submitted",
                    SpeechSynthesizer.DEFAULT_FAMILY,
                    family,
                    family);
        }
        return is;
    }

    private static boolean isOf(String family, Clip clip) {
        return ClipKey.of(family, clip.voice(), clip.text()).equals(clip.key());
    }

    /** No other is to be made in the clip's place from now on. */
    void leave(ClipKey key) {
        if (left.size() >= MOST_LEFT) {
            // Each may be tried once more.
            left.clear();
        }
        left.add(key);
    }

    /** What was claimed, each with what this worker makes in its place, if it does. */
    List<Lease> ready(List<Lease> claimed) {
        Map<Lease, Clip> others = new LinkedHashMap<>();
        for (Lease lease : claimed) {
            Clip clip = lease.clip();
            boolean mayReplace =
                    voices != null && lease.verdict() == null && clip.parts().isEmpty() && !speaks(clip);
            if (mayReplace && !left.contains(clip.key())) {
                other(clip).ifPresent(other -> others.put(lease, other));
            }
        }
        if (others.isEmpty()) {
            return claimed;
        }
        Map<ClipKey, Lease> ready = new LinkedHashMap<>();
        claimed.forEach(lease -> ready.put(lease.clip().key(), lease));
        queue.substitute(others).forEach(lease -> ready.put(lease.clip().key(), lease));
        return List.copyOf(ready.values());
    }

    private Optional<Clip> other(Clip clip) {
        try {
            return voices == null
                    ? Optional.empty()
                    : voices.apply(clip.voice())
                            .filter(voice -> voice.splitter().fits(clip.text()))
                            .map(voice -> Clip.spoken(family, voice, clip.text()));
        } catch (RuntimeException e) {
            log.warn(
                    "no voice could be chosen to stand in for {}: {}",
                    clip.voice().name(),
                    e.toString());
            return Optional.empty();
        }
    }
}
